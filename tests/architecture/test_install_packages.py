"""How the targets of the Makefile install what they need, and when they configure anew, with
stand-ins for Debian's programs and for meson."""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import unittest

import needed_programs
import tree
from needed import needs
from programs import Program

CALL = re.compile(r"\binstall-packages\"? +([a-z ]*[a-z])")
PLAN = """0 upgraded, 97 newly installed, 0 to remove and 0 not upgraded.
Need to get 74.1 MB of archives.
After this operation, 283 MB of additional disk space will be used.
"""
# `update` says nothing; `install` tells what it is about to do or, if it is to be done, that it is,
# and goes on until its own standard input, a pipe, is closed.
APT_GET = """#!/bin/sh
case "$*" in
update*) ;;
*--assume-no*) cat "{folder}/plan" ;;
*) echo "$*" >"{folder}/installing"; cat "{folder}/open" >/dev/null ;;
esac
"""
# Of what dpkg's scripts ask for: what becomes of it, in the words that the real program gets.
ASKED = {
    "deb-systemd-invoke start new.service": None,
    "invoke-rc.d new start": None,
    "service new restart": None,
    "systemctl --no-reload enable new.service": None,
    "systemctl preset-all": None,
    "systemctl restart new.service": None,
    "systemctl reload new.service": None,
    "systemctl --system daemon-reload": "--system daemon-reload",
    "systemctl is-enabled new.service": "is-enabled new.service",
    "systemctl stop new.service": "stop new.service",
    "deb-systemd-helper --quiet was-enabled new.service": None,
    "deb-systemd-helper enable new.service": "update-state new.service",
    "deb-systemd-helper --user enable new.service": "--user update-state new.service",
    "deb-systemd-helper purge new.service": "purge new.service",
    "update-rc.d --of-no-such-folder- defaults": "--of-no-such-folder- defaults-disabled",
    "update-rc.d new remove": "new remove",
}


def groups():
    return set(re.findall(r"^\[(\w+)\]$", tree.text(pathlib.Path(".ci/packages")), re.MULTILINE))


