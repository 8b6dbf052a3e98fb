"""Who comes twice with the same message, and who is somebody else."""

import json
import pathlib
import tempfile
import unittest

from harness import Server
from ours import BUILD
from programs import Program

CLIENT, ETHERNET = (BUILD / "client" / name
                    for name in ("reunion-client", "reunion-on-an-ethernet"))
GOOD = "nine green bottles under the sink"


class TheSamePersonAgain(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def come(self, name, server, message, *options):
        return Program(name, [CLIENT, "--server", server.url, "--duration", "600", "--passphrase",
                              GOOD, "--msg", message, *options])

    def test_who_comes_twice_is_nobody_else(self):
        with Server() as server:
            with self.come("Alice", server, "from Alice") as alice, \
                    self.come("Alice again", server, "from Alice") as again:
                for program in (alice, again):
                    program.wait_for_line("waiting for others")
                for options, says in (((), "again, probably from the same person"),
                                      (("--json",), '"event":"again"')):
                    with self.come("Bob", server, "from Bob", "--expect", "1", *options) as bob:
                        bob.wait_for_line(says)
                        self.assertEqual(bob.stop(), 0)
                        self.assertNotIn("SOMEBODY ELSE", bob.transcript())
                        self.assertNotIn("exceeded", bob.transcript())
                        told = [line.text for line in bob.lines if line.stream == "out"]
                        self.assertEqual(len([line for line in told if "from Alice" in line]),
                                         2 if options else 1, told)

    def test_a_second_run_of_one_s_own_is_nobody_else(self):
        """With nobody else it counts, as two people may send the same."""
        with Server() as server, \
                self.come("Bob", server, "from Bob", "--expect", "1") as bob, \
                self.come("Bob again", server, "from Bob", "--expect", "1") as again:
            for one in (bob, again):
                one.wait_for_line("the message that you send yourself")
            with self.come("Alice", server, "from Alice") as alice:
                alice.wait_for_line("from Bob", "out")
                for one in (bob, again):
                    one.wait_for_line("from Alice", "out")
                    self.assertEqual(one.stop(), 0, one.transcript())
                    self.assertNotIn("SOMEBODY ELSE", one.transcript())

    def test_nobody_meets_themselves_at_two_names_of_a_server(self):
        with Server() as server:
            port = server.url.rsplit(":", 1)[1]
            for other in (server.url + "/", server.url.upper().replace("HTTP", "http"),
                          f"HTTP://localhost:{port}", server.url):
                with self.come("Alice", server, "from Alice", "--server", other) as alice:
                    self.assertEqual(alice.wait_for_end(), 2, alice.transcript())
                    self.assertRegex(alice.transcript(), "the same server|named twice")

    def test_somebody_else_is(self):
        with Server() as server, self.come("Alice", server, "from Alice") as alice, \
                self.come("Eve", server, "from Eve") as eve:
            for program in (alice, eve):
                program.wait_for_line("waiting for others")
            with self.come("Bob", server, "from Bob", "--expect", "1") as bob:
                bob.wait_for_line("SOMEBODY ELSE KNOWS")

    def test_a_state_that_has_all_needs_no_server(self):
        state = self.folder / "state"
        options = ("--expect", "1", "--no-linger", "--state", state)
        with Server() as server:
            with self.come("Alice", server, "from Alice") as alice, \
                    self.come("Bob", server, "from Bob", *options) as bob:
                self.assertEqual(bob.wait_for_end(), 0)
                alice.wait_for_line("from Bob", "out")
        for more in ((), ("--json",)):
            with self.come("Bob", server, "from Bob", *options, *more) as bob:
                self.assertEqual(bob.wait_for_end(), 0, bob.transcript())
                bob.wait_for_line("from Alice", "out")

    def test_who_comes_twice_on_a_local_network_is_nobody_else(self):
        """The same text comes with each session there, so it is told once and counts once."""
        def come(name, message, *options):
            return Program(name, [ETHERNET, "--timeout", "600", "--message", message,
                                  "--passphrase", GOOD, *options])
        with come("Alice", "from Alice", "--reveal-all") as alice, \
                come("Alice again", "from Alice", "--reveal-all") as again, \
                come("Bob", "from Bob", "--expect", "1", "--json") as bob:
            for program in (alice, again):
                program.wait_for_line("from Bob", "out")
            bob.wait_for_line('"answered":2', "out")
            self.assertEqual(bob.stop(), 0)
            told = [json.loads(line.text)["event"] for line in bob.lines if line.stream == "out"]
            self.assertEqual([told.count(each) for each in ("message", "again", "exceeded")],
                             [1, 0, 0])

    def test_on_a_local_network(self):
        state = self.folder / "state"

        def come(name, message, *options):
            return Program(name, [ETHERNET, "--timeout", "600", "--message", message,
                                  "--passphrase", GOOD, *options])
        options = ("--expect", "1", "--no-linger", "--state", state)
        with come("Alice", "from Alice", "--reveal-all"), \
                come("Bob", "from Bob", *options) as bob:
            self.assertEqual(bob.wait_for_end(), 0)
        with come("Bob", "from Bob", *options) as bob:
            self.assertEqual(bob.wait_for_end(), 0, bob.transcript())
            bob.wait_for_line("from Alice", "out")


if __name__ == "__main__":
    unittest.main(verbosity=2)
