"""What a program that starts the client can rely on: events, exit codes, and an end when asked."""

import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess
import time
import unittest

from harness import Server
from manual_page import assert_good_roff
from odd_server import OddServer, posted, sound_routes
from ours import BUILD, SOURCE, client
from programs import Program

CLIENT = BUILD / "client" / "reunion-client"
MANUAL = SOURCE / "client" / "installed" / "reunion-client.1"


def come(url, name, *options, message=None, passphrase="jelly", env=None):
    return Program(name, [CLIENT, "--server", url, "--msg", message or f"from {name}",
                          "--passphrase", passphrase, *options], env=env)


def events(program):
    """All of standard output, read as events."""
    return [json.loads(line.text) for line in program.lines if line.stream == "out"]


def wait_for_event(program, name):
    line = program.wait_for_line(f'"event":"{name}"', "out")
    return json.loads(line.text)


class Events(unittest.TestCase):
    def test_a_meeting(self):
        with Server() as server, come(server.url, "Bob"), \
                come(server.url, "Alice", "--json", "--expect", "1", "--no-linger") as alice:
            self.assertEqual(alice.wait_for_end(), 0)
            told = events(alice)
            self.assertEqual([event["v"] for event in told], [1] * len(told))
            names = [event["event"] for event in told]
            self.assertEqual(names[0], "start")
            self.assertIn("waiting", names)
            self.assertIn("progress", names)
            self.assertEqual({event.get("server", server.url) for event in told}, {server.url})
            self.assertIn("server", next(e for e in told if e["event"] == "waiting"))
            message, = [event for event in told if event["event"] == "message"]
            self.assertEqual(message["text"], "from Bob")
            self.assertEqual({key: told[-1][key] for key in ("event", "outcome", "code",
                                                            "messages")},
                             {"event": "end", "outcome": "met", "code": 0, "messages": 1})
            self.assertRegex(next(e for e in told if e["event"] == "waiting")["bucket"],
                             "^[0-9a-f]{64}$")

    def test_messages_are_what_was_sent(self):
        odd = "\x1b[31m \"quoted\" \\ \u202e \U0001f369\nsecond line"
        with Server() as server, come(server.url, "Bob", message=odd), \
                come(server.url, "Alice", "--json") as alice:
            self.assertEqual(wait_for_event(alice, "message")["text"], odd)

    def test_a_server_that_fails_and_comes_back(self):
        with OddServer({}) as odd:
            odd.routes = {**sound_routes(odd), "GET /v1/buckets/": (503, {}, b"")}
            with come(odd.url, "Alice", "--json") as alice:
                self.assertEqual(wait_for_event(alice, "away")["reason"], "busy")
                odd.routes["GET /v1/buckets/"] = (200, {"Reunion-Cursor": "c"}, b"")
                wait_for_event(alice, "back")

    def test_the_manual_page_is_good_roff(self):
        text = assert_good_roff(self, MANUAL)
        for part in ("--passphrase-file FILE", "EXIT STATUS", "exceeded", "Also with check."):
            self.assertIn(part, text)

    def test_every_reason_is_in_the_manual_page(self):
        """And each that a refusal can have, there: those of buckets, and of what was asked."""
        page = MANUAL.read_text().replace("\\-", "-")
        section = page[page.index(".SH EVENTS"):page.index(".SH LEAVING")]
        refused = section[section.index(".B refused\nThe end:"):section.index(".B ended")]
        code = {name: (SOURCE / "client" / "cli" / name).read_text()
                for name in ("bounds.c", "reason.c")}
        buckets = set(re.findall(r'BUCKET_[A-Z_]+\] = "([a-z]+-[a-z-]+)"', code["bounds.c"]))
        reasons = set(re.findall(r'return "([a-z-]+)"', code["reason.c"]))
        self.assertGreaterEqual((len(buckets), len(reasons)), (7, 6))
        self.assertEqual({word for word in buckets | reasons if word not in section}, set())
        # Of a server that is away nobody says that it refused.
        wanted = buckets | reasons - {"unreachable", "busy"}
        self.assertEqual({word for word in wanted if word not in refused}, set())

    def test_every_event_is_in_the_manual_page(self):
        page = MANUAL.read_text()
        section = page[page.index(".SH EVENTS"):page.index(".SH ENVIRONMENT")]
        described = {name.replace("\\-", "-") for name in
                     re.findall(r"^\.B ([a-z\\-]+)$", section, re.MULTILINE)}
        text = "".join((SOURCE / "client" / name).read_text()
                       for name in ("run/events.c", "rendezvous/findings.c",
                                    "cli/show_generated.c"))
        written = set(re.findall(r'json_line_open\(&line, "([a-z-]+)"\)', text))
        written |= set(re.findall(r'\[SESSION_[A-Z_]+\] = "([a-z-]+)"', text))
        self.assertGreater(len(written), 12)
        self.assertEqual(written - described, set())


