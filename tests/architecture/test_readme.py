"""What README.md states of commands, options, exit codes, versions and folders is so."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

import tree

BUILD = pathlib.Path(os.environ["REUNION_BUILD"])
README = tree.text("README.md")
PROGRAMS = {"reunion-client": "client", "reunion-group": "client", "reunion-link": "client",
            "reunion-on-an-ethernet": "client", "reunion-server": "server",
            "reunion-mix": "server"}
KEY = "ssh-ed25519 " + "A" * 68  # as long as each of this kind
MESSAGE_BYTES = 96


def run(program, *arguments):
    return subprocess.run([BUILD / PROGRAMS[program] / program, *arguments], capture_output=True,
                          text=True, stdin=subprocess.DEVNULL, check=False)


def help_of(program):
    return run(program, "--help").stdout


def code(text):
    """The lines of fenced blocks, and what stands in backticks, line ends as blanks."""
    blocks = re.findall(r"^```\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    prose = re.sub(r"^```\n.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()] + \
        [part.replace("\n", " ") for part in re.findall(r"`([^`]+)`", prose)]


def commands(text):
    """(program, its option) of each option in a command of one of the programs."""
    return [(program, option) for line in code(text) for program in PROGRAMS
            for found in re.findall(rf"\b{program}((?: [^#|&`]*)?)", line.partition("#")[0])
            for option in re.findall(r"(?<=\s)--[a-z][a-z-]*", found)]


def unknown_options(text):
    known = {program: set(re.findall(r"--[a-z][a-z-]*", help_of(program))) for program in PROGRAMS}
    return [each for each in commands(text) if each[1] not in known[each[0]]]


def options_of_nobody(text):
    """Options that stand alone, in backticks, and that no program has."""
    known = set().union(*(re.findall(r"--[a-z][a-z-]*", help_of(name)) for name in PROGRAMS))
    return [part for part in code(text)
            if re.match(r"--[a-z]", part) and re.match(r"--[a-z-]+", part)[0] not in known]


def targets(text):
    return {target for line in code(text) for target in re.findall(r"^make ([a-z-]+)", line)}


def exit_codes(program):
    told = help_of(program).split("Exit status:\n")[1]
    return {number: " ".join(meaning.split())
            for number, meaning in re.findall(r"^ +(\d+)  (.*(?:\n {7}.*)*)", told, re.MULTILINE)}


def needed_versions():
    """(dependency, version) of each that the build wants a version of, or newer."""
    return [found for path in tree.files(".build") if path.parts[0] != "tests"
            for found in re.findall(r"dependency\('([\w]+)', version: '>=([\d.]+)'",
                                    tree.text(path)) if found[0] != "cmocka"]


class Readme(unittest.TestCase):
    def test_options_of_commands_are_the_programs(self):
        self.assertGreater(len(commands(README)), 15)
        self.assertEqual(unknown_options(README), [])
        self.assertEqual(options_of_nobody(README), [])

    def test_options_that_nobody_has_are_found(self):
        self.assertEqual(unknown_options("`reunion-link open\n--steam`"),
                         [("reunion-link", "--steam")])
        self.assertEqual(unknown_options("```\nreunion-client --duration 5 --tea  # --milk\n```\n"),
                         [("reunion-client", "--tea")])
        self.assertEqual(options_of_nobody("`--expect N` `--steam`"), ["--steam"])

    def test_targets_of_make_are_there(self):
        there = set(re.findall(r"^([a-z-]+):", tree.text("Makefile"), re.MULTILINE))
        self.assertGreater(len(targets(README)), 5)
        self.assertEqual(targets(README) - there, set())
        self.assertEqual(targets("`make tea`") - there, {"tea"})

    def test_exit_codes_are_those_of_the_client(self):
        rows = dict(re.findall(r"^\| (\d+) \| (.*) \|$", README, re.MULTILINE))
        self.assertEqual(rows, exit_codes("reunion-client"))

    def test_versions_are_those_that_the_build_asks_for(self):
        needed = needed_versions()
        self.assertGreater(len(needed), 5)
        for name, version in needed:
            self.assertIn(f"{name} {version}", " ".join(README.split()))
        meson, = re.findall(r"meson_version: '>=([\d.]+)'", tree.text("meson.build"))
        self.assertIn(f"meson {meson}, ", README)

    def test_folders_are_those_there_are(self):
        shown = README.partition("## The tree\n\n```\n")[2].partition("```")[0]
        told = re.findall(r"^([a-z]+)/ +\w", shown, re.MULTILINE)
        self.assertEqual(sorted(told), sorted({path.parts[0] for path in tree.files()
                                               if len(path.parts) > 1 and path.parts[0][0] != "."}))

    def test_how_long_a_key_may_be(self):
        stated = re.search(r"kind ed25519 has (\d+): it fits without its comment, or with\s+one of "
                           r"up to (\d+) characters", README)
        self.assertEqual([int(number) for number in stated.groups()],
                         [len(KEY), MESSAGE_BYTES - len(KEY) - 1])
        with tempfile.TemporaryDirectory(prefix="reunion-") as folder:
            for comment, exit_code, said in ((15, 3, "cannot be reached"), (16, 2, "97 bytes")):
                done = run("reunion-client", "--msg", f"{KEY} {'c' * comment}", "--passphrase",
                           "quite a long one", "--duration", "1", "--server",
                           f"unix:{folder}/none")
                self.assertEqual(done.returncode, exit_code, done.stderr)
                self.assertIn(said, done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
