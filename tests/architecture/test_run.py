"""tests/run counts what its tests say, tells what was left out, and notices what a run leaves.

It is run with a meson of this test's own, which writes a log of tests and leaves what is planted.
"""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

import machine
import tree

# Loads tests/run, has it look at nothing but a folder, and calls it.
LOOK_AT = """
import importlib.machinery, importlib.util, sys
loader = importlib.machinery.SourceFileLoader("run", sys.argv[1])
run = importlib.util.module_from_spec(importlib.util.spec_from_loader("run", loader))
loader.exec_module(run)
folder = sys.argv[2]
run.machine.state = lambda: {"planted": run.machine.contents(folder), "cgroups": {}}
run.machine.CGROUPS = "/nowhere"
run.machine.processes_left.__defaults__ = (1,)
sys.exit(run.main(sys.argv[3]))
"""
IGNORED = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)
PASSED = {"name": "a/passes", "result": "OK", "stdout": "Ran 3 tests in 0.1s\n\nOK\n"}
FAILED = {"name": "a/fails", "result": "FAIL", "stderr": "x"}
WHOLLY = {"name": "a/wrapper", "result": "SKIP", "stdout": "\nneeds a mount namespace\n"}
IN_PART = {"name": "a/part", "result": "OK", "stderr":
           "test_x (m.C.test_x)\nWhat it shows. ... skipped 'zbarimg is not installed'\n"
           "test_y (m.C.test_y) ... ok\n\nRan 2 tests in 0.1s\n\nOK (skipped=1)\n"}
OF_A_CLASS = {"name": "a/class", "result": "OK", "stderr":
              "setUpClass (m.C) ... skipped \"it's not installed\"\n"
              "test_y (m.D.test_y) ... ok\n\nRan 1 test in 0.1s\n\nOK (skipped=1)\n"}
OF_A_MODULE = {"name": "a/module", "result": "OK", "stderr":
               "setUpModule (__main__) ... skipped 'it has to be run as root'\n\n"
               "Ran 0 tests in 0.1s\n\nOK (skipped=1)\n"}


class Run(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory())).resolve()
        for name in ("tools", "build/meson-logs", "looked-at", "temporary"):
            (self.folder / name).mkdir(parents=True)
        (self.folder / "looked-at" / "changed").write_text("before")
        (self.folder / "looked-at" / "gone").write_text("")

    def run_it(self, *tests, leaves="", ci=False, begin=None):
        """Returns: the exit code and what was printed."""
        log = self.folder / "log"
        log.write_text("".join(json.dumps(test) + "\n" for test in tests))
        meson = self.folder / "tools" / "meson"
        meson.write_text(f"#!/bin/sh\nset -eu\nlooked_at={self.folder}/looked-at\n{leaves}\n"
                         f"cp {log} {self.folder}/build/meson-logs/tests-run.json\n")
        meson.chmod(0o755)
        environment = {name: value for name, value in os.environ.items() if name != "CI"}
        environment.update({"PATH": f"{self.folder}/tools:/usr/bin:/bin",
                            "TMPDIR": f"{self.folder}/temporary"}, **({"CI": "true"} if ci else {}))
        done = subprocess.run(
            [sys.executable, "-c", LOOK_AT, tree.SOURCE / "tests" / "run",
             self.folder / "looked-at", self.folder / "build"], env=environment, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            preexec_fn=begin)
        return done.returncode, done.stdout

    def test_signals_that_are_ignored_around_it(self):
        """As by nohup, and in the background of a shell without job control."""
        def ignore():
            for number in IGNORED:
                signal.signal(number, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_BLOCK, IGNORED)
        status = self.folder / "status"
        code, said = self.run_it(PASSED, begin=ignore,
                                 leaves=f"grep -E '^Sig(Blk|Ign):' /proc/self/status >{status}")
        self.assertEqual(code, 0, said)
        masks = [int(line.split()[1], 16) for line in status.read_text().splitlines()]
        ignored = sum(1 << (number - 1) for number in IGNORED)
        self.assertEqual([mask & ignored for mask in masks], [0, 0])

    def test_it_counts(self):
        self.assertEqual(self.run_it(PASSED), (0, "2 passed, 0 failed\n"))
        self.assertEqual(self.run_it(PASSED, FAILED), (1, "FAIL: a/fails\n2 passed, 1 failed\n"))
        code, said = self.run_it()
        self.assertEqual((code, said.splitlines()[-1]), (1, "0 passed, 1 failed"))

    def test_it_tells_what_was_left_out(self):
        code, said = self.run_it(PASSED, WHOLLY, IN_PART, OF_A_CLASS, OF_A_MODULE)
        self.assertEqual(code, 0)
        self.assertEqual(said.splitlines(), [
            "Not run here:",
            "  a/wrapper: needs a mount namespace",
            "  a/part: zbarimg is not installed (of it: test_x)",
            "  a/class: it's not installed (of it: m.C)",
            "  a/module: it has to be run as root",
            "4 passed, 0 failed, 2 skipped"])

    def test_in_ci_it_fails(self):
        code, said = self.run_it(PASSED, WHOLLY, OF_A_MODULE, ci=True)
        self.assertEqual(code, 1)
        self.assertEqual(said.splitlines()[-1], "2 passed, 2 failed")
        self.assertIn("needs a mount namespace", said)

    def test_in_ci_another_processor_is_not_asked_for(self):
        """What lacks here is no package; the same lanes are tested emulated."""
        lacking = {"name": "ctidh/engine x", "result": "SKIP",
                   "stderr": "skipped: this processor has no x engine\n"}
        code, said = self.run_it(PASSED, lacking, ci=True)
        self.assertEqual((code, said.splitlines()), (0, [
            "Not run here:", "  ctidh/engine x: skipped: this processor has no x engine",
            "2 passed, 0 failed, 1 skipped"]))

    def assert_noticed(self, leaves, *told):
        code, said = self.run_it(PASSED, leaves=leaves)
        self.assertEqual(code, 1)
        self.assertIn("FAIL: machine/left_as_it_was\n", said)
        self.assertEqual(said.splitlines()[-1], "1 passed, 1 failed")
        for part in told:
            self.assertRegex(said, part)
        return said

    def test_changes(self):
        self.assert_noticed("""
            echo after >"$looked_at/changed"
            mv "$looked_at/gone" "$looked_at/new"
            """, "/changed was .* and is", "/gone is gone", "/new is new")
        self.assert_noticed('chmod 600 "$looked_at/changed"', "/changed was .* and is -rw-------")

    def test_a_process(self):
        """Also one that nobody who started it waits for, in a session of its own; it is ended."""
        said = self.assert_noticed("setsid sh -euc 'tail -f /dev/null & exec true' "
                                   ">/dev/null 2>&1 &\nwait $!",
                                   r"processes: \d+ runs on \(tail -f /dev/null\)")
        pid = int(re.search(r"processes: (\d+)", said)[1])
        self.assertFalse(pathlib.Path("/proc", str(pid)).exists())

    def test_temporary_files(self):
        """They are the run's, and gone."""
        self.assert_noticed('echo x >"$TMPDIR/forgotten"', "temporary files: forgotten is left")
        self.assertEqual(os.listdir(self.folder / "temporary"), [])

    def test_a_process_of_somebody_else_is_none_of_it(self):
        with subprocess.Popen(["cat"], stdin=subprocess.PIPE, start_new_session=True) as other:
            self.assertEqual(self.run_it(PASSED)[0], 0)
            self.assertIsNone(other.poll())


