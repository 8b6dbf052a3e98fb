"""A Debian that has never seen the project, and what README.md has a newcomer type there.

Everything happens in one container, in an order: what needs least comes first, so that nothing is
there by then that it would not have installed itself.
"""

import re
import subprocess
import tempfile
import unittest

import needed_programs
import packages as made_packages
from containers import SUITE, Engine, run
from needed import needs
from ours import BUILD, SOURCE
from programs import Failure

# Fetched once for a build folder.
ARCHIVES = BUILD / "container" / "archives"
SOURCES = "/src"
SETTINGS = "/etc/default/reunion-server"
# What only tests, or only packages, are made with or tried with.
OTHERS_OWN = {"build-essential", "caddy", "clang", "debhelper", "dpkg-dev", "libcmocka-dev",
              "nginx-light", "podman", "prometheus", "python3-venv", "systemd", "tor", "valgrind"}
AMOUNT = re.compile(r"\(\d+ upgraded, (\d+) newly installed, (?:[\d.]+ [kM]?B/)?"
                    r"([\d.]+) MB to fetch, ([\d,.]+) MB on the disk\): a minute or two")
# What README.md says of them, which may be as much out of date.
TOLD = {name: re.compile(rf"`make {name}` (?:[\w ]*?)(\d+) (?:more )?\((\d+) MB[\w ]*,\s+(\d+) MB")
        for name in ("demo", "test")}
OUT_OF_DATE = 0.25
ENABLED = ("find /etc/systemd /etc/rc?.d -type l "
           "'(' -path '/etc/systemd/*' -o -name 'S[0-9][0-9]*' ')' | sort")


