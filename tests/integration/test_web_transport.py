"""The page's modules, in node; the transport against a real server."""

import os
import subprocess
import unittest

from harness import Server
from needed import needs
from ours import SOURCE
from programs import PATIENCE_S


class WebModules(unittest.TestCase):
    def run_in_node(self, name, **environment):
        needs(self, "node")
        done = subprocess.run(
            ["node", "--test", SOURCE / "tests" / "web" / name],
            env={**os.environ, **environment}, timeout=4 * PATIENCE_S, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, 0, done.stdout.decode(errors="replace"))

    def test_the_transport_speaks_with_a_server(self):
        with Server() as server:
            self.run_in_node("transport.mjs", SERVER=server.url)

    def test_texts_checks_and_queues(self):
        self.run_in_node("strings.mjs")


if __name__ == "__main__":
    unittest.main(verbosity=2)
