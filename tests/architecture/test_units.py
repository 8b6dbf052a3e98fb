"""The units for systemd: it understands every line of them, and they give away little."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import tree
from needed import needs

BUILD = pathlib.Path(os.environ["REUNION_BUILD"])
SYSTEM_UNITS = pathlib.Path("/usr/lib/systemd/system")
# Of each service, what names the file with its settings, which has to be the same one.
SETTINGS_NAMED_IN = {
    "reunion-server": ("README.md", "docs/operating.md", "tests/container/test_systemd.py"),
    "reunion-mix": ("docs/operating.md",),
}
# As `systemd-analyze security` counts: 10 is everything a process may do, 0 nothing.
EXPOSURE_MAX = 1.5
SOMEBODYS_KEY = "CQ" + 41 * "A"


class Units:
    """Tests of the units of a service; `name` is its name."""

    def setUp(self):
        needs(self, "systemd-analyze")
        folder = self.enterContext(tempfile.TemporaryDirectory(prefix="reunion-"))
        self.root = pathlib.Path(folder)
        subprocess.run(["meson", "install", "-C", BUILD, "--no-rebuild", "--quiet", "--destdir",
                        self.root], check=True, capture_output=True)
        self.units = [self.found(f"{self.name}.{kind}") for kind in ("service", "socket")]
        # What every system has, which units are ordered by.
        own = self.root / "lib" / "systemd" / "system"
        own.mkdir(parents=True)
        for target in SYSTEM_UNITS.glob("*.target"):
            shutil.copy(target, own)

    def found(self, name):
        """Where it is installed."""
        paths = [path for path in self.root.rglob(name) if path.is_file()]
        self.assertEqual(len(paths), 1, name)
        return paths[0]

    def verify(self):
        """What systemd says of the installed units, which is nothing if all is well: of a key that
        it does not know it tells without failing."""
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", f"--root={self.root}",
                               *(f"/{path.relative_to(self.root)}" for path in self.units)],
                              capture_output=True, text=True)
        return done.stdout + done.stderr

    def test_systemd_understands_them(self):
        self.assertEqual(self.verify(), "")

    def test_what_it_does_not_understand_is_seen(self):
        service = self.units[0]
        good = service.read_text()
        for line, planted in (("PrivateTmp=yes", "PrivateTemp=yes"),
                              ("PrivateTmp=yes", "PrivateTmp=perhaps"),
                              (f"bin/{self.name}\n", f"bin/{self.name}s\n")):
            self.assertIn(line, good)
            service.write_text(good.replace(line, planted))
            self.assertNotEqual(self.verify(), "", planted)

    def test_little_is_exposed(self):
        done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager",
                               self.units[0]], capture_output=True, text=True)
        level = re.search(r"Overall exposure level for \S+: ([\d.]+) ", done.stdout)
        self.assertTrue(level, done.stdout + done.stderr)
        self.assertLessEqual(float(level[1]), EXPOSURE_MAX, done.stdout)

    def test_they_are_for_each_other(self):
        """The sample of settings is where the service looks for it, and the manual page is ours."""
        service, socket = (path.read_text() for path in self.units)
        named = re.search(r"^EnvironmentFile=-(.*)$", service, re.MULTILINE)[1]
        self.assertTrue((self.root / named.lstrip("/")).is_file(), named)
        for document in SETTINGS_NAMED_IN[self.name]:
            told = set(re.findall(rf"[\w/]*/default/{self.name}\b",
                                  tree.text(pathlib.Path(document))))
            self.assertEqual(told, {named}, document)
        for unit in (service, socket):
            page = re.search(r"^Documentation=man:(\S+)\((\d)\)$", unit, re.MULTILINE)
            self.found(f"{page[1]}.{page[2]}")

    def test_the_settings_to_be_chosen_from_are_good(self):
        """Every example in the sample, all of them in force at once."""
        sample = tree.text(pathlib.Path(f"server/installed/{self.name}.default"))
        given = dict(re.findall(r"^#(REUNION_\w+)=(.*)$", sample, re.MULTILINE))
        self.assertGreater(len(given), 5)
        given.update(self.instead)
        done = subprocess.run([BUILD / "server" / self.name, "--check-config"],
                              env={**os.environ, **given}, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(len(re.findall(r"^\S+ +environment ", done.stdout, re.MULTILINE)),
                         len(given), done.stdout)


class Server(Units, unittest.TestCase):
    name = "reunion-server"
    instead = {}


class Mix(Units, unittest.TestCase):
    name = "reunion-mix"

    @property
    def instead(self):
        """A net file that is there."""
        file = self.root / "net.json"
        file.write_text(json.dumps({"mixes": [{"name": "a", "address": "203.0.113.5:5444",
                                               "key": SOMEBODYS_KEY}], "servers": []}))
        return {"REUNION_MIX_NET": str(file)}


if __name__ == "__main__":
    unittest.main(verbosity=2)
