"""How the client leaves: by itself at a time set before, in the background after an interrupt, and
at once where it must. By clocks that the test moves; test_client_success.py has what does not show.
"""

import contextlib
import json
import os
import pathlib
import re
import select
import signal
import tempfile
import unittest

from harness import Server
from moved_clock import MovedClock, is_there, worker_of
from odd_server import OddServer, sound_routes
from ours import BUILD, client
from programs import PATIENCE_S, Program

CLIENT = BUILD / "client" / "reunion-client"


def end(pid):
    """End a process in the background, and wait until it has ended."""
    process = os.pidfd_open(pid)
    os.kill(pid, signal.SIGTERM)
    wait_for_end(process)


def wait_for_end(process):
    """Until a process has ended, of which this is a descriptor; it is closed."""
    ended, _, _ = select.select([process], [], [], PATIENCE_S)
    os.close(process)
    assert ended, "a process does not end"


class Leaving(unittest.TestCase):
    def setUp(self):
        with contextlib.ExitStack() as open_here:
            folder = open_here.enter_context(tempfile.TemporaryDirectory())
            self.folder = pathlib.Path(folder)
            self.server = open_here.enter_context(Server())
            self.clock = open_here.enter_context(contextlib.closing(MovedClock(folder)))
            self.addCleanup(open_here.pop_all().close)

    def alice(self, *options, **how):
        return Program("Alice", [CLIENT, "--server", self.server.url, "--msg", "from Alice",
                                 "--passphrase", "jelly", *options], env=self.clock.env, **how)

    def bob(self, name="Bob", phrase="jelly"):
        return client(name, f"from {name}", phrase, 600, "--server", self.server.url)

    def assert_in_background(self, pid):
        """A process of its own: no terminal, nothing said, secrets in locked memory; and it is
        still there to be met."""
        process = pathlib.Path(f"/proc/{pid}")
        for stream in range(3):
            self.assertEqual(os.readlink(process / "fd" / str(stream)), "/dev/null")
        self.assertEqual(os.getsid(pid), pid)
        locked = re.search(r"VmLck:\s+(\d+) kB", (process / "status").read_text())
        self.assertGreater(int(locked[1]), 0)
        with self.bob("Carol") as carol:
            carol.wait_for_line("from Alice", "out")

    def background_pid(self, alice):
        line = alice.wait_for_line("goes on in the background for")
        return int(re.search(r"process (\d+) goes on", line.text)[1])

    def test_an_interrupt_after_a_message(self):
        for by_signal in (signal.SIGINT, signal.SIGHUP):
            with self.bob(), self.alice() as alice:
                alice.wait_for_line("from Bob", "out")
                alice.process.send_signal(by_signal)
                pid = self.background_pid(alice)
                self.assertEqual(alice.wait_for_end(), 0)
                self.assert_in_background(pid)
                end(pid)
            (self.folder / "clock").unlink()

    def test_the_last_word_about_a_server_that_lies(self):
        """It is waited for until the time is over, and called what it is."""
        with OddServer({}) as odd:
            odd.routes = {**sound_routes(odd),
                          "GET /v1/buckets/": (200, {"Reunion-Cursor": "c"}, b"nonsense")}
            with self.alice("--server", odd.url, "--json", "--duration", "1h") as alice:
                alice.wait_for_line(f'"away","server":"{odd.url}","reason":"nonsense"', "out")
                self.server.stop()
                alice.wait_for_line(f'"away","server":"{self.server.url}"', "out")
                self.clock.live(600)
                self.assertEqual(alice.wait_for_end(), 3, alice.transcript())
        ended = [json.loads(line.text) for line in alice.lines if '"ended"' in line.text]
        self.assertEqual({event["server"]: event["reason"] for event in ended},
                         {odd.url: "nonsense", self.server.url: "unreachable"})

    def test_a_second_interrupt_ends_it(self):
        with self.bob(), self.alice() as alice:
            alice.wait_for_line("from Bob", "out")
            worker = worker_of(alice.process.pid)
            alice.process.send_signal(signal.SIGINT)
            alice.wait_for_line("press Ctrl-C again to end it now")
            self.clock.advance(1)
            alice.process.send_signal(signal.SIGINT)
            self.assertEqual(alice.wait_for_end(), 0)
            self.assertFalse(is_there(worker))

    def test_before_a_message_it_ends_at_once(self):
        for by_signal in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
            with self.alice() as alice:
                alice.wait_for_line("waiting for others")
                worker = worker_of(alice.process.pid)
                self.assertEqual(alice.stop(by_signal), 130)
                self.assertFalse(is_there(worker))
            (self.folder / "clock").unlink()

    def test_killed_both_end(self):
        with self.alice() as alice:
            alice.wait_for_line("waiting for others")
            process = os.pidfd_open(worker_of(alice.process.pid))
            self.assertEqual(alice.stop(signal.SIGKILL), -signal.SIGKILL)
            wait_for_end(process)

    def test_a_worker_that_is_killed_is_told_of(self):
        with self.alice() as alice:
            alice.wait_for_line("waiting for others")
            os.kill(worker_of(alice.process.pid), signal.SIGKILL)
            self.assertEqual(alice.wait_for_end(), -signal.SIGKILL)

    def test_in_the_background_with_json(self):
        with self.bob(), self.alice("--background", "--json", "--expect", "1") as alice:
            self.assertEqual(alice.wait_for_end(), 0)
            told = [json.loads(line.text) for line in alice.lines if line.stream == "out"]
            self.assertEqual([event["event"] for event in told[-2:]], ["background", "end"])
            self.assertEqual([event["text"] for event in told if event["event"] == "message"],
                             ["from Bob"])
            staying, = [event["seconds"] for event in told if event["event"] == "staying"]
            self.assertIn(staying, range(600, 7201))
            self.assertIn(told[-2]["seconds"], range(1, staying + 1))
            self.assert_in_background(told[-2]["pid"])
            process = os.pidfd_open(told[-2]["pid"])
            self.clock.live(60)
            wait_for_end(process)

    def test_what_comes_in_the_background_is_told_by_the_next_run(self):
        state = ("--state", self.folder / "state")
        with self.bob(), self.alice("--background", *state) as alice:
            self.assertEqual(alice.wait_for_end(), 0)
            pid = self.background_pid(alice)
            with self.bob("Carol") as carol:
                carol.wait_for_line("from Alice", "out")
                end(pid)
                (self.folder / "clock").unlink()
                with self.alice(*state) as again:
                    again.wait_for_line("going on where the file of --state left off")
                    again.wait_for_line("from Carol", "out")
                    self.assertNotIn("from Bob", [line.text for line in again.lines])

    def test_at_its_end_it_answers_nobody_new(self):
        with self.alice("--duration", "600") as alice:
            link = alice.wait_for_line("waiting for others in bucket").text.split()[-1]
            self.assertFalse(self.clock.advance(545))
            with self.bob("Carol", "other") as carol:
                carol.wait_for_line("waiting for others")
                feed = self.server.get(f"/v1/buckets/{link}/feed?wait=20")
                while feed.body.count(b"\x02", 0, 1) + len(feed.body) < 2 * 289 + 97:
                    feed = self.server.get(f"/v1/buckets/{link}/feed?wait=20")
                self.clock.live(5)  # the time that Carol took counts, too
                alice.wait_for_end()
                t2s = self.server.get(f"/v1/buckets/{link}/t2").body
                self.assertEqual(len(t2s), 96, "Carol's T2 alone")

    def test_what_does_not_go_together(self):
        with self.alice("--background", "--no-linger", "--expect", "1") as alice:
            self.assertEqual(alice.wait_for_end(), 2)
            alice.wait_for_line("give only one of them")


if __name__ == "__main__":
    unittest.main(verbosity=2)
