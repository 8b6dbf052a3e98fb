"""Every way a passphrase and a message can be given, and that none of them leaves a trace."""

import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import unittest

from harness import Server
from moved_clock import worker_of
from odd_server import OddServer, sound_routes
from ours import BUILD, client
from programs import Program
from terminal import Terminal

CLIENT = BUILD / "client" / "reunion-client"


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def file(self, name, content, mode=0o600):
        path = self.folder / name
        path.write_bytes(content)
        path.chmod(mode)
        return path


class Meetings(Case):
    """Two who have the same passphrase from different places meet: so both read it right."""

    def setUp(self):
        super().setUp()
        self.server = Server().start()
        self.addCleanup(self.server.__exit__)

    def come(self, name, *options, **further):
        return Program(name, [CLIENT, "--server", self.server.url, "--duration", "600", *options],
                       **further)

    def assert_meet(self, *options, message="from Bob", **further):
        """Somebody with these options meets Alice, who has her passphrase by its plain option."""
        with self.come("Alice", "--msg", "from Alice", "--passphrase", "jelly donut") as alice, \
                self.come("Bob", *options, **further) as bob:
            if further.get("stdin") == subprocess.PIPE:
                bob.process.stdin.write(self.typed)
                bob.process.stdin.close()
            bob.wait_for_line("from Alice", "out")
            alice.wait_for_line(message, "out")
            self.assertEqual(bob.stop(signal.SIGTERM), 0)

    def test_files(self):
        self.assert_meet("--msg-file", self.file("message", b"from Bob\n"),
                         "--passphrase-file", self.file("phrase", b"jelly donut\n"))

    def test_a_descriptor(self):
        path = self.file("phrase", b"jelly donut\n")
        with path.open() as opened:
            os.set_inheritable(opened.fileno(), True)
            with self.come("Alice", "--msg", "from Alice", "--passphrase", "jelly donut") as alice:
                bob = subprocess.Popen(
                    [CLIENT, "--server", self.server.url, "--msg", "from Bob", "--passphrase-fd",
                     str(opened.fileno())], pass_fds=[opened.fileno()], stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                try:
                    alice.wait_for_line("from Bob", "out")
                finally:
                    bob.kill()
                    bob.wait()

    def test_the_environment_and_a_message_of_two_lines_by_standard_input(self):
        self.typed = b"one line\nand another\n"
        self.assert_meet(stdin=subprocess.PIPE, env={"REUNION_PASSPHRASE": "jelly donut"},
                         message=r"escaped:one line\x0aand another")

    def test_a_credential_of_systemd(self):
        self.file("passphrase", b"jelly donut", 0o400)
        self.assert_meet("--msg", "from Bob", env={"CREDENTIALS_DIRECTORY": str(self.folder)})

    def test_the_passphrase_by_standard_input(self):
        self.typed = b"jelly donut\n"
        for option in (("--passphrase-file", "-"), ("--passphrase-fd", "0")):
            self.assert_meet("--msg", "from Bob", *option, stdin=subprocess.PIPE)

    def test_a_generated_one_is_shown_once_and_is_the_one(self):
        command = [CLIENT, "--server", self.server.url, "--msg", "from Bob", "--generate"]
        with Terminal(command) as bob:
            bob.read_until(b"waiting for others")
            phrase = re.search(rb"shown this once: ([a-z]+(?:-[a-z]+){7})\r\n", bob.shown).group(1)
            with self.come("Alice", "--msg", "from Alice",
                           "--passphrase", phrase.decode()) as alice:
                alice.wait_for_line("from Bob", "out")
                bob.read_until(b"from Alice")
                bob.process.send_signal(signal.SIGTERM)
                self.assertEqual(bob.wait_for_end(), 0)
            self.assertEqual(bob.shown.count(phrase), 1)

    def test_a_generated_one_is_told_to_a_program(self):
        with self.come("Bob", "--msg", "from Bob", "--generate", "--json") as bob:
            line = bob.wait_for_line('"event":"passphrase"', "out").text
            phrase = json.loads(line)["passphrase"]
            with self.come("Alice", "--msg", "from Alice", "--passphrase", phrase) as alice:
                alice.wait_for_line("from Bob", "out")
                bob.wait_for_line("from Alice", "out")
            self.assertEqual(bob.transcript().count(phrase), 1)


class Refusals(Case):
    def assert_refused(self, *options, says, env=None, stdin=subprocess.DEVNULL):
        done = subprocess.run([CLIENT, *options], stdin=stdin, capture_output=True, timeout=120,
                              env={**os.environ, **(env or {})}, check=False,
                              start_new_session=True)
        self.assertEqual(done.returncode, 2, done)
        self.assertEqual(done.stdout, b"")
        self.assertIn(says, done.stderr)
        self.assertNotIn(b"SECRET", done.stderr)

    def test_files_that_are_no_good(self):
        for option in ("--passphrase-file", "--msg-file"):
            rest = ("--msg", "x") if option == "--passphrase-file" else ("--passphrase", "x")
            self.assert_refused(option, self.folder / "none", *rest, says=b"No such file")
            self.assert_refused(option, self.folder, *rest, says=b"Is a directory")
            self.assert_refused(option, self.file("large", b"x" * 70000), *rest, says=b"over 65536")
        self.assert_refused("--msg", "x", "--passphrase-file", self.file("two", b"SECRET\nSECRET"),
                            says=b"more than one line")
        self.assert_refused("--msg", "x", "--passphrase-file", self.file("empty", b"\n"),
                            says=b"empty passphrase")
        self.assert_refused("--passphrase", "SECRET", "--msg-file", self.file("odd", b"caf\xe9"),
                            says=b"not UTF-8")
        self.assert_refused("--msg", "x", "--passphrase-fd", "77", says=b"not open")
        self.assert_refused("--msg", "x", says=b"over 65536",
                            env={"REUNION_PASSPHRASE": "SECRET" * 11000})

    def test_without_a_terminal(self):
        self.assert_refused("--msg", "x", "--generate", says=b"no terminal")
        self.assert_refused("--msg", "x", "--confirm", says=b"asks on a terminal")

    def test_nothing_on_standard_input(self):
        self.assert_refused(env={"REUNION_PASSPHRASE": "SECRET"}, says=b"there is no message")


def shown(pid, name):
    """What a file of a process has; nothing, where others may not even read it."""
    try:
        return pathlib.Path(f"/proc/{pid}/{name}").read_bytes()
    except PermissionError:
        return b""


class Traces(Case):
    """While the program runs, its secrets are in none of the places others can look at."""

    def assert_hidden(self, *options, env=None, says=None):
        with OddServer({}) as odd:
            odd.routes = sound_routes(odd)
            with Program("Alice", [CLIENT, *options, "--server", odd.url], env=env) as alice:
                odd.wait_for_request("GET /v1/server")
                for pid in (alice.process.pid, worker_of(alice.process.pid)):
                    for name in ("cmdline", "environ"):
                        self.assertNotIn(b"SECRET", shown(pid, name), name)
                alice.wait_for_line("waiting for others")
                if says:
                    alice.wait_for_line(says)
                self.assertEqual(alice.stop(signal.SIGINT), 130)
                self.assertNotIn("SECRET", alice.transcript())

    def test_arguments(self):
        for form in (["--passphrase", "SECRET phrase"], ["--passphrase=SECRET phrase"]):
            self.assert_hidden(*form, "--msg", "SECRET text")

    def test_the_environment(self):
        self.assert_hidden("--msg", "x", env={"REUNION_PASSPHRASE": "SECRET phrase"})
        # Also where it is not what counts.
        self.assert_hidden("--msg", "x", "--passphrase", "SECRET",
                           env={"REUNION_PASSPHRASE": "SECRET phrase"})

    def test_a_file_that_others_may_read_is_warned_about(self):
        self.assert_hidden("--msg", "x", "--passphrase-file", self.file("open", b"SECRET", 0o644),
                           says="chmod 600")


if __name__ == "__main__":
    unittest.main(verbosity=2)
