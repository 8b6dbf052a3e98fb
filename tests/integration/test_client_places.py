"""Clients that meet in a place: nobody else's T1s are theirs to work through."""

import signal
import unittest

from harness import Server
from ours import client, revealed
from rendezvous import joined, place_tag

LISTEN = ("--listen", "127.0.0.1:5000")


def come(name, *options, passphrase="jelly"):
    return client(name, f"from {name}", passphrase, 600, *options)


class Places(unittest.TestCase):
    def test_two_meet_however_the_name_is_typed(self):
        with Server(*LISTEN) as server, come("Alice", "--place", "the caf\u00e9") as alice, \
                come("Bob", "--place", "the cafe\u0301") as bob:
            alice.wait_for_line("from Bob", "out")
            bob.wait_for_line("from Alice", "out")
            # Two who are alone are told so.
            alice.wait_for_line("are in this place")
            tag = place_tag("the caf\u00e9").hex()
            there, = server.get(f"/v1/buckets?place={tag}").json()["buckets"]
            self.assertEqual(there["count"], 2)
            self.assertEqual(server.get("/v1/buckets").json()["buckets"], [])
            self.assertEqual([each.stop(signal.SIGTERM) for each in (alice, bob)], [0, 0])

    def test_who_is_elsewhere_is_no_work_and_is_not_met(self):
        """Junk in the common place, and somebody with the phrase there."""
        with Server("--t1-free", 0, *LISTEN) as server:
            joined(server, 300)
            with come("Carol") as carol, come("Alice", "--json", "--place", "37c3") as alice, \
                    come("Bob", "--place", "37c3") as bob:
                bob.wait_for_line("from Alice", "out")
                alice.wait_for_line('"message"', "out")
                told = [line.text for line in alice.lines if '"progress"' in line.text]
                self.assertTrue(told)
                self.assertFalse(any('"others":300' in line for line in told), told)
                self.assertTrue(all(f'"worked":{many}' not in line
                                    for many in range(3, 301) for line in told), told)
                self.assertEqual(revealed(carol.lines), [])

    def test_names_that_are_none(self):
        for name in ("", " x", "x\n", "x" * 257):
            with come("Alice", "--place", name) as alice:
                self.assertEqual(alice.wait_for_end(), 2)
        with come("Alice", "--reference", "--place", "x") as alice:
            self.assertEqual(alice.wait_for_end(), 2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