class ExitCodes(unittest.TestCase):
    def assert_ends(self, program, code, outcome):
        self.assertEqual(program.wait_for_end(), code, program.transcript())
        last = events(program)[-1]
        self.assertEqual((last["event"], last["outcome"], last["code"]), ("end", outcome, code))

    def test_nobody_came(self):
        with Server() as server, come(server.url, "Alice", "--json", "--duration", "1") as alice:
            self.assert_ends(alice, 1, "alone")

    def test_fewer_came_than_expected(self):
        with Server() as server, come(server.url, "Bob"), \
                come(server.url, "Alice", "--json", "--expect", "2") as alice:
            wait_for_event(alice, "message")
            alice.process.send_signal(signal.SIGTERM)
            self.assert_ends(alice, 130, "interrupted")

    def test_bad_usage(self):
        done = subprocess.run([CLIENT, "--json", "--msg", "x" * 97, "--passphrase", "x"],
                              stdin=subprocess.DEVNULL, capture_output=True, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertEqual(json.loads(done.stdout.splitlines()[-1])["outcome"], "usage")
        done = subprocess.run([CLIENT, "--json", "--no-such-option"], stdin=subprocess.DEVNULL,
                              capture_output=True, check=False)
        self.assertEqual((done.returncode, done.stdout), (2, b""))

    def test_the_server_is_out_of_reach(self):
        with come("http://127.0.0.1:1", "Alice", "--json", "--duration", "1") as alice:
            self.assert_ends(alice, 3, "unreachable")
            self.assertEqual(wait_for_event(alice, "away")["reason"], "unreachable")

    def test_the_server_refuses(self):
        with OddServer({}) as odd:
            odd.routes = {**sound_routes(odd), "POST /v1/t1": posted(created=1)}
            with come(odd.url, "Alice", "--json") as alice:
                self.assert_ends(alice, 4, "refused")
                self.assertEqual(wait_for_event(alice, "refused")["reason"], "bucket-old")

    def test_standard_output_takes_no_more(self):
        done = subprocess.run(["sh", "-c", 'exec "$0" "$@" > /dev/full', CLIENT, "--json", "--msg",
                               "x", "--passphrase", "x"], stdin=subprocess.DEVNULL,
                              capture_output=True, check=False)
        self.assertEqual(done.returncode, 5)

    def test_more_came_than_expected(self):
        """Expecting one, with two who know the passphrase."""
        with Server() as server, come(server.url, "Alice", "--expect", "1") as alice, \
                come(server.url, "Carol", "--expect", "1", "--json") as carol:
            alice.wait_for_line("from Carol", "out")
            alice.wait_for_line("all expected messages")
            wait_for_event(carol, "lingering")
            with come(server.url, "Eve"):
                alice.wait_for_line("SOMEBODY ELSE KNOWS THE PASSPHRASE", "err")
                alice.process.send_signal(signal.SIGTERM)
                self.assertEqual(alice.wait_for_end(), 6)
                exceeded = wait_for_event(carol, "exceeded")
                self.assertEqual((exceeded["expected"], exceeded["messages"]), (1, 2))
                carol.process.send_signal(signal.SIGTERM)
                self.assert_ends(carol, 6, "exceeded")


class Expecting(unittest.TestCase):
    def test_both_end_by_themselves_and_neither_misses_the_other(self):
        """Whoever ends first has left all that the other needs."""
        for _ in range(3):
            with Server() as server, \
                    come(server.url, "Alice", "--expect", "1", "--no-linger") as alice, \
                    come(server.url, "Bob", "--expect", "1", "--no-linger") as bob:
                for program, other in ((alice, "Bob"), (bob, "Alice")):
                    self.assertEqual(program.wait_for_end(), 0, program.transcript())
                    self.assertEqual([line.text for line in program.lines if line.stream == "out"],
                                     [f"from {other}"])

    def test_it_lingers(self):
        with Server() as server, come(server.url, "Bob"), \
                come(server.url, "Alice", "--expect", "1") as alice:
            drawn = alice.wait_for_line("drawn at random").text
            stays = alice.wait_for_line("all expected messages have come; staying").text
            drawn_min = int(re.search(r"staying for (\d+) min", drawn).group(1))
            left_s = int(re.search(r"staying (\d+) seconds", stays).group(1))
            self.assertIn(drawn_min, range(10, 121))
            self.assertIn(left_s, range(drawn_min * 60 - 300, drawn_min * 60 + 1))
            self.assertIsNone(alice.process.poll())
            self.assertEqual(alice.stop(signal.SIGTERM), 0)


class Interrupts(unittest.TestCase):
    OTHERS = 8

    def test_a_long_computation_is_left_at_once(self):
        """Compared with what the computation would still have taken, at the speed seen."""
        with Server() as server, contextlib.ExitStack() as others:
            for i in range(self.OTHERS):
                other = others.enter_context(client(f"other {i}", "x", f"phrase {i}", 600,
                                                    "--server", server.url, "--jobs", "1"))
                other.wait_for_line("waiting for others")
            others.close()
            with come(server.url, "Alice", "--json", "--jobs", "1",
                      env={"REUNION_CTIDH": "portable"}) as alice:
                def worked(count):
                    return alice.wait_for(f"{count} worked through", lambda lines: next(
                        (line for line in lines if f'"worked":{count},' in line.text), None))
                each_s = worked(2).at_s - worked(1).at_s
                asked_s = time.monotonic()
                self.assertEqual(alice.stop(signal.SIGINT), 130)
                took_s = time.monotonic() - asked_s
                rest_s = (self.OTHERS - 2) * each_s
                print(f"left {took_s:.2f} s after the signal, with {rest_s:.2f} s of work to do")
                self.assertLess(took_s, rest_s / 2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
