"""Success does not show: whoever watches a client's connections cannot tell whether it met anybody.

A client is watched in many meetings, in which the other side knows the passphrase, or does not.
What it asks, in which order and sizes, must be the same each time; how long it takes to go on is
compared by permutation tests (lib/two_samples.py), which together raise a false alarm once in a
thousand runs. The control is the same client with a leak on purpose (lib/leak.c), which must be
found.
tests/unit/session/test_alike.c compares the same by a clock that stands still, to the millisecond.
"""

import concurrent.futures
import contextlib
import itertools
import random
import re
import socket
import tempfile
import threading
import time
import unittest

import two_samples
from harness import ClockServer, Server
from local_network import wait_until_waiting
from moved_clock import MovedClock
from ours import BUILD, client
from programs import PATIENCE_S, Program
from relay import Relay, Wire
from socks_server import kind_of

ROUNDS = 12  # of each kind
FALSE_ALARM = 1e-3
SEED = 0x5EED

REQUEST = re.compile(rb"(GET|POST) (/[^ ]*) HTTP/1\.1\r\n")
CLIENT = BUILD / "client" / "reunion-client"
ETHERNET = BUILD / "client" / "reunion-on-an-ethernet"
LEAK = BUILD / "tests" / "lib" / "libleak.so"


class Watcher:
    """Sees everything between one client and a server: (time, "sent" or "received", bytes)."""

    def __init__(self, server):
        self._server = server
        self._changed = threading.Condition()
        self.pieces = []
        self._relay = Relay(self._accept)

    def _accept(self, _):
        server = socket.create_connection((self._server.host, self._server.port))
        server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return Wire(server, lambda data: self._note("sent", data),
                    lambda data: self._note("received", data))

    def _note(self, way, data):
        with self._changed:
            self.pieces.append((time.monotonic(), way, data))
            self._changed.notify_all()

    def wait_for(self, condition, what):
        with self._changed:
            assert self._changed.wait_for(lambda: condition(self.pieces), PATIENCE_S), what

    def __enter__(self):
        self.url = f"http://127.0.0.1:{self._relay.start()}"
        return self

    def __exit__(self, *_):
        self._relay.stop()


def asks_after(pieces, record):
    """Whether something was sent after this record was received."""
    for at, (_, way, data) in enumerate(pieces):
        if way == "received" and record in data:
            return any(later[1] == "sent" for later in pieces[at + 1:])
    return False


def exchanges(pieces):
    """(kind of request, bytes sent, seconds from the last byte received to the first sent)."""
    found = []
    last_received = None
    for at, way, data in pieces:
        if way == "received":
            last_received = at
            continue
        request = REQUEST.match(data)
        if request:
            kind = kind_of((request[1].decode(), request[2].decode()))
            found.append([kind, len(data), at - last_received if last_received else 0])
        else:
            found[-1][1] += len(data)
    return found


def order(seen):
    """What was posted; a T1 counts once, as it is posted again when a better stamp was found."""
    posted = [each[0] for each in seen if each[0] not in ("feed", "read")]
    return tuple(kind for at, kind in enumerate(posted) if kind != "t1" or kind not in posted[:at])


def features(seen):
    """What could tell something, as numbers."""
    def gap(kind, which):
        """Before a request of that kind: the first or the last of them."""
        gaps = [each[2] for each in seen if each[0] == kind]
        return gaps[which]
    third = [each[0] for each in seen].index("t3")
    return {
        "requests": len(seen),
        "bytes": sum(each[1] for each in seen if each[0] != "feed"),
        "before t2": gap("t2", 0),
        "before t3": gap("t3", 0),
        "feeds after t3": sum(each[2] for each in seen[third + 1:]),
        "last feed": gap("feed", -1),
    }


def junk(chance):
    """A T1 that costs nothing but a look."""
    return chance.randbytes(32) + b"\xff" * 256


def watch_meeting(passphrase, chance, env=None):
    """Alice, who is watched, comes to Bob, who has that passphrase. Returns: what was seen, up to
    what she does when both have had all answers and somebody else comes."""
    with Server() as server, Watcher(server) as watcher, \
            client("Bob", "from Bob", passphrase, 600, "--server", server.url) as bob:
        link = bob.wait_for_line("waiting for others in bucket").text.split()[-1]
        with Program("Alice", [
                BUILD / "client" / "reunion-client", "--server", watcher.url, "--msg",
                "from Alice", "--passphrase", "jelly", "--duration", 600], env=env) as alice:
            if passphrase == "jelly":
                alice.wait_for_line("from Bob", "out")
            wait_for_t3s(server, link, 2)
            stranger = junk(chance)
            assert server.post("/v1/t1", stranger, bytes(32)).status in (200, 201)
            watcher.wait_for(lambda pieces: asks_after(pieces, stranger), "an end")
            return exchanges(list(watcher.pieces)), alice


