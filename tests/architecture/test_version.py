"""One version for everything, and a commit that is told truly, with git and without."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import tree

PLACE = pathlib.Path("common", "base")


def run(*command, **options):
    return subprocess.run([str(part) for part in command], stdin=subprocess.DEVNULL, check=True,
                          capture_output=True, text=True, **options).stdout


class Version(unittest.TestCase):
    def test_the_changes_begin_with_it(self):
        project = json.loads(run("meson", "introspect", "--projectinfo",
                                 os.environ["REUNION_BUILD"]))
        heading = re.search(r"^## (\S+)", tree.text("CHANGELOG.md"), re.MULTILINE)
        self.assertEqual(heading[1], project["version"])


class Commit(unittest.TestCase):
    """What print-commit says, in a small tree that has it."""

    def setUp(self):
        self.folder = pathlib.Path(
            self.enterContext(tempfile.TemporaryDirectory(prefix="reunion-")))
        self.tree = self.folder / "tree"
        (self.tree / PLACE).mkdir(parents=True)
        # An export's own file has been replaced: that is no matter of the small tree.
        (self.tree / PLACE / "commit").write_text("$Format:%H%n%ct%n%an <%ae>$\n")
        for name in (".gitattributes", PLACE / "print-commit"):
            shutil.copy(tree.SOURCE / name, self.tree / name)

    def git(self, *arguments):
        return run("git", "-C", self.tree, "-c", "user.name=x", "-c", "user.email=x@example.org",
                   *arguments)

    def commit(self):
        self.git("init", "--quiet")
        self.git("add", ".")
        self.git("commit", "--quiet", "--message=x")
        return self.git("rev-parse", "HEAD").strip()

    @staticmethod
    def printed(folder):
        return run(folder / PLACE / "print-commit").strip()

    def test_in_a_clone(self):
        whole = self.commit()
        self.assertEqual(self.printed(self.tree), whole[:12])

    def test_in_a_clone_with_changes(self):
        whole = self.commit()
        (self.tree / "unknown").touch()
        self.assertEqual(self.printed(self.tree), whole[:12])
        with (self.tree / PLACE / "print-commit").open("a") as script:
            script.write("\n")
        self.assertEqual(self.printed(self.tree), whole[:12] + "+")

    def test_in_an_export(self):
        whole = self.commit()
        exported = self.folder / "exported"
        exported.mkdir()
        self.git("archive", "--output", self.folder / "tar", "HEAD")
        run("tar", "-C", exported, "-xf", self.folder / "tar")
        self.assertEqual(self.printed(exported), whole[:12])

    def test_in_a_copy_without_anything(self):
        self.assertEqual(self.printed(self.tree), "unknown")

    def test_in_a_copy_inside_somebody_else_s_clone(self):
        self.commit()
        copy = self.tree / "copy"
        (copy / PLACE).mkdir(parents=True)
        for name in ("commit", "print-commit"):
            shutil.copy(self.tree / PLACE / name, copy / PLACE / name)
        self.assertEqual(self.printed(copy), "unknown")


if __name__ == "__main__":
    unittest.main(verbosity=2)
