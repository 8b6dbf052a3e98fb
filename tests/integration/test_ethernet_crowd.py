"""Twenty hosts on a bad network, and one that floods it: all pairs meet."""

import contextlib
import subprocess
import sys
import unittest

from local_network import LIBRARY, local_network

PAIRS = 10
BAD = {"loss": 0.2, "delay": 50, "jitter": 10, "dup": 0.05, "seed": 8}
# No new sessions: on a machine with other things to do, a minute may be short for so many T1s.
STAY = ("--timeout", "600", "--interval", "600", "--jobs", "1")


class Crowd(unittest.TestCase):
    def come_and_meet(self, running, hosts):
        """Two hosts for each passphrase; everybody ends having met just the other one."""
        programs = [running.enter_context(
            host.ours(f"message {number}", f"passphrase {number // 2}", *STAY))
            for number, host in enumerate(hosts)]
        for number, program in enumerate(programs):
            self.assertEqual(program.wait_for_end(), 0, program.transcript())
            self.assertEqual([line.text for line in program.lines if line.stream == "out"],
                             [f"message {number ^ 1}"])

    def test_ten_pairs_on_a_bad_network(self):
        with local_network(self, 2 * PAIRS, **BAD) as hosts, contextlib.ExitStack() as running:
            self.come_and_meet(running, hosts)

    def test_ten_pairs_while_one_host_floods(self):
        with local_network(self, 2 * PAIRS + 1, **BAD) as hosts, \
                contextlib.ExitStack() as running:
            flood = running.enter_context(hosts[-1].program(
                "flood", sys.executable, LIBRARY / "flood.py", 1000, stdin=subprocess.PIPE))
            flood.wait_for_line("flooding")
            self.come_and_meet(running, hosts[:-1])
            flood.process.stdin.close()
            sent, _, _, seconds, _ = flood.wait_for_line(" sent in ").text.split()
            self.assertGreater(int(sent), 900 * (float(seconds) - 1))
            self.assertEqual(flood.wait_for_end(), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
