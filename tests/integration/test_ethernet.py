"""reunion-on-an-ethernet as its users see it: words in, events out, interfaces that come and go."""

import os
import pathlib
import signal
import subprocess
import tempfile
import unittest

from local_network import (PROGRAM, events, hosts, local_network, wait_until_waiting, wire)
from manual_page import assert_good_roff
from ours import SOURCE
from programs import Program

MANUAL = SOURCE / "client" / "installed" / "reunion-on-an-ethernet.1"
LONG = "10 \N{DOUGHNUT}" * 100


def complaint(*options):
    """What is said of a command line that will not do."""
    done = subprocess.run([PROGRAM, "--passphrase", "jelly", *options], capture_output=True,
                          text=True, check=False, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


def come(name, message, *options):
    """A program on this host, which stays for as long as it takes to meet."""
    ends = [] if {"--reveal-all", "--expect"} & set(options) else ["--no-linger"]
    return Program(name, [PROGRAM, "--timeout", "600", "--message", message, "--passphrase",
                          "jelly", *ends, *options])


class CommandLine(unittest.TestCase):
    def test_what_will_not_do_is_said(self):
        for options, part in [
                (("--message", "a", "--interval", "0"), "--interval needs TIME"),
                (("--message", "a", "-I", "x"), "--interval needs TIME"),
                (("--message", "a", "--multicast-group", "10.0.0.1"), "it wants an address"),
                (("--message", "a", "--multicast-port", "65536"), "--port needs N"),
                (("--message", "a", "--bind-addr", "somewhere"), "it wants an address"),
                (("--message", "a", "--expect", "2", "--reveal-once"), "give only one of"),
                (("--message", "a" * 830), "the message has 830 bytes, 1 more than the 829"),
                (("--message", "a", "-t"), "--timeout needs TIME")]:
            code, out, err = complaint(*options)
            self.assertEqual((code, out), (2, ""), options)
            self.assertIn(part, err)

    def test_the_manual_is_good(self):
        page = assert_good_roff(self, MANUAL)
        for part in ("--interval TIME", "224.3.29.71", "9005", "interrupted"):
            self.assertIn(part, page)

    def test_help_has_the_defaults(self):
        shown = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, check=True)
        for part in ("-I, --interval TIME", "-t, --timeout TIME", "--bind-addr ADDRESS",
                     "--port N, --multicast-port N", "--reveal-once"):
            self.assertIn(part, shown.stdout)