class Installing(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.script = self.folder / ".ci" / "install-packages"
        shutil.copytree(tree.SOURCE / ".ci", self.script.parent, symlinks=True)
        (self.folder / "plan").write_text(PLAN)
        os.mkfifo(self.folder / "open")
        self.programs = self.folder / "programs"
        self.programs.mkdir()
        self.stand_in("apt-get", APT_GET.format(folder=self.folder))
        # Nothing is installed.
        self.stand_in("dpkg-query", "#!/bin/sh\nexit 1\n")
        self.become(0)
        self.path = {**os.environ, "PATH": f"{self.programs}:{os.environ['PATH']}"}

    def stand_in(self, name, content):
        file = self.programs / name
        file.write_text(content)
        file.chmod(0o755)

    def become(self, user):
        self.stand_in("id", f"#!/bin/sh\necho {user}\n")

    def ask(self, *names):
        return subprocess.run([self.script, *names], env=self.path, capture_output=True, text=True)

    def test_it_says_how_much_before_it_begins(self):
        with Program("install-packages", [self.script, "build"], env=self.path) as program:
            said = program.wait_for_line("minute or two", "out").text
            self.assertIn("0 upgraded, 97 newly installed, 74.1 MB to fetch, 283 MB on the disk",
                          said)
            self.assertIn(" gcc ", program.lines[0].text)
            with open(self.folder / "open", "w"):  # once it is being installed
                asked = (self.folder / "installing").read_text()
            self.assertEqual(program.wait_for_end(), 0)
        self.assertIn("--no-install-recommends", asked)
        self.assertIn(f"DPkg::Path={self.script.parent}/no-services:/usr/sbin:", asked)

    def test_one_that_is_killed_leaves_the_machine_as_it_was(self):
        """No file of the machine's says meanwhile what must not be started."""
        def policy():
            return [os.path.lexists("/usr/sbin/policy-rc.d"), os.listdir("/usr/sbin")]
        before = policy()
        with Program("install-packages", [self.script, "build"], env=self.path) as program:
            with open(self.folder / "open", "w"):
                self.assertEqual(policy(), before)
                program.process.send_signal(signal.SIGKILL)
            program.wait_for_end()
        self.assertEqual(policy(), before)

    def test_who_is_not_root_is_told(self):
        self.become(1000)
        done = self.ask("format")
        self.assertEqual(done.returncode, 1)
        self.assertIn("sudo apt-get update && sudo apt-get install --no-install-recommends "
                      "clang-format\n", done.stderr)
        self.assertFalse((self.folder / "installing").exists())

    def test_why_apt_failed_is_told(self):
        self.stand_in("apt-get", "#!/bin/sh\necho what apt says of it\nexit 100\n")
        done = self.ask("build")
        self.assertEqual(done.returncode, 1)
        self.assertIn("what apt says of it\nInstalling Debian packages failed: apt-get update",
                      done.stderr)

    def test_what_is_there_is_not_asked_for(self):
        self.stand_in("dpkg-query", "#!/bin/sh\necho installed\n")
        done = self.ask("build", "test")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_a_group_that_there_is_not(self):
        done = self.ask("build", "no-such-group")
        self.assertEqual(done.returncode, 1)
        self.assertIn("[no-such-group]", done.stderr)


class NoServices(unittest.TestCase):
    """What the scripts of packages that are being installed find instead of Debian's programs."""

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.stand_ins = tree.SOURCE / ".ci" / "no-services"
        self.real = self.folder / "real"
        self.real.mkdir()
        for command in ASKED:
            file = self.real / command.split()[0]
            file.write_text('#!/bin/sh\necho "$@"\n')
            file.chmod(0o755)

    def ask(self, command, places):
        return subprocess.run(
            command.split(), env={"PATH": ":".join(map(str, (self.stand_ins, *places)))},
            capture_output=True, text=True)

    def test_nothing_is_started_or_enabled(self):
        for command, passed_on in ASKED.items():
            with self.subTest(command):
                done = self.ask(command, (self.real, "/usr/bin", "/bin"))
                self.assertEqual(done.stdout, f"{passed_on}\n" if passed_on else "", done.stderr)
                self.assertEqual(done.returncode, 1 if "was-enabled" in command else 0)

    def test_there_is_one_for_each_program_that_scripts_ask(self):
        names = {command.split()[0] for command in ASKED}
        links = {path.name for path in self.stand_ins.iterdir() if path.is_symlink()}
        self.assertEqual(links, names)

    def test_a_system_without_the_program(self):
        tools = self.folder / "tools"
        tools.mkdir()
        for name in ("sh", "dirname", "basename"):
            (tools / name).symlink_to(shutil.which(name))
        for command, code in (("systemctl daemon-reload", 0), ("systemctl is-active x", 1)):
            done = self.ask(command, (tools,))
            self.assertEqual((done.returncode, done.stdout, done.stderr), (code, "", ""))


class Configuring(unittest.TestCase):
    """.ci/build finds what was not there before."""

    def setUp(self):
        needs(self, "/var/lib/dpkg/status")
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        for name, script in (("meson", 'echo "$@" >>"{0}/asked"; touch "{0}/build/build.ninja"'),
                             ("ninja", "echo 'ninja: no work to do.'")):
            file = self.folder / name
            file.write_text(f"#!/bin/sh\n{script.format(self.folder)}\n")
            file.chmod(0o755)

    def asked(self, *options):
        """What meson is asked to set up for such a build."""
        asked = self.folder / "asked"
        asked.write_text("")
        subprocess.run([tree.SOURCE / ".ci" / "build", self.folder / "build", *options], check=True,
                       env={**os.environ, "PATH": f"{self.folder}:{os.environ['PATH']}"},
                       stdout=subprocess.DEVNULL)
        return asked.read_text()

    def test_when_something_is_new(self):
        build, source = self.folder / "build", tree.SOURCE
        self.assertEqual(self.asked("-Da=b"), f"setup {build} {source} -Da=b\n")
        self.assertEqual(self.asked("-Da=b"), "")
        self.assertEqual(self.asked(), "")
        self.assertEqual(self.asked("-Da=c"), f"setup --reconfigure {build} {source} -Da=c\n")
        os.utime(build / "build.ninja", (0, 0))  # packages have come since
        self.assertEqual(self.asked(), f"setup --reconfigure {build} {source}\n")
        self.assertEqual(self.asked("-Da=c"), "")


class NeededPrograms(unittest.TestCase):
    """What container/bare asks for is all that tests say they need."""

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        (self.folder / "other.py").write_text('PROGRAMS = ("four", "five")\n')

    def collect(self, text):
        (self.folder / "test_planted.py").write_text(text)
        return needed_programs.collect(self.folder)

    def test_however_it_is_said(self):
        self.assertEqual(self.collect(
            'SIX = "/six"\nTHREE = ["three", SIX]\nneeds(case, "one", "two")\n'
            "needs(self, *THREE)\nneeds(cls(), *other.PROGRAMS)\n"
            'class A:\n    OWN = ("seven",)\nclass B:\n    OWN = ("eight",)\n'
            "    def x(self):\n        needs(self, *self.OWN)\n"),
            {"one", "two", "three", "/six", "four", "five", "seven", "eight"})

    def test_what_cannot_be_told_is_not_left_out(self):
        for text in ("needs(self, command[0])", "needs(self, *unknown)", "needs(self, name)",
                     "needs(self, *other.UNKNOWN)", "OWN = (f(),)\nneeds(self, *OWN)"):
            with self.subTest(text), self.assertRaises(needed_programs.CannotTell):
                self.collect(text)


class Groups(unittest.TestCase):
    def named(self, path):
        return [call.split() for call in CALL.findall(tree.text(pathlib.Path(path)))]

    def test_all_groups_that_are_named_are_there_and_the_other_way_round(self):
        named = {"package", "git"}  # of packaging/make-deb, in an array
        for path in ("Makefile", ".ci/run", ".ci/format", "docker/server.Dockerfile",
                     "docker/client.Dockerfile", "docker/mix.Dockerfile"):
            self.assertTrue(self.named(path), path)
            named |= set(sum(self.named(path), []))
        self.assertEqual(named, groups())

    def test_tests_find_no_package_in_ci_that_they_would_not_install(self):
        run = tree.text(pathlib.Path(".ci/run"))
        before = run[:run.index("stage test make")]
        self.assertIn("make --no-print-directory deps", before)
        self.assertEqual(CALL.findall(before), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
