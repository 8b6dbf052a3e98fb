"""Eight clients of both kinds with three passphrases: each sees exactly the messages it should.

Runs under tests/lib/in-namespace; the argument says whose server they meet at.
"""

import sys
import unittest

from party import Guest, Party, within_a_window

CROWD = [
    ("ours", "apple"), ("reference", "banana"), ("ours", "cherry"), ("reference", "apple"),
    ("ours", "banana"), ("reference", "cherry"), ("ours", "apple"), ("reference", "banana"),
]


class Crowd(unittest.TestCase):
    def meet_at(self, server):
        with Party(server) as party:
            for number, (kind, passphrase) in enumerate(CROWD):
                party.welcome(Guest(f"guest {number}", kind, passphrase))
            party.wait_for_all()
            self.assertEqual(party.mistakes(), [])
            # One more for each passphrase: whoever has met its latecomer has worked through
            # everything that the eight had exchanged, so a message too many would have come.
            for passphrase in sorted({passphrase for _, passphrase in CROWD}):
                party.welcome(Guest(f"the late {passphrase}", "ours", passphrase))
            party.wait_for_all()
            self.assertEqual(party.mistakes(), [])

    def test_ours(self):
        within_a_window(lambda: self.meet_at("ours"))

    def test_reference(self):
        self.meet_at("reference")


if __name__ == "__main__":
    sys.argv[1:] = [f"Crowd.test_{name}" for name in sys.argv[1:]]
    unittest.main(verbosity=2)
