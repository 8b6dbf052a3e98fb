"""The page's transport, in node, against a real server."""

import os
import pathlib
import subprocess
import unittest

from harness import Server
from needed import needs
from ours import SOURCE
from programs import PATIENCE_S


class WebTransport(unittest.TestCase):
    def test_it_speaks_with_a_server(self):
        needs(self, "node")
        with Server() as server:
            done = subprocess.run(
                ["node", "--test", pathlib.Path(SOURCE) / "tests" / "web" / "transport.mjs"],
                env={**os.environ, "SERVER": server.url}, timeout=4 * PATIENCE_S,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, 0, done.stdout.decode(errors="replace"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
