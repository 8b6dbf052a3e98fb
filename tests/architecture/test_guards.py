"""What keeps the tests from harm: they delete their own folders alone, and look before they mount.

The guards are called here with what they have to refuse, in folders of this test's own.
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import types
import unittest
from unittest import mock

import needed
import own_folder
import tree

CLEAN = tree.SOURCE / ".ci" / "clean"
MOUNTS = "22 1 0:5 / {} rw - {} source rw\n"


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory())).resolve()

    def filled(self, name):
        """A folder with a file that must stay."""
        folder = self.folder / name
        folder.mkdir()
        (folder / "precious").touch()
        return folder


class OwnFolders(Case):
    def assert_refused(self, folder, reason):
        with self.assertRaisesRegex(own_folder.NotOwn, reason):
            own_folder.remove_tree(folder)

    def test_its_own_is_removed_whole(self):
        made, other = own_folder.make(self.folder / "a" / "b"), self.filled("other")
        (made / "x" / "y").mkdir(parents=True)
        (made / "x" / "y" / "file").touch()
        (made / "link").symlink_to(other)
        (made / "x" / "link").symlink_to(other)
        own_folder.remove_tree(made)
        self.assertFalse(made.exists())
        self.assertTrue((other / "precious").exists())

    def test_nobody_else_s_is(self):
        other = self.filled("other")
        self.assert_refused(other, "no test has made it")
        own_folder.make(self.folder / "own")
        (self.folder / "own" / "link").symlink_to(other)
        self.assert_refused(self.folder / "own" / "link", "leads elsewhere")
        (other / own_folder.MARK).symlink_to("/dev/null")
        self.assert_refused(other, "no test has made it")
        self.assertTrue((other / "precious").exists())

    def test_no_name_that_depends_on_where_one_stands(self):
        for name in ("", ".", "work", "own/../other", "/../etc", "/"):
            with self.assertRaisesRegex(own_folder.NotOwn, "absolute|no test|mounted"):
                own_folder.require_own(name)

    def test_not_with_something_mounted_in_it(self):
        made = own_folder.make(self.folder / "own")
        with mock.patch.object(own_folder, "mounts_below", return_value=[f"{made}/x"]):
            self.assert_refused(made, "mounted at")
        self.assertTrue(made.exists())
        self.assertIn("/proc", own_folder.mounts_below("/"))

    def test_what_is_there_is_not_taken(self):
        other = self.filled("other")
        with self.assertRaises(FileExistsError):
            own_folder.make(other)
        self.assertEqual(os.listdir(other), ["precious"])


class Environments(Case):
    """The folder for packages from PyPI is what somebody names."""

    def test_one_that_somebody_uses_stays(self):
        import venv_of
        other = self.filled("other")
        with self.assertRaisesRegex(SystemExit, f"{other}.*another folder"):
            venv_of.empty(other)
        self.assertEqual(os.listdir(other), ["precious"])

    def test_its_own_is_made_anew(self):
        import venv_of
        for _ in range(2):
            venv_of.empty(self.folder / "own")
            (self.folder / "own" / "something").touch()
        self.assertTrue((self.folder / "own" / own_folder.MARK).exists())


class Clean(Case):
    def clean(self, *arguments):
        return subprocess.run([CLEAN, *arguments], cwd=self.folder, capture_output=True, text=True)

    def test_a_build_folder(self):
        build = self.filled("build")
        (build / ".made-by-ci-build").touch()
        (build / "venv").mkdir()
        (build / "other").mkdir()
        self.assertEqual(self.clean(build).returncode, 0)
        self.assertEqual(sorted(os.listdir(build)), [".made-by-ci-build", "venv"])

    def test_nothing_else(self):
        other = self.filled("other")
        for arguments in ([], [""], ["."], ["other"], [other]):
            done = self.clean(*arguments)
            self.assertNotEqual(done.returncode, 0, arguments)
            self.assertNotEqual(done.stderr, "")
        self.assertTrue((other / "precious").exists())
        self.assertEqual(self.clean("absent").returncode, 0)

    def test_a_build_marks_what_it_makes_alone(self):
        """It ends without a meson, after that."""
        tools = self.folder / "tools"
        tools.mkdir()
        (tools / "meson").write_text("#!/bin/sh\nset -eu\nexit 1\n")
        (tools / "meson").chmod(0o755)
        environment = {"PATH": f"{tools}:/usr/bin:/bin"}
        new, used = self.folder / "new", self.filled("used")
        for folder in (new, used):
            done = subprocess.run([tree.SOURCE / ".ci" / "build", folder], env=environment,
                                  capture_output=True)
            self.assertNotEqual(done.returncode, 0)
        self.assertTrue((new / ".made-by-ci-build").exists())
        self.assertFalse((used / ".made-by-ci-build").exists())


def calls(need):
    """(where from, a suite that calls `need` there) for each place from which it may be called."""
    class Method(unittest.TestCase):
        def test(self):
            need(self)

    class SetUp(unittest.TestCase):
        def setUp(self):
            need(self)

        def test(self):
            raise RuntimeError("it went on")

    class Class(unittest.TestCase):
        @classmethod
        def setUpClass(cls):
            need(cls)

        def test(self):
            raise RuntimeError("it went on")

    class Module(unittest.TestCase):
        def test(self):
            raise RuntimeError("it went on")
    module = types.ModuleType("a_planted_module")
    module.setUpModule = lambda: need(None)
    sys.modules[module.__name__] = module
    Module.__module__ = module.__name__
    for case in (Method, SetUp, Class, Module):
        yield case.__name__, unittest.defaultTestLoader.loadTestsFromTestCase(case)


class Needed(Case):
    def assert_told(self, need, reason):
        """Skipped with the reason wherever it is called; in CI it has failed with it."""
        for ci in (False, True):
            for where, suite in calls(need):
                with self.subTest(where=where, ci=ci), mock.patch.dict(os.environ):
                    os.environ.pop("CI", None)
                    if ci:
                        os.environ["CI"] = "true"
                    result = unittest.TestResult()
                    suite.run(result)
                    told = result.failures + result.errors if ci else result.skipped
                    self.assertEqual(len(told), 1, result)
                    self.assertIn(reason, told[0][1])
                    self.assertNotIn("TypeError", told[0][1])
                    self.assertEqual(result.wasSuccessful(), not ci)
                    self.assertEqual(bool(result.skipped), not ci)

    def test_a_program(self):
        self.assert_told(lambda case: needed.needs(case, "sh", "no-such-program"),
                         "no-such-program is not installed")

    def test_root(self):
        with mock.patch("os.geteuid", return_value=1000):
            self.assert_told(needed.needs_root, "run as root")
            self.assert_told(needed.needs_mounts, "run as root")

    def test_a_chroot(self):
        self.assertEqual(needed.chroot(self.table("/proc", "proc")), "nothing is mounted at /")
        with mock.patch.object(needed, "root_of_the_mounts", return_value=(1, 2)):
            how = needed.chroot(self.table("/", "ext4"))
            self.assertIn("another root folder", how)
            self.assert_told(needed.needs_own_root_folder, f"in a chroot ({how})")

    def table(self, place, kind):
        file = self.folder / "mountinfo"
        file.write_text(MOUNTS.format(place, kind))
        return file

    def test_namespaces(self):
        self.assert_told(lambda case: needed.needs_namespaces(case, "--no-such-kind"),
                         "unshare --no-such-kind fails")

    def test_an_etc_of_its_own(self):
        with mock.patch.object(needed, "needs_mounts"):
            self.assert_told(needed.needs_own_etc, "tests/lib/in-etc")

    def test_what_is_there(self):
        for _, suite in calls(lambda case: needed.needs(case, "sh", "/dev/null")):
            result = unittest.TestResult()
            suite.run(result)
            self.assertEqual((result.skipped, result.failures), ([], []))


class InAChroot(Case):
    """A real one, of everything that is in the root folder, in a namespace of its own."""

    SCRIPT = """
    mount -t tmpfs tmpfs "$1"
    for entry in /*; do
        if [ -d "$entry" ] && [ ! -L "$entry" ]; then
            mkdir "$1$entry"
            mount --rbind "$entry" "$1$entry"
        else
            cp -P "$entry" "$1$entry"
        fi
    done
    exec chroot "$1" "$2" -c "$3"
    """
    # What is told of it, and which root folder the engine's programs have there.
    PROGRAM = """
import os, subprocess
import containers, needed
print(needed.chroot())
held = subprocess.Popen(["unshare", "--mount", "sh", "-euc", "echo; exec cat"],
                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
held.stdout.readline()
there = subprocess.run([*containers.entering(held.pid), "stat", "-c", "%d %i", "/"], text=True,
                       stdout=subprocess.PIPE).stdout
held.communicate()
here = os.stat("/")
print(there == f"{here.st_dev} {here.st_ino}\\n")
"""

    def test_it_is_seen(self):
        needed.needs_mounts(self)
        done = subprocess.run(["unshare", "--mount", "sh", "-euc", self.SCRIPT, "chroot",
                               self.folder, sys.executable, self.PROGRAM],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        told, is_there = done.stdout.splitlines()
        self.assertIn("another root folder", told)
        self.assertEqual(is_there, "True")


class AnEtcOfItsOwn(Case):
    def test_files_mounted_into_it_stay(self):
        """Container engines mount /etc/hosts; below it there is an empty one."""
        needed.needs_mounts(self)
        hosts = self.folder / "hosts"
        hosts.write_text("192.0.2.7 planted\n")
        done = subprocess.run(
            ["unshare", "--mount", "sh", "-euc", 'mount --bind "$0" /etc/hosts; exec "$@"', hosts,
             tree.SOURCE / "tests" / "lib" / "in-etc", "sh", "-euc",
             "cat /etc/hosts; echo 192.0.2.8 changed >/etc/hosts"],
            env={**os.environ, "REUNION_BUILD": str(self.folder),
                 "REUNION_SOURCE": str(tree.SOURCE)}, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (0, "192.0.2.7 planted\n"), done.stderr)
        self.assertEqual(hosts.read_text(), "192.0.2.7 planted\n")


if __name__ == "__main__":
    unittest.main(verbosity=2)
