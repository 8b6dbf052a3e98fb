"""Clients that meet at a real server, which is killed, emptied and aged meanwhile."""

import signal
import unittest

from harness import ClockServer, Server
from ours import BUILD, client, revealed
from programs import Program

# In a network namespace of its own, so that a server can come back to the same port.
LISTEN = ("--listen", "127.0.0.1:5000")
LIFETIME_S = 24 * 60 * 60


def alice(*options, passphrase="jelly", message="from Alice"):
    return client("Alice", message, passphrase, 600, *options)


def bob(*options, passphrase="jelly", message="from Bob"):
    return client("Bob", message, passphrase, 600, *options)


def placed(program):
    """The link of the bucket a client is in."""
    return program.wait_for_line("waiting for others in bucket").text.split()[-1]


class Case(unittest.TestCase):
    def assert_met(self, a, b):
        a.wait_for_line("from Bob", "out")
        b.wait_for_line("from Alice", "out")
        self.assertEqual(revealed(a.lines), ["from Bob"])
        self.assertEqual(revealed(b.lines), ["from Alice"])
        self.assertEqual(a.stop(signal.SIGTERM), 0)
        self.assertEqual(b.stop(signal.SIGTERM), 0)


class Meetings(Case):
    def test_two_meet(self):
        with Server(*LISTEN), alice() as a, bob() as b:
            self.assert_met(a, b)

    def test_strangers_do_not(self):
        with Server(*LISTEN), alice() as a, bob(passphrase="donut") as b, \
                client("Carol", "from Carol", "jelly", 600) as c:
            a.wait_for_line("from Carol", "out")
            c.wait_for_line("from Alice", "out")
            placed(b)
            self.assertEqual(revealed(a.lines), ["from Carol"])
            self.assertEqual(b.stop(signal.SIGINT), 130)

    def test_what_could_harm_a_terminal_does_not_reach_it(self):
        harmful = "\x1b]0;owned\x07\nsecond line\u202e"
        with Server(*LISTEN), alice() as a, bob(message=harmful) as b:
            b.wait_for_line("from Alice", "out")
            line = a.wait_for_line("escaped:", "out").text
            self.assertEqual(line, "escaped:\\x1b]0;owned\\x07\\x0asecond line\\u{202e}")

    def test_a_standard_output_that_takes_no_more_is_noticed(self):
        with Server(*LISTEN), bob(), Program("Alice", [
                "sh", "-c", 'exec "$0" "$@" > /dev/full', BUILD / "client" / "reunion-client",
                "--msg", "from Alice", "--passphrase", "jelly"]) as a:
            self.assertEqual(a.wait_for_end(), 5, a.transcript())


class Troubles(Case):
    def test_a_server_killed_and_started_again(self):
        with Server(*LISTEN) as server, alice() as a:
            placed(a)
            server.kill()
            a.wait_for_line("does not answer")
            server.start()
            a.wait_for_line("the server is back")
            with bob() as b:
                self.assert_met(a, b)
                self.assertEqual(sum("waiting for others" in line.text for line in a.lines), 1)

    def test_a_server_that_comes_back_empty(self):
        with Server(*LISTEN) as server, alice() as a:
            link = placed(a)
            server.kill()
            for path in server.directory.glob("reunion.db*"):
                path.unlink()
            server.start()
            a.wait_for_line("has lost our record")
            a.wait_for(
                "another place",
                lambda lines: sum("waiting for others" in line.text for line in lines) == 2)
            self.assertNotEqual(
                [line.text for line in a.lines if "waiting for others" in line.text][-1], link)
            with bob() as b:
                self.assert_met(a, b)

    def test_a_server_that_comes_back_empty_after_they_met(self):
        """They meet again, and nobody is told so."""
        with Server(*LISTEN) as server, alice() as a, bob() as b:
            a.wait_for_line("from Bob", "out")
            b.wait_for_line("from Alice", "out")
            server.kill()
            for path in server.directory.glob("reunion.db*"):
                path.unlink()
            server.start()
            for program in (a, b):
                program.wait_for(
                    "another place",
                    lambda lines: sum("waiting for others" in line.text for line in lines) == 2)
            with client("Carol", "from Carol", "jelly", 600) as c:
                c.wait_for_line("from Alice", "out")
                c.wait_for_line("from Bob", "out")
                a.wait_for_line("from Carol", "out")
                b.wait_for_line("from Carol", "out")
                self.assertEqual(revealed(a.lines), ["from Bob", "from Carol"])
                self.assertEqual(revealed(b.lines), ["from Alice", "from Carol"])

    def test_a_bucket_that_ends(self):
        """Both begin again in a new one; what was shown before is not shown again."""
        with ClockServer(*LISTEN) as server, alice() as a, bob() as b:
            a.wait_for_line("from Bob", "out")
            b.wait_for_line("from Alice", "out")
            server.advance(LIFETIME_S + 1)
            server.step_wall(-LIFETIME_S - 1)
            for program in (a, b):
                program.wait_for_line("our bucket has expired")
                program.wait_for(
                    "another place",
                    lambda lines: sum("waiting for others" in line.text for line in lines) == 2)
            with client("Carol", "from Carol", "jelly", 600) as c:
                c.wait_for_line("from Alice", "out")
                c.wait_for_line("from Bob", "out")
                a.wait_for_line("from Carol", "out")
                b.wait_for_line("from Carol", "out")
                self.assertEqual(revealed(a.lines), ["from Bob", "from Carol"])
                self.assertEqual(revealed(b.lines), ["from Alice", "from Carol"])


class NamedBuckets(Case):
    def test_a_link_that_is_passed_on(self):
        with Server(*LISTEN), alice() as a, bob("--bucket", placed(a)) as b:
            self.assertEqual(placed(b), placed(a))
            self.assert_met(a, b)

    def test_a_bucket_that_is_full(self):
        """Filled up with what is no T1 at all, which costs the two nothing but a look."""
        with Server(*LISTEN) as server, alice() as a:
            link = placed(a)
            for i in range(63):
                junk = bytes([i]) + b"\xff" * 287
                self.assertIn(server.post(f"/v1/t1?bucket={link}", junk, bytes(32)).status,
                              (200, 201))
            with bob("--bucket", link) as b:
                b.wait_for_line("takes no more people")
                self.assertNotEqual(placed(b), link)
                self.assert_met(a, b)

    def test_several_buckets_full_of_junk(self):
        """Between the two, and with nobody telling a link: each looks through all."""
        with Server(*LISTEN) as server, alice("--max-peers", "300") as a:
            placed(a)
            for i in range(150):
                junk = bytes([i]) + b"\xff" * 287
                self.assertEqual(server.post("/v1/t1", junk, bytes(32)).status, 201)
            with bob("--max-peers", "300") as b:
                self.assertNotEqual(placed(b), placed(a))
                self.assert_met(a, b)

    def test_a_bucket_that_is_not_there(self):
        with Server(*LISTEN), alice("--bucket", "ab" * 32) as a:
            self.assertEqual(a.wait_for_end(), 4)
            a.wait_for_line("no bucket with that link")


if __name__ == "__main__":
    unittest.main(verbosity=2)
