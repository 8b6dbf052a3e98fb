"""The Debian packages: what is in them, what lintian says, and that two builds are the same."""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

import packages
from needed import needs
from ours import BUILD, SOURCE

# Besides these, the folders that lead to them and what each package has in its share/doc/NAME.
CONTENT = {
    "reunion-server": ["/etc/default/reunion-server",
                       "/lib/systemd/system/reunion-server.service",
                       "/lib/systemd/system/reunion-server.socket",
                       "/usr/bin/reunion-server", "/usr/share/man/man8/reunion-server.8.gz"],
    "reunion-mix": ["/etc/default/reunion-mix", "/lib/systemd/system/reunion-mix.service",
                    "/lib/systemd/system/reunion-mix.socket", "/usr/bin/reunion-mix",
                    "/usr/share/man/man8/reunion-mix.8.gz"],
    "libreunion0": ["/usr/lib/*/libreunion.so.0", "/usr/lib/*/libreunion.so.0.*"],
    "libreunion-dev": ["/usr/include/reunion.h", "/usr/lib/*/libreunion.so",
                       "/usr/lib/*/pkgconfig/reunion.pc"],
}
# Of each program in the client's package.
OF_A_PROGRAM = ("/usr/bin/{0}", "/usr/share/bash-completion/completions/{0}",
                "/usr/share/fish/vendor_completions.d/{0}.fish", "/usr/share/man/man1/{0}.1.gz",
                "/usr/share/zsh/vendor-completions/_{0}")
# Part of every Debian build, and so named by no package that is built.
BUILD_ESSENTIAL = {"gcc", "libc6-dev"}


def run(*command, **options):
    return subprocess.run([str(part) for part in command], check=True, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, **options).stdout