def wait_for_t3s(server, link, count):
    """Until so many T3s stand in a bucket."""
    cursor, answers = "", b""
    while kinds(answers).count(3) < count:
        answer = server.get(f"/v1/buckets/{link}/feed?wait=20{cursor}")
        cursor = f"&after={answer.headers['Reunion-Cursor']}"
        answers += answer.body


def kinds(feed):
    """The kinds of the frames of a feed."""
    found = []
    while feed:
        found.append(feed[0])
        feed = feed[1 + {1: 288, 2: 96, 3: 96}[feed[0]]:]
    return found


class Success(unittest.TestCase):
    def test_nobody_can_tell(self):
        chance = random.Random(SEED)
        samples = {"met": {}, "not met": {}, "leaking": {}}
        orders = {}
        for _ in range(ROUNDS):
            plan = [("met", "jelly", None), ("not met", "donut", None),
                    ("leaking", "jelly", {"LD_PRELOAD": str(LEAK)})]
            chance.shuffle(plan)
            for name, passphrase, env in plan:
                seen, _ = watch_meeting(passphrase, chance, env)
                orders.setdefault(name, set()).add(order(seen))
                for feature, value in features(seen).items():
                    samples[name].setdefault(feature, []).append(value)
        self.assertEqual(orders["met"], orders["not met"])
        for name, sample in samples.items():
            print(name, {feature: [round(value, 4) for value in sorted(values)]
                         for feature, values in sample.items()})
        leak = two_samples.suspicions(samples["leaking"], samples["not met"], FALSE_ALARM,
                                      SEED)
        self.assertNotEqual(leak, [], "the leak on purpose was not found")
        self.assertEqual(two_samples.suspicions(samples["met"], samples["not met"], FALSE_ALARM,
                                                SEED), [])


LIVES = 8  # of each kind in each setting
STEP_S = 20  # lives are measured in these
GIVEN_AT_S = 120  # when a server that withholds T3s gives them away after all


class Gate:
    """A way to a server that holds back T3s until it is opened."""

    def __init__(self, server):
        self._server, self._open = server, threading.Event()
        self._relay = Relay(self._accept)

    def _accept(self, _):
        return Wire(socket.create_connection((self._server.host, self._server.port)), self._pass)

    def _pass(self, data):
        if data.startswith(b"POST ") and b"/t3 HTTP" in data:
            self._open.wait(PATIENCE_S)

    def open(self):
        self._open.set()

    def __enter__(self):
        self.url = f"http://127.0.0.1:{self._relay.start()}"
        return self

    def __exit__(self, *_):
        self.open()
        self._relay.stop()


def life_at_server(options, phrase, leak=False):
    """How long a client that knows "jelly" lives, having come to Bob with this phrase."""
    with tempfile.TemporaryDirectory() as folder, ClockServer() as server, \
            client("Bob", "from Bob", phrase, 600, "--server", server.url) as bob:
        link = bob.wait_for_line("waiting for others in bucket").text.split()[-1]
        clock = MovedClock(folder, leak)
        with contextlib.closing(clock), Program("Alice", [
                CLIENT, "--server", server.url, "--msg", "from Alice", "--passphrase", "jelly",
                *options], env=clock.env) as alice:
            wait_for_t3s(server, link, 2)
            if phrase == "jelly":
                alice.wait_for_line("from Bob", "out")
            if phrase == "jelly" and not {"--background", "--no-linger"}.isdisjoint(options):
                assert alice.wait_for_end() == 0, alice.transcript()
            if "--no-linger" not in options:
                server.wait_for_waiting(2)
            lived_s = clock.live(STEP_S)
            # By a clock that jumps an answer takes all too long: 3 is as good as 1.
            code = alice.wait_for_end()
            assert code in ((0,) if phrase == "jelly" else (1, 3)), (code, alice.transcript())
            return lived_s


def life_with_withheld_t3s(phrase, given):
    """The same at a server that gives Bob's T3 to her alone, at a time of its own, or never."""
    with tempfile.TemporaryDirectory() as folder, Server() as server, Gate(server) as gate, \
            client("Bob", "from Bob", phrase, 600, "--server", gate.url) as bob:
        link = bob.wait_for_line("waiting for others in bucket").text.split()[-1]
        clock = MovedClock(folder)
        with contextlib.closing(clock), Program("Alice", [
                CLIENT, "--server", server.url, "--msg", "from Alice", "--passphrase", "jelly",
                "--expect", "1"], env=clock.env) as alice:
            wait_for_t3s(server, link, 1)
            clock.advance(GIVEN_AT_S)
            if given:
                gate.open()
                wait_for_t3s(server, link, 2)
            if given and phrase == "jelly":
                alice.wait_for_line("from Bob", "out")
            return clock.live(STEP_S)