class OneHost(unittest.TestCase):
    """Two programs on one machine meet by its loopback interface."""

    def test_a_long_message_and_the_events(self):
        with come("a", LONG, "--json") as a, come("b", "b") as b:
            self.assertEqual((a.wait_for_end(), b.wait_for_end()), (0, 0))
            self.assertEqual([line.text for line in b.lines if line.stream == "out"], [LONG])
            told = events(a)
            names = [event["event"] for event in told]
            self.assertEqual(names[:3], ["start", "doubt", "session"])
            message, = [event for event in told if event["event"] == "message"]
            self.assertEqual((message["text"], message["number"]), ("b", 1))
            end = told[-1]
            self.assertEqual((end["event"], end["outcome"], end["code"], end["messages"]),
                             ("end", "met", 0, 1))
            self.assertGreaterEqual(end["others"], 1)

    def test_nobody_comes(self):
        with come("a", "a", "-t", "1") as a:
            self.assertEqual(a.wait_for_end(), 1)
        with come("a", "a") as a:
            wait_until_waiting(a)
            self.assertEqual(a.stop(signal.SIGINT), 130)

    def test_more_than_expected_is_an_alarm(self):
        with come("b", "b", "--reveal-all") as b, come("c", "c", "--reveal-all") as c:
            wait_until_waiting(b)
            wait_until_waiting(c)
            with come("a", "a", "--expect", "1") as a:
                a.wait_for_line("SOMEBODY ELSE KNOWS THE PASSPHRASE")
                b.wait_for_line("a", "out")
                c.wait_for_line("a", "out")
                self.assertEqual(a.stop(), 6)
            self.assertEqual((b.stop(), c.stop()), (0, 0))

    def test_a_run_that_goes_on_tells_nothing_twice(self):
        with tempfile.TemporaryDirectory() as folder:
            state = pathlib.Path(folder) / "state"
            kept = ("a", "--reveal-all", "--state", state)
            with come("b", "b", "--reveal-all") as b:
                with come("a", *kept) as a:
                    a.wait_for_line("b", "out")
                    self.assertEqual(a.stop(), 0)
                with come("a", *kept) as a, come("c", "c", "--reveal-all") as c:
                    a.wait_for_line("going on where the file of --state left off")
                    a.wait_for_line("c", "out")
                    c.wait_for_line("a", "out")
                    b.wait_for_line("c", "out")
                    self.assertEqual((a.stop(), c.stop()), (0, 0))
                    self.assertEqual([line.text for line in a.lines if line.stream == "out"], ["c"])
                self.assertEqual(b.stop(), 0)
            code, _, err = complaint("--message", "other", "--state", str(state))
            self.assertEqual(code, 2)
            self.assertIn("of another message", err)


    def test_who_was_met_before_counts(self):
        """Whether or not the next run expects anybody; that nothing is owed is not forgotten."""
        with tempfile.TemporaryDirectory() as folder:
            state = ("--state", pathlib.Path(folder) / "state")
            with come("a", "a", *state) as a, come("b", "b") as b:
                self.assertEqual((a.wait_for_end(), b.wait_for_end()), (0, 0))
            with come("a", "a", *state, "--reveal-all", "--timeout", "2") as a:
                self.assertEqual(a.wait_for_end(), 0, a.transcript())
                self.assertNotIn("nobody was met", a.transcript())
            with come("a", "a", *state, "--expect", "2", "--timeout", "2") as a:
                self.assertEqual(a.wait_for_end(), 1, a.transcript())
                self.assertIn("1 of 2 expected messages came", a.transcript())
            for _ in range(2):
                with come("a", "a", *state) as a:
                    self.assertEqual(a.wait_for_end(), 0, a.transcript())
                    a.wait_for_line("b", "out")


class Interfaces(unittest.TestCase):
    def test_one_that_vanishes_and_comes_back(self):
        with local_network(self, 2) as (a_host, b_host):
            with a_host.ours("a", "jelly", "--json", "--bind-mask", "eth0", "-t", "600") as a:
                wait_until_waiting(a)
                a_host.ip("link", "set", "eth0", "down")
                a.wait_for_line('"event":"away"')
                a_host.ip("link", "set", "eth0", "up")
                a.wait_for_line('"event":"back"')
                with b_host.ours("b", "jelly", "-t", "600") as b:
                    self.assertEqual((a.wait_for_end(), b.wait_for_end()), (0, 0))

    def test_several_one_of_which_vanishes(self):
        with hosts(self, 3) as (a_host, b_host, c_host), wire([a_host, b_host]), \
                wire([a_host, c_host], device="eth1", net=79), \
                a_host.ours("a", "jelly", "--expect", "2", "--no-linger", "-t", "600") as a:
            wait_until_waiting(a)
            with c_host.ours("c", "jelly", "-t", "600") as c:
                a.wait_for_line("c", "out")
                self.assertEqual(c.wait_for_end(), 0)
            a_host.ip("link", "del", "eth1")
            a.wait_for_line("interface eth1 is gone")
            with b_host.ours("b", "jelly", "-t", "600") as b:
                self.assertEqual((a.wait_for_end(), b.wait_for_end()), (0, 0))

    def test_ipv6_alone(self):
        with local_network(self, 2, ipv6_only=True) as (a_host, b_host):
            for host in (a_host, b_host):
                host.ip("addr", "flush", "dev", "lo")
            with a_host.ours("a", "jelly", "-t", "600") as a, \
                    b_host.ours("b", "jelly", "-t", "600") as b:
                self.assertEqual((a.wait_for_end(), b.wait_for_end()), (0, 0))


if __name__ == "__main__":
    os.environ.pop("REUNION_PASSPHRASE", None)
    unittest.main(verbosity=2)
