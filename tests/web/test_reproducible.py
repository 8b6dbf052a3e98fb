"""Two builds of the WebAssembly, in folders of different names, give the same bytes."""

import os
import pathlib
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ["REUNION_SOURCE"])
BUILD = pathlib.Path(os.environ["REUNION_BUILD"])


def commands():
    """The build's own commands that lead to reunion.wasm, in their order."""
    listed = subprocess.run(["ninja", "-C", BUILD, "-t", "commands", "web/reunion.wasm"], text=True,
                            capture_output=True, check=True).stdout
    return [line for line in listed.splitlines() if "emcc" in line]


class Reproducible(unittest.TestCase):
    def test_another_folder_gives_the_same_bytes(self):
        found = commands()
        self.assertGreater(len(found), 50)
        with tempfile.TemporaryDirectory(prefix="reunion-another-place-") as folder:
            for name in ("web", "common"):
                (pathlib.Path(folder) / name).mkdir()
            tables = next((BUILD / "common").glob("nfc_tables.c"))
            (pathlib.Path(folder) / "common" / tables.name).write_bytes(tables.read_bytes())
            for command in found:
                subprocess.run(["sh", "-c", command.replace(str(BUILD), folder)], cwd=folder,
                               check=True)
            again = (pathlib.Path(folder) / "web" / "reunion.wasm").read_bytes()
        self.assertEqual(again, (BUILD / "web" / "reunion.wasm").read_bytes())
        self.assertNotIn(str(SOURCE).encode(), again)


if __name__ == "__main__":
    unittest.main(verbosity=2)