class Differences(unittest.TestCase):
    def test_what_is_looked_at(self):
        told = machine.state()
        for what in ("names in /", "names in /run", "names in /var/lib", "names in /run/netns",
                     "the contents of /etc", "mounts", "cgroups", "users and groups",
                     "services that are enabled"):
            self.assertIn(what, told)
        self.assertIn("/etc", told["names in /"])
        self.assertRegex(told["the contents of /etc"]["/etc/passwd"], r"^-rw\S+ 0:0 [0-9a-f]{64}$")
        self.assertIn("/proc", told["mounts"])
        self.assertIn("user root", told["users and groups"])

    def test_each_of_them(self):
        """Whatever is planted in a state is told, with where."""
        before = machine.state()
        for what in before:
            after = {name: dict(value) for name, value in before.items()}
            after[what]["/planted"] = "drwxr-xr-x 0:0"
            self.assertEqual(machine.differences(before, after),
                             [f"{what}: /planted is new (drwxr-xr-x 0:0)"])
            self.assertEqual(machine.differences(after, before),
                             [f"{what}: /planted is gone (it was drwxr-xr-x 0:0)"])
        self.assertEqual(machine.differences(before, before), [])

    def test_files_of_others(self):
        """What somebody has open when all of the run has ended is not the run's."""
        with tempfile.NamedTemporaryFile() as file:
            self.assertIn(file.name, machine.opened())
            names = {"names": {file.name: "-", file.name + "-wal": "-"}}
            self.assertEqual(machine.differences({"names": {}}, names, machine.opened()), [])
        self.assertEqual(len(machine.differences({"names": {}}, names, machine.opened())), 2)

    def test_cgroups(self):
        """Empty ones that are new are removed; one that somebody is in is not the run's."""
        with tempfile.TemporaryDirectory() as folder, \
                mock.patch.object(machine, "CGROUPS", folder):
            for name in ("old", "new/conmon", "busy", "user.slice"):
                pathlib.Path(folder, name).mkdir(parents=True)
            pathlib.Path(folder, "busy", "procs").touch()
            before = {"cgroups": {f"{folder}/old": "a cgroup"}}
            machine.leave_cgroups(before)
            self.assertEqual(sorted(os.listdir(folder)), ["busy", "old", "user.slice"])
            after = {"cgroups": machine.cgroups()}
            self.assertEqual(len(machine.differences(before, after)), 1)
            for told in ("1:cpu:/busy/x", "0::/busy", "7:name=systemd:/busy"):
                inside = list(machine.cgroups_in(told))
                self.assertEqual(machine.differences(before, after, inside), [], told)

    def test_another_file_system_at_the_same_place(self):
        with tempfile.NamedTemporaryFile("w") as table:
            table.write("22 1 0:5 / /proc rw - proc proc rw\n")
            table.flush()
            before = machine.mounts(table.name)
            table.write("23 22 0:6 / /proc rw - tmpfs tmpfs rw\n")
            table.flush()
            self.assertNotEqual(machine.mounts(table.name), before)


if __name__ == "__main__":
    unittest.main(verbosity=2)
