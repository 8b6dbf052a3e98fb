"""The completions that are installed, asked as the shells ask them."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import unittest

from needed import needs
from ours import SOURCE
from terminal import Terminal

INSTALLED = SOURCE / "client" / "installed"
BASH_COMPLETION = "/usr/share/bash-completion/bash_completion"


def run(*command, **options):
    done = subprocess.run([str(part) for part in command], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, done
    return done.stdout

# So long zsh may take to offer something; where nothing fits it takes all of that.
OFFER_S = 5


class Completions:
    """What holds for every shell; `complete(line)` gives the words it offers for the last one."""

    def setUp(self):
        needs(self, *self.NEEDED)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "phrase.txt").touch()

    def test_a_name_is_completed(self):
        self.assertEqual(self.complete("reunion-client --dur"), ["--duration"])
        self.assertEqual(self.complete("reunion-client --passphrase-"),
                         ["--passphrase-fd", "--passphrase-file"])
        self.assertIn("--message", self.complete("reunion-client --m"))

    def test_what_belongs_to_check(self):
        self.assertEqual(self.complete("reunion-client ch"), ["check"])
        self.assertIn("--server", self.complete("reunion-client check --s"))
        self.assertEqual(self.complete("reunion-client check --dur"), [])

    def test_files_where_files_are_wanted(self):
        self.assertEqual(self.complete("reunion-client --passphrase-file phr"), ["phrase.txt"])
        self.assertEqual(self.complete("reunion-client --bucket phr"), [])


class Bash(Completions, unittest.TestCase):
    NEEDED = ("bash", BASH_COMPLETION)

    def complete(self, line):
        words = line.split(" ")
        script = f"""
            source {BASH_COMPLETION}
            source {INSTALLED / "reunion-client.bash"}
            COMP_LINE=$1 COMP_POINT=${{#1}} COMP_WORDS=({' '.join(words)})
            COMP_CWORD={len(words) - 1}
            _reunion_client
            printf '%s\\n' "${{COMPREPLY[@]}}"
        """
        shown = run("bash", "--norc", "-c", script, "bash", line, cwd=self.folder)
        return sorted(word.strip() for word in shown.splitlines() if word.strip())

    def test_it_is_loaded_for_the_program(self):
        shown = run("bash", "--norc", "-c", f"source {BASH_COMPLETION}; "
                    f"source {INSTALLED / 'reunion-client.bash'}; complete -p reunion-client")
        self.assertIn("-F _reunion_client", shown)


class Fish(Completions, unittest.TestCase):
    NEEDED = ("fish",)

    def environment(self):
        """It makes a folder for its settings even where it reads none."""
        return {**os.environ, "HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder)}

    def complete(self, line):
        shown = run("fish", "--no-config", "-c", f"source {INSTALLED / 'reunion-client.fish'}; "
                    f"complete -C '{line}'", cwd=self.folder, env=self.environment())
        return sorted(row.split("\t")[0] for row in shown.splitlines())

    def test_descriptions(self):
        shown = run("fish", "--no-config", "-c", f"source {INSTALLED / 'reunion-client.fish'}; "
                    "complete -C 'reunion-client --ms'", env=self.environment())
        self.assertIn("--msg\tthe message for those you meet", shown.splitlines())


class Zsh(Completions, unittest.TestCase):
    NEEDED = ("zsh",)

    def complete(self, line):
        """On a pseudo-terminal: zsh completes only in its line editor."""
        home = self.folder / "home"
        functions = home / "functions"
        functions.mkdir(parents=True, exist_ok=True)
        shutil.copy(INSTALLED / "reunion-client.zsh", functions / "_reunion-client")
        (home / ".zshrc").write_text(f"""
            fpath=({functions} $fpath)
            autoload -Uz compinit && compinit -u -d {home}/dump
            PS1='ready> '
            unsetopt beep
            zstyle ':completion:*' list-colors ''
            # Write what is offered to a file as well.
            compadd() {{
                local -a offered
                [[ ${{@[(I)-[OAD]]}} -gt 0 ]] || builtin compadd -O offered "$@"
                builtin compadd "$@"
                local code=$?
                (( $#offered )) && print -rl -- $offered >> {home}/offered
                return code
            }}
        """)
        offered = home / "offered"
        offered.unlink(missing_ok=True)
        with Terminal(["zsh", "-i"], columns=200,
                      env={"ZDOTDIR": str(home), "HOME": str(home)}) as shell:
            place = shell.read_until(b"ready> ")
            shell.type(f"cd '{self.folder}' || exit\nclear\n".encode())
            place = shell.read_until(b"ready> ", after=place)
            # The line is thrown away; a word that is printed shows that this is done.
            shell.type(line.encode() + b"\t")
            # zsh gives up a completion when more is typed meanwhile.
            deadline_s = time.monotonic() + OFFER_S
            while not offered.exists() and time.monotonic() < deadline_s:
                shell.look(0.1)
            shell.type(b"\x15print do\"\"ne\n")
            shell.read_until(b"done", after=place)
        words = offered.read_text().splitlines() if offered.exists() else []
        return sorted({word.rstrip("=") for word in words})


if __name__ == "__main__":
    unittest.main(verbosity=2)
