"""Random keys with `highctidh` as an independent oracle, in both directions: its keys in our
engines, and ours in it."""

import contextlib
import unittest

from ctidh_pipe import OURS, Pipe, reference

KEYS = 12


class Oracle(unittest.TestCase):
    def test_results_agree(self):
        with contextlib.ExitStack() as stack:
            theirs, ours = stack.enter_context(reference()), stack.enter_context(Pipe(OURS))
            # One that this machine lacks is the fastest once more.
            others = [stack.enter_context(Pipe(OURS, engine=name))
                      for name in ("portable", "scalar", "avx2", "avx512f")]
            for keys_of_secret, keys_of_publics in ((ours, theirs), (theirs, ours)):
                secret = keys_of_secret.ask("keys")[0]
                publics = [keys_of_publics.ask("keys")[1] for _ in range(KEYS)]
                broken = publics[0][:2] + f"{int(publics[0][2], 16) ^ 1:x}" + publics[0][3:]
                publics.insert(5, broken)
                expected = [theirs.ask("derive", "1", secret, public)[2] for public in publics]
                self.assertEqual(expected[5], "invalid")
                self.assertEqual(expected.count("invalid"), 1)
                self.assertEqual(ours.ask("derive", "1", secret, *publics)[2:], expected)
                self.assertEqual(ours.ask("derive", "2", secret, *publics)[2:], expected)
                for other in others:
                    self.assertEqual(other.ask("derive", "2", secret, *publics)[2:], expected)


if __name__ == "__main__":
    unittest.main(verbosity=2)
