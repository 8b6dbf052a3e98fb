"""Success does not show: whoever watches a client's connections cannot tell whether it met anybody.

A client is watched in many meetings, in which the other side knows the passphrase, or does not.
What it asks, in which order and sizes, must be the same each time; how long it takes to go on is
compared by permutation tests (lib/two_samples.py), which together raise a false alarm once in a
thousand runs. The control is the same client with a leak on purpose (lib/leak.c), which must be
found.
tests/unit/meet/test_alike.c compares the same by a clock that stands still, to the millisecond.
"""

import random
import re
import socket
import threading
import time
import unittest

import two_samples
from harness import Server
from ours import BUILD, client
from programs import PATIENCE_S, Program
from relay import Relay, Wire
from socks_server import kind_of

ROUNDS = 12  # of each kind
FALSE_ALARM = 1e-3
SEED = 0x5EED

REQUEST = re.compile(rb"(GET|POST) (/[^ ]*) HTTP/1\.1\r\n")
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
    """Alice, who is watched, comes to Bob, who has that passphrase. Gives: what was seen, up to
    what she does when both have had all answers and somebody else comes."""
    with Server() as server, Watcher(server) as watcher, \
            client("Bob", "from Bob", passphrase, 600, "--server", server.url) as bob:
        link = bob.wait_for_line("waiting for others; bucket").text.split()[-1]
        with Program("Alice", [
                BUILD / "client" / "reunion-client", "--server", watcher.url, "--msg",
                "from Alice", "--passphrase", "jelly", "--duration", 600], env=env) as alice:
            if passphrase == "jelly":
                alice.wait_for_line("from Bob", "out")
            cursor, answers = "", b""
            while answers.count(b"\x03") < 2 or kinds(answers).count(3) < 2:
                answer = server.get(f"/v1/buckets/{link}/feed?wait=20{cursor}")
                cursor = f"&after={answer.headers['Reunion-Cursor']}"
                answers += answer.body
            stranger = junk(chance)
            assert server.post("/v1/t1", stranger, bytes(32)).status in (200, 201)
            watcher.wait_for(lambda pieces: asks_after(pieces, stranger), "an end")
            return exchanges(list(watcher.pieces)), alice


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
                orders.setdefault(name, set()).add(tuple(
                    each[0] for each in seen if each[0] not in ("feed", "read")))
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