def digests(folder):
    """What the packages are, and not the record of the machine they were built on."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in pathlib.Path(folder).glob("*.deb")}


class Packages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        needs(cls, *packages.PROGRAMS)
        cls.work = pathlib.Path(cls.enterClassContext(
            tempfile.TemporaryDirectory(prefix="a-longer-name-than-before-", dir=BUILD)))
        cls.again = cls.work / "again"
        with concurrent.futures.ThreadPoolExecutor() as both:
            first = both.submit(packages.made, cls)
            second = both.submit(cls.make_again)
            second.result()
            cls.folder = first.result()
        # What is in them, as it would be on a disk.
        cls.root = cls.work / "root"
        for name in packages.NAMES:
            run("dpkg-deb", "--extract", packages.package(cls.folder, name), cls.root)

    @classmethod
    def make_again(cls):
        """From an export without git, and with all that may be different somewhere else."""
        export = cls.work / "export"
        export.mkdir()
        run("git", "-C", SOURCE, "archive", "--output", cls.work / "tar", packages.commit())
        run("tar", "-C", export, "-xf", cls.work / "tar")
        temporary = cls.work / "temporary"
        temporary.mkdir()
        packages.make(cls.again, script=export / "packaging" / "make-deb", TMPDIR=str(temporary),
                      CCACHE_DISABLE="1", DEB_BUILD_OPTIONS="parallel=1", TZ="Asia/Kathmandu",
                      LC_ALL="C", HOME=str(temporary))

    def files(self, name):
        listed = run("dpkg-deb", "--contents", packages.package(self.folder, name))
        return [line.split()[5].removeprefix(".") for line in listed.splitlines()
                if not line.startswith("d")]

    def test_two_builds_give_the_same(self):
        first = digests(self.folder)
        self.assertGreaterEqual(len(first), len(packages.NAMES))
        self.assertEqual(first, digests(self.again))

    def test_the_bill_of_materials(self):
        text = (self.folder / "reunion.spdx.json").read_text()
        self.assertEqual(text, (self.again / "reunion.spdx.json").read_text())
        bill = json.loads(text)
        self.assertEqual(bill["spdxVersion"], "SPDX-2.3")
        named = {each["SPDXID"]: each for each in bill["packages"]}
        for name in packages.NAMES:
            digest = hashlib.sha256(packages.package(self.folder, name).read_bytes()).hexdigest()
            self.assertEqual(named[f"SPDXRef-Package-{name}"]["checksums"],
                             [{"algorithm": "SHA256", "checksumValue": digest}])
        needed = {(each["spdxElementId"], each["relatedSpdxElement"])
                  for each in bill["relationships"] if each["relationshipType"] == "DEPENDS_ON"}
        self.assertIn(("SPDXRef-Package-reunion-server", "SPDXRef-Dependency-libsodium23"), needed)
        for one, other in needed:
            self.assertIn(one, named)
            self.assertRegex(named[other]["versionInfo"], "[0-9]")

    def test_lintian_finds_no_error(self):
        needs(self, "lintian")
        changes, = self.folder.glob("*.changes")
        # Without its own rule that root must not run it, as nothing but files is read. It leaves
        # some of what it writes for the time being.
        done = subprocess.run(["lintian", "--allow-root", "--fail-on=error,warning", changes],
                              env={**os.environ, "TMPDIR": str(self.work)},
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)

    def test_what_is_in_them(self):
        programs = [path.name for path in (self.root / "usr" / "bin").iterdir()
                    if path.name not in CONTENT]
        self.assertIn("reunion-client", programs)
        expected = {**CONTENT, "reunion-client": [
            path.format(program) for program in programs for path in OF_A_PROGRAM]}
        for name, paths in expected.items():
            found = [path for path in self.files(name)
                     if not path.startswith(f"/usr/share/doc/{name}/")]
            unknown = [path for path in found
                       if not any(pathlib.PurePath(path).match(pattern) for pattern in paths)]
            self.assertEqual(unknown, [], name)
            self.assertEqual(len(found), len(paths), (name, found))

    def test_everything_that_is_installed_is_in_one(self):
        """The build's own list against theirs."""
        installed = {pathlib.PurePath(path).name.removesuffix(".gz")
                     for path in run("meson", "introspect", "--installed", BUILD).split('"')[3::4]}
        self.assertIn("reunion-server", installed)
        packaged = {path.name.removesuffix(".gz") for path in self.root.rglob("*")}
        # The sample of settings is called as the service is.
        self.assertEqual(installed - packaged, set())

    def test_programs_tell_the_commit(self):
        for program in (self.root / "usr" / "bin").iterdir():
            self.assertIn(f"(commit {packages.commit()[:12]}", run(program, "--version"))

    def test_the_library_builds_programs(self):
        """With what the packages have and nothing of the tree."""
        place, = self.root.glob("usr/lib/*/pkgconfig")
        flags = run("pkg-config", "--cflags", "--libs", "reunion", env={
            **os.environ, "PKG_CONFIG_PATH": str(place),
            "PKG_CONFIG_SYSROOT_DIR": str(self.root)}).split()
        example = self.root / "usr/share/doc/libreunion-dev/examples/two_parties.c"
        program = self.work / "two_parties"
        run("cc", "-Werror", example, *flags, "-o", program)
        self.assertTrue(run(program, env={**os.environ, "LD_LIBRARY_PATH": str(place.parent)}))

    def test_what_they_are_built_with_is_what_everybody_builds_with(self):
        control = (SOURCE / "packaging/debian/control").read_text()
        named = re.search(r"^Build-Depends: (.*?)^\S", control, re.MULTILINE | re.DOTALL)[1]
        depends = {entry.split()[0] for entry in named.split(",") if entry.strip()}
        groups = (SOURCE / ".ci/packages").read_text().split("\n[")
        build = next(group for group in groups if group.startswith("build]")).splitlines()[1:]
        wanted = {line for line in build if re.match("[a-z0-9]", line)} - BUILD_ESSENTIAL
        self.assertEqual(depends - {"debhelper-compat"}, wanted)


if __name__ == "__main__":
    unittest.main(verbosity=2)
