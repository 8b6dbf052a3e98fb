"""What is installed works for others: a program outside the tree is built by pkg-config alone."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import tree

BUILD = pathlib.Path(os.environ["REUNION_BUILD"])
EXAMPLE = tree.SOURCE / "common" / "example" / "two_parties.c"


def run(*command, **options):
    done = subprocess.run([str(part) for part in command], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if done.returncode != 0:
        raise AssertionError(f"{command}: {done.returncode}\n{done.stdout}")
    return done.stdout


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = cls.enterClassContext(tempfile.TemporaryDirectory(prefix="reunion-"))
        cls.root = pathlib.Path(folder)
        run("meson", "install", "-C", BUILD, "--no-rebuild", "--destdir", cls.root)
        options = json.loads(run("meson", "introspect", "--buildoptions", BUILD))
        cls.values = {option["name"]: option["value"] for option in options}
        cls.prefix = cls.root / cls.values["prefix"].lstrip("/")
        cls.library = cls.prefix / cls.values["libdir"]

    def test_pkg_config_and_the_loader_look_where_it_is(self):
        """By themselves, whichever of Debian's packages say where libraries belong."""
        prefix, libdir = (self.values[name] for name in ("prefix", "libdir"))
        self.assertEqual(prefix, "/usr/local")
        library = pathlib.Path(prefix, libdir)
        searched = run("pkg-config", "--variable=pc_path", "pkg-config").strip().split(":")
        self.assertIn(str(library / "pkgconfig"), searched)
        environment = {**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"}
        listed = run("ldconfig", "-N", "-X", "-v", env=environment)
        # It looks there also where nothing has been installed yet, and tells that it is not there.
        self.assertIn(f"{library}", re.findall(r"^(?:ldconfig: Can't stat )?(/[^:]+):", listed,
                                               re.MULTILINE))

    def test_settings_that_are_there_are_left(self):
        file = self.root / "etc" / "default" / "reunion-server"
        sample = (tree.SOURCE / "server/installed/reunion-server.default").read_text()
        self.assertEqual(file.read_text(), sample)
        self.addCleanup(file.write_text, sample)
        file.write_text("REUNION_LIFETIME=2h\n")
        run("meson", "install", "-C", BUILD, "--no-rebuild", "--destdir", self.root)
        self.assertEqual(file.read_text(), "REUNION_LIFETIME=2h\n")

    def test_who_may_not_write_settings_is_told(self):
        closed = self.root / "a file" / "reunion-server"
        (self.root / "a file").touch()
        said = run(tree.SOURCE / "server/installed/put-settings", "a sample", closed,
                   env={**os.environ, "DESTDIR": ""})
        self.assertEqual(said, f"{closed} cannot be written by this user; the service's sample of "
                               "settings is a sample.\n")

    def test_uninstalling_leaves_the_settings(self):
        """In a stand-in for the build folder, as its log names what was installed last."""
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="reunion-")))
        (folder / "meson-private").mkdir()
        (folder / "meson-logs").mkdir()
        for path in BUILD.iterdir():
            if path.name not in ("meson-private", "meson-logs"):
                (folder / path.name).symlink_to(path)
        for path in (BUILD / "meson-private").glob("*.dat"):
            shutil.copy(path, folder / "meson-private")
        root = folder / "root"
        run("meson", "install", "-C", folder, "--no-rebuild", "--destdir", root)
        self.assertTrue((root / "usr/local/bin/reunion-client").exists())
        # What `ninja uninstall` runs.
        self.assertIn("meson --internal uninstall\n", (BUILD / "build.ninja").read_text())
        run("meson", "--internal", "uninstall", cwd=folder)
        left = [path.relative_to(root) for path in root.rglob("*") if not path.is_dir()]
        self.assertEqual(sorted(left), [pathlib.Path("etc/default/reunion-mix"),
                                        pathlib.Path("etc/default/reunion-server")])

    def pkg_config(self, *arguments):
        search = f"{self.library / 'pkgconfig'}:{os.environ.get('PKG_CONFIG_PATH', '')}"
        return run("pkg-config", f"--define-variable=prefix={self.prefix}", *arguments, "reunion",
                   env={**os.environ, "PKG_CONFIG_PATH": search}).split()

    def test_the_example_is_short(self):
        self.assertLess(len(EXAMPLE.read_text().splitlines()), 80)

    def test_the_example_builds_and_runs(self):
        program = self.root / "two_parties"
        run("cc", "-Werror", EXAMPLE, *self.pkg_config("--cflags", "--libs"), "-o", program)
        environment = {**os.environ, "LD_LIBRARY_PATH": str(self.library)}
        self.assertTrue(run(program, env=environment).strip())

    def test_the_version_is_the_project_s(self):
        project = json.loads(run("meson", "introspect", "--projectinfo", BUILD))
        self.assertEqual(self.pkg_config("--modversion"), [project["version"]])

    def test_only_the_public_header_is_installed(self):
        headers = [path.name for path in (self.prefix / "include").rglob("*.h")]
        self.assertEqual(headers, ["reunion.h"])

    def test_the_library_shows_what_the_header_declares(self):
        listed = run("nm", "--dynamic", "--defined-only", "--format=posix",
                     self.library / "libreunion.so")
        names = {line.split()[0].partition("@")[0] for line in listed.splitlines()}
        header = (self.prefix / "include" / "reunion.h").read_text()
        declared = set(re.findall(r"\b(reunion_\w+)\(", header))
        self.assertIn("reunion_session_open", declared)
        self.assertEqual(names, declared)
        # A package of it is made only where they are all known there.
        packaged = tree.text(pathlib.Path("packaging/debian/libreunion0.symbols"))
        self.assertEqual(set(re.findall(r"^ (\w+)@Base ", packaged, re.MULTILINE)), declared)

    def test_the_programs_tell_what_they_are(self):
        programs = sorted((self.prefix / "bin").iterdir())
        self.assertLessEqual({"reunion-server", "reunion-client", "reunion-group",
                              "reunion-link", "reunion-on-an-ethernet"},
                             {program.name for program in programs})
        for program in programs:
            self.assertRegex(run(program, "--version"),
                             rf"^{program.name} \d+\.\d+\.\d+ "
                             r"\(commit ([0-9a-f]{12}\+?|unknown)\b")

    def test_nothing_tells_where_it_was_built(self):
        installed = [path for path in self.root.rglob("*") if path.is_file()]
        self.assertGreater(len(installed), 5)
        for place in (tree.SOURCE, BUILD):
            self.assertEqual([path for path in installed
                              if str(place).encode() in path.read_bytes()], [])

    def test_the_library_has_the_name_of_its_interface(self):
        dynamic = run("readelf", "--dynamic", self.library / "libreunion.so")
        self.assertIn("soname: [libreunion.so.0]", dynamic)

    def test_the_guide_comes_with_the_samples_that_it_names(self):
        place = self.prefix / "share" / "doc" / "reunion-server"
        guide = (place / "operating.md").read_text()
        named = re.findall(r"packaging/[\w./-]*\w", guide)
        self.assertGreater(len(named), 5)
        self.assertEqual([each for each in named if not (place / each).exists()], [])

    def test_manual_pages_and_completions_are_where_they_are_looked_for(self):
        share = self.prefix / "share"
        for name in ("reunion-server", "reunion-mix"):
            self.assertIn(".TH REUNION", (share / f"man/man8/{name}.8").read_text())
        for name in ("reunion-client", "reunion-group", "reunion-link",
                     "reunion-on-an-ethernet"):
            for place, part in ((f"man/man1/{name}.1", ".TH REUNION"),
                                (f"bash-completion/completions/{name}", "complete -F"),
                                (f"zsh/site-functions/_{name}", f"#compdef {name}\n"),
                                (f"fish/vendor_completions.d/{name}.fish", "complete -c")):
                self.assertIn(part, (share / place).read_text())


if __name__ == "__main__":
    unittest.main(verbosity=2)