def life_on_a_network(options, phrase, port):
    """The same on a local network, each pair in a group of its own."""
    def member(name, phrase, *options, env=None):
        return Program(name, [ETHERNET, "--port", port, "--message", f"from {name}", "--passphrase",
                              phrase, *options], env=env)
    with tempfile.TemporaryDirectory() as folder, \
            member("Bob", phrase, "--reveal-all", "--timeout", 600, "--json") as bob:
        wait_until_waiting(bob)
        clock = MovedClock(folder)
        with contextlib.closing(clock), member("Alice", "jelly", *options, env=clock.env) as alice:
            bob.wait_for_line('"answered":1')
            if phrase == "jelly":
                alice.wait_for_line("from Bob", "out")
            return clock.live(STEP_S)


class Lives(unittest.TestCase):
    """When a program leaves does not tell whether it has met anybody. Whole lives are watched, by
    clocks that the test moves (lib/moved_clock.py); each comparison raises a false alarm once in a
    thousand runs."""

    def lives(self, **kinds_of_life):
        """{kind: [seconds]}, all drawn side by side."""
        chance = random.Random(SEED)
        plan = [(kind, life) for kind, life in kinds_of_life.items() for _ in range(LIVES)]
        chance.shuffle(plan)
        seen = {kind: [] for kind in kinds_of_life}
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for kind, lived_s in zip((kind for kind, _ in plan),
                                     pool.map(lambda entry: entry[1](), plan)):
                seen[kind].append(lived_s)
        for kind, seconds in seen.items():
            print(self.id().rpartition(".")[2], kind, sorted(seconds))
        return seen

    def suspicions(self, a, b):
        return two_samples.suspicions({"life": a}, {"life": b}, FALSE_ALARM, SEED)

    def assert_alike(self, *options):
        seen = self.lives(met=lambda: life_at_server(options, "jelly"),
                          alone=lambda: life_at_server(options, "donut"))
        self.assertEqual(self.suspicions(seen["met"], seen["alone"]), [])

    def test_with_expect(self):
        self.assert_alike("--expect", "1")

    def test_without(self):
        self.assert_alike()

    def test_in_the_background(self):
        self.assert_alike("--background")

    def test_a_time_that_was_chosen(self):
        chosen = ("--expect", "1", "--duration", "900")
        seen = self.lives(met=lambda: life_at_server(chosen, "jelly"),
                          alone=lambda: life_at_server(chosen, "donut"))
        self.assertEqual(set(seen["met"] + seen["alone"]), {900})

    def test_a_server_that_gives_one_t3_at_a_time(self):
        seen = self.lives(met=lambda: life_with_withheld_t3s("jelly", True),
                          alone=lambda: life_with_withheld_t3s("donut", True),
                          withheld=lambda: life_with_withheld_t3s("jelly", False))
        self.assertEqual(self.suspicions(seen["met"], seen["alone"]), [])
        self.assertEqual(self.suspicions(seen["met"], seen["withheld"]), [])

    def test_on_a_local_network(self):
        ports = itertools.count(20000)
        seen = self.lives(met=lambda: life_on_a_network((), "jelly", next(ports)),
                          alone=lambda: life_on_a_network((), "donut", next(ports)))
        self.assertEqual(set(seen["met"] + seen["alone"]), {60})

    def test_leaks_on_purpose_are_found(self):
        """One that leaves earlier when it has met, and --no-linger, of which this is what it is."""
        seen = self.lives(leaking=lambda: life_at_server((), "jelly", leak=True),
                          at_once=lambda: life_at_server(
                              ("--expect", "1", "--no-linger", "--duration", "900"), "jelly"),
                          alone=lambda: life_at_server((), "donut"))
        self.assertNotEqual(self.suspicions(seen["leaking"], seen["alone"]), [])
        self.assertNotEqual(self.suspicions(seen["at_once"], seen["alone"]), [])


class TwoSamples(unittest.TestCase):
    """The tests that tell samples apart do so, and raise no more false alarms than they say."""

    def test_what_differs_is_found(self):
        chance = random.Random(SEED)
        a = [chance.random() for _ in range(ROUNDS)]
        self.assertLess(two_samples.p_value(a, [each + 1 for each in a],
                                            two_samples.mean_difference, SEED), 1e-3)
        wide = [10 * (each - 0.5) for each in a]
        narrow = [each - 0.5 for each in a]
        self.assertLess(two_samples.p_value(wide * 3, narrow * 3,
                                            two_samples.kolmogorov_smirnov, SEED), 1e-3)

    def test_what_does_not_differ_is_not(self):
        chance = random.Random(SEED)
        ps = [two_samples.p_value([chance.random() for _ in range(6)],
                                  [chance.random() for _ in range(6)], statistic, SEED)
              for statistic in (two_samples.mean_difference, two_samples.kolmogorov_smirnov)
              for _ in range(10)]
        self.assertGreater(min(ps), 1e-3)
        self.assertGreater(sum(p > 0.3 for p in ps), 4)


if __name__ == "__main__":
    unittest.main(verbosity=2)
