"""The page in Chromium: runs tests/web/NAME.mjs for each NAME given."""

import os
import subprocess
import sys
import tempfile
import unittest

import browser_tools
from harness import Server
from needed import lacks, needs
from ours import BUILD, SOURCE
from programs import PATIENCE_S

PAGE = BUILD / "web" / "page" / "page.html"
NAMES = sys.argv[1:]


class WebPage(unittest.TestCase):
    def test_in_chromium(self):
        needs(self, "node", "chromium", "zbarimg")
        if not PAGE.exists():
            lacks(self, "the page was not built: emscripten is not installed")
        tools = browser_tools.ready()
        with tempfile.TemporaryDirectory(prefix="reunion-web-") as home, Server() as server:
            environment = {
                **os.environ, "HOME": home, "TMPDIR": home, "XDG_CONFIG_HOME": home,
                "XDG_CACHE_HOME": home, "SERVER": server.url, "BROWSER_TOOLS": str(tools),
                "CHROMIUM": "/usr/bin/chromium", "PAGE": str(PAGE.resolve()),
                "SERVER_PROGRAM": str(BUILD / "server" / "reunion-server"),
                "CLIENT": str(BUILD / "client" / "reunion-client"),
                "LINK": str(BUILD / "client" / "reunion-link")}
            for name in NAMES:
                done = subprocess.run(
                    ["node", "--test", SOURCE / "tests" / "web" / f"{name}.mjs"], env=environment,
                    timeout=9 * PATIENCE_S, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT)
                self.assertEqual(done.returncode, 0, done.stdout.decode(errors="replace"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