class Bare(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        engine = cls.enterClassContext(Engine(cls()))
        needs(cls(), "git")
        (ARCHIVES / "partial").mkdir(parents=True, exist_ok=True)
        folder = cls.enterClassContext(tempfile.TemporaryDirectory(prefix="reunion-"))
        run("git", "-C", SOURCE, "archive", "--output", f"{folder}/sources.tar", "HEAD")
        # On the machine's own network, which apt needs.
        cls.name = engine.podman(
            "run", "--detach", "--network=host", f"--volume={folder}:/given:ro",
            f"--volume={ARCHIVES}:/var/cache/apt/archives", *engine.limits(),
            f"localhost/debian:{SUITE}-slim", "sleep", "infinity", online=True).strip()
        cls.engine = engine
        cls.addClassCleanup(engine.podman, "rm", "--force", "--time", "0", cls.name, online=True)

    def run_there(self, command):
        """Returns: the exit code, and both outputs."""
        done = subprocess.run(
            self.engine.command("exec", f"--workdir={SOURCES}", self.name, "bash", "-euc", command,
                                online=True),
            env=self.engine.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)
        return done.returncode, done.stdout

    def do(self, command):
        """Returns: what it printed."""
        code, said = self.run_there(command)
        if code != 0:
            raise Failure(f"{command}: {code}\n{said}")
        return said

    def installed(self):
        return set(self.do("dpkg-query --show --showformat='${Package}\\n'").split())

    def state(self):
        """What installing packages must not change."""
        return {"enabled at boot": self.do(ENABLED),
                "who decides what is started": self.do("ls -l /usr/sbin/policy-rc.d || :"),
                "running": set(self.do("cat /proc/[0-9]*/comm").split()) - {"bash", "cat"}}

    def test_all_in_order(self):
        self.prepare()
        before = self.state()
        for step in (self.nothing_without_rights, self.demo, self.build, self.library,
                     self.packages, self.all_that_tests_need):
            with self.subTest(step.__name__):
                step()
                self.assertEqual(self.state(), before)

    def prepare(self):
        """Sources, the one program that has to be there, and no lists of apt's any more."""
        self.engine.podman("exec", self.name, "sh", "-ec",
                           f"mkdir {SOURCES}; tar -C {SOURCES} -xf /given/sources.tar", online=True)
        # The images' own way to keep apt's files out of them.
        self.do("rm /etc/apt/apt.conf.d/docker-clean")
        elsewhere = "apt-get --option Dir::State::lists=/tmp/lists --yes"
        self.do(f"mkdir -p /tmp/lists/partial; {elsewhere} update; "
                f"{elsewhere} install --no-install-recommends make")
        self.assertEqual(self.do("find /var/lib/apt/lists -name '*Packages*'"), "")
        self.assertEqual(self.installed() & (OTHERS_OWN | {"gcc", "python3"}), set())

    def nothing_without_rights(self):
        packages = self.installed()
        for target in ("demo", "build", "test", "bench", "fuzz", "deb", "format"):
            code, said = self.run_there(f"setpriv --reuid=1234 --clear-groups make {target}")
            self.assertNotEqual(code, 0, said)
            self.assertRegex(said, "sudo apt-get update && sudo apt-get install .* "
                                   f"{'clang-format' if target == 'format' else 'gcc'}")
        self.assertEqual(self.installed(), packages)

    def demo(self):
        packages = self.installed()
        said = self.do("make demo")
        self.assertIn("They have met.", said)
        new = self.installed() - packages
        amount = self.amount(said)
        self.assertEqual(amount[0], len(new), said)
        self.assert_told("demo", amount)
        self.assertLess(said.index("newly installed"), said.index("They are installed"))
        self.assertEqual(new & OTHERS_OWN, set())

    @staticmethod
    def amount(said):
        """The packages that were to be installed, and their megabytes, fetched and on the disk."""
        return [float(number.replace(",", "")) for number in AMOUNT.search(said).groups()]

    def assert_told(self, target, amount):
        """README.md says of a target how much it installs."""
        readme = (SOURCE / "README.md").read_text()
        told = [float(number) for number in TOLD[target].search(readme).groups()]
        for said, measured in zip(told, amount, strict=True):
            self.assertLess(abs(said / measured - 1), OUT_OF_DATE, (target, told, amount))

    def build(self):
        packages = self.installed()
        self.assertEqual(self.do("make build"), "")
        self.assertEqual(self.installed(), packages)

    def library(self):
        """Without what names a folder for libraries of this processor's (dpkg-architecture)."""
        self.do("! command -v dpkg-architecture; meson install --no-rebuild -C build")
        command, = re.findall(r"^`(cc program.c .*)` is all", (SOURCE / "README.md").read_text(),
                              re.MULTILINE)
        self.do(f"cp common/example/two_parties.c program.c; {command}")
        self.assertIn("alice@example.org", self.do("./a.out"))
        self.assert_settings_are_the_operators()

    def assert_settings_are_the_operators(self):
        unit = self.do("cat /usr/local/lib/systemd/system/reunion-server.service")
        self.assertIn(f"EnvironmentFile=-{SETTINGS}\n", unit)
        self.do(f"echo REUNION_LIFETIME=2h >>{SETTINGS}; meson install --no-rebuild -C build")
        self.assertIn("REUNION_LIFETIME=2h\n", self.do(f"cat {SETTINGS}"))

    def packages(self):
        packages = self.installed()
        said = self.do("make deb")
        self.of_packages = self.amount(said)
        for name in made_packages.NAMES:
            self.assertIn(f"build/packages/{name}_", said)
        self.assertEqual((self.installed() - packages) & OTHERS_OWN,
                         {"build-essential", "debhelper", "dpkg-dev"})

    def all_that_tests_need(self):
        """All that a test may want is there once `make test` has installed what it needs."""
        said = self.do("make deps")
        self.assert_told("test", [sum(both) for both in zip(self.of_packages, self.amount(said))])
        programs = [each for each in needed_programs.collect() if not each.startswith("/dev/")]
        self.assertLess({"nginx", "podman", "lintian", "dpkg-buildpackage"}, set(programs))
        missing = self.do("".join(
            f"[ -e {each} ] || command -v {each} >/dev/null || echo {each}\n" for each in programs))
        self.assertEqual(missing, "")
        # Nor does an upgrade of theirs enable what was not.
        self.do("! deb-systemd-helper --quiet was-enabled nginx.service")
        self.do("apt-get autoclean")


if __name__ == "__main__":
    unittest.main(verbosity=2)
