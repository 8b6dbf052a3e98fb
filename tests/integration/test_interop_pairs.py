"""Two clients meet, for each pairing of the reference's programs and ours.

Runs under tests/lib/in-namespace; an argument names the pairing, none means all.
"""

import sys
import unittest

from party import Guest, Party, within_a_window

PASSPHRASE = "I am a jelly donut"
# As long as a message can be, and not ASCII.
LONGEST = "ü" * 47 + "42"
assert len(LONGEST.encode()) == 96


class Pairs(unittest.TestCase):
    def meet(self, server, first, second):
        with Party(server) as party:
            party.welcome(Guest("Ada", first, PASSPHRASE, "hello world"))
            party.welcome(Guest("Bob", second, PASSPHRASE, LONGEST))
            party.wait_for_all()
            # Two latecomers, one of them a stranger. Once Ada and Bob have both met Dora, they have
            # worked through everything from before, and nothing of it may have been shown twice.
            party.welcome(Guest("Carol", second, "another passphrase"))
            party.welcome(Guest("Dora", first, PASSPHRASE, "\N{DOUGHNUT} for all"))
            party.wait_for_all()
            self.assertEqual(party.mistakes(), [])

    def test_reference_reference_at_reference(self):
        """Not about us: where this fails, the others mean nothing."""
        self.meet("reference", "reference", "reference")

    def test_reference_reference_at_ours(self):
        within_a_window(lambda: self.meet("ours", "reference", "reference"))

    def test_reference_ours_at_ours(self):
        within_a_window(lambda: self.meet("ours", "reference", "ours"))

    def test_ours_reference_at_ours(self):
        within_a_window(lambda: self.meet("ours", "ours", "reference"))

    def test_reference_ours_at_reference(self):
        self.meet("reference", "reference", "ours")

    def test_ours_reference_at_reference(self):
        self.meet("reference", "ours", "reference")

    def test_ours_ours_at_reference(self):
        self.meet("reference", "ours", "ours")

    def test_ours_ours_at_ours(self):
        within_a_window(lambda: self.meet("ours", "ours", "ours"))


if __name__ == "__main__":
    sys.argv[1:] = [f"Pairs.test_{name}" for name in sys.argv[1:]]
    unittest.main(verbosity=2)
