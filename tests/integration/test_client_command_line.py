"""What the client takes, asks for, refuses, prints and leaves behind, as a program."""

import os
import pty
import re
import signal
import subprocess
import unittest

from harness import Server
from odd_server import OddServer, sound_routes
from ours import BUILD, client
from programs import Program

CLIENT = BUILD / "client" / "reunion-client"


def run(*arguments, stdin=None, environment=None):
    return subprocess.run([CLIENT, *arguments], input=stdin, capture_output=True, timeout=120,
                          env={**os.environ, **(environment or {})},
                          stdin=subprocess.DEVNULL if stdin is None else None, check=False)


class Usage(unittest.TestCase):
    def assert_refused(self, *arguments, says, stdin=None, environment=None):
        done = run(*arguments, stdin=stdin, environment=environment)
        self.assertEqual(done.returncode, 2, done)
        self.assertEqual(done.stdout, b"")
        self.assertIn(says, done.stderr)

    def test_help_and_version(self):
        done = run("--help")
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        for option in ("--msg", "--passphrase", "--server", "--bucket", "--duration",
                       "--reference", "--jobs"):
            self.assertIn(option.encode(), done.stdout)
        done = run("--version")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(
            done.stdout, rb"^reunion-client \d+\.\d+\.\d+ "
            rb"\(commit ([0-9a-f]{12}\+?|unknown), "
            rb"CTIDH engine: (portable|scalar|avx2|avx512f?)\)\n$")

    def test_engines_that_are_none(self):
        for arguments in (("--version",), ("--msg", "x", "--passphrase", "jelly")):
            self.assert_refused(*arguments, says=b"REUNION_CTIDH names no engine",
                                environment={"REUNION_CTIDH": "steam"})

    def test_every_engine_is_named(self):
        """Those that the refusal of an unknown one lists; where this machine cannot run one, the
        client says so."""
        said = run("--version", environment={"REUNION_CTIDH": "steam"}).stderr.decode()
        names = re.split(", | or ", re.search("choose (.*)", said)[1])
        self.assertEqual(names, ["portable", "scalar", "avx2", "avx512f", "avx512"])
        named = []
        for name in names:
            done = run("--version", environment={"REUNION_CTIDH": name})
            if done.returncode == 0:
                self.assertIn(f"engine: {name})", done.stdout.decode())
                named.append(name)
            else:
                self.assertIn(b"cannot run the engine that REUNION_CTIDH names", done.stderr)
        self.assertIn("portable", named)

    def test_messages_that_do_not_fit(self):
        for message, says in (("x" * 97, b"97 bytes"), ("\u00e4" * 49, b"98 bytes"),
                              ("caf\udce9", b"not UTF-8"), ("\udced\udca0\udc80", b"not UTF-8")):
            self.assert_refused("--msg", message, "--passphrase", "jelly", says=says)

    def test_passphrases_that_are_none(self):
        self.assert_refused("--msg", "x", "--passphrase", "", says=b"empty passphrase")
        self.assert_refused("--msg", "x", says=b"no passphrase")
        self.assert_refused("--msg", "x", stdin=b"\n", says=b"empty passphrase")
        self.assert_refused(stdin=b"message alone\n", says=b"no passphrase")
        self.assert_refused(says=b"no message")

    def test_times(self):
        for time in ("", "5x", "m", "1.5h", "-1", "0", "0s", "1 h", "1hm", "99999999d", "9" * 30):
            self.assert_refused("--duration", time, says=b"--duration needs TIME from 1s to")
        # What is wrong with these is the next option alone.
        for name, time in (("--duration", "90"), ("--duration", "90s"), ("--timeout", "10m"),
                           ("--duration", "2h"), ("--duration", "11574d"), ("--tolerance", "0")):
            self.assert_refused(name, time, "--jobs", "0", says=b"--jobs needs")

    def test_nothing_secret_is_repeated(self):
        for arguments in (("--passphrsae=SECRET",), ("--msg", "x", "SECRET"),
                          ("--passphrase", "SECRET", "--msg", "x" * 97)):
            done = run(*arguments)
            self.assertEqual(done.returncode, 2)
            self.assertNotIn(b"SECRET", done.stderr + done.stdout)


class Asking(unittest.TestCase):
    def come(self, odd, *options, stdin):
        return Program("Alice", [CLIENT, "--server", odd.url, "--duration", "600", *options],
                       stdin=stdin)

    def test_lines_of_a_pipe_are_message_and_passphrase(self):
        with OddServer({}) as odd:
            odd.routes = sound_routes(odd)
            with self.come(odd, stdin=subprocess.PIPE) as alice:
                alice.process.stdin.write(b"message\njelly\n")
                alice.process.stdin.close()
                alice.wait_for_line("waiting for others")
                self.assertEqual(alice.stop(signal.SIGINT), 130)

    def run_on_terminal(self, odd, *typed):
        """On a terminal of its own, typing each answer once its question is there. Returns: all
        that the terminal showed, and the exit code after an interrupt."""
        child, terminal = pty.fork()
        if child == 0:
            os.execv(CLIENT, [CLIENT, "--server", odd.url, "--duration", "600"])
        shown = b""

        def read_until(part):
            nonlocal shown
            while part not in shown:
                shown += os.read(terminal, 4096)
        for question, answer in typed:
            read_until(question)
            os.write(terminal, answer)
        read_until(b"waiting for others")
        os.write(terminal, b"\x03")
        _, status = os.waitpid(child, 0)
        os.close(terminal)
        return shown, os.waitstatus_to_exitcode(status)

    def test_a_terminal_shows_the_message_and_hides_the_passphrase(self):
        with OddServer({}) as odd:
            odd.routes = sound_routes(odd)
            shown, code = self.run_on_terminal(
                odd, (b"Message: ", b"hello\n"), (b"Passphrase: ", b"SECRET\n"))
        self.assertEqual(code, 130)
        self.assertIn(b"hello", shown)
        self.assertNotIn(b"SECRET", shown)

    def test_an_interrupt_at_the_question(self):
        with OddServer({}) as odd:
            odd.routes = sound_routes(odd)
            child, terminal = pty.fork()
            if child == 0:
                os.execv(CLIENT, [CLIENT, "--msg", "x", "--server", odd.url])
            shown = b""
            while b"Passphrase: " not in shown:
                shown += os.read(terminal, 4096)
            os.write(terminal, b"\x03")
            _, status = os.waitpid(child, 0)
            os.close(terminal)
            self.assertEqual(os.waitstatus_to_exitcode(status), 130)


class Telling(unittest.TestCase):
    def test_time_over_without_anybody(self):
        with Server() as server, \
                client("Alice", "hello", "jelly", 5, "--server", server.url) as alice:
            self.assertEqual(alice.wait_for_end(), 1)

    def test_trailing_spaces_are_warned_about(self):
        with OddServer({}) as odd:
            odd.routes = sound_routes(odd)
            with client("Alice", "lost  ", "jelly", 600, "--server", odd.url) as alice:
                alice.wait_for_line("spaces at the end")
                alice.wait_for_line("waiting for others")

    def test_the_link_that_is_shown_is_the_buckets(self):
        with OddServer({}) as odd:
            odd.routes = sound_routes(odd)
            with client("Alice", "hello", "jelly", 600, "--server", odd.url) as alice:
                line = alice.wait_for_line("waiting for others").text
                odd.wait_for_request("/feed")
                link = re.search(r"bucket ([0-9a-f]{64})$", line).group(1)
                self.assertTrue(any(link in asked for asked in odd.asked))


if __name__ == "__main__":
    unittest.main(verbosity=2)
