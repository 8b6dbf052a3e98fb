"""A server that does not start, and how an operator sees it."""

import pathlib
import tempfile
import unittest

from harness import Server
from programs import Program


class RefusalCase(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.database = self.folder / "reunion.db"

    def content(self):
        """All files but those that SQLite may leave empty beside one it has looked at."""
        return {path.name: path.read_bytes() for path in self.folder.iterdir()
                if not path.name.endswith("-shm") and path.stat().st_size > 0}

    def refused(self, advice, *flags, code=3):
        """A start that fails, says why in one line, and changes nothing."""
        before = self.content()
        with Program("server", [Server.binary, "--listen", "127.0.0.1:0", "--metrics-listen",
                                "none", "--db", self.database, *flags]) as program:
            self.assertEqual(program.wait_for_end(), code)
            lines = [line.text for line in program.lines]
        self.assertEqual(len(lines), 1, lines)
        self.assertIn(advice, lines[0])
        self.assertEqual(self.content(), before)
