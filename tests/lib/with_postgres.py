"""Run programs one after the other with a PostgreSQL cluster, which they find in the environment as
REUNION_TEST_POSTGRES, a connection string.

usage: with_postgres.py PROGRAM...
"""

import os
import subprocess
import sys
import unittest

from postgres import Cluster, needs_postgres


class WithPostgres(unittest.TestCase):
    programs = sys.argv[1:]

    def test_programs(self):
        needs_postgres(self)
        with Cluster() as cluster:
            for program in self.programs:
                with self.subTest(program):
                    done = subprocess.run(
                        [program], env={**os.environ, "REUNION_TEST_POSTGRES": cluster.url()},
                        stdin=subprocess.DEVNULL, check=False)
                    self.assertEqual(done.returncode, 0)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
