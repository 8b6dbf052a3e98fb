"""The client as somebody at a keyboard has it: questions, the line of progress, and what is left of
the terminal afterwards."""

import contextlib
import os
import re
import select
import signal
import subprocess
import unittest
from pathlib import Path

from gateway import Gateway
from harness import Server
from odd_server import OddServer, sound_routes
from ours import BUILD, client
from programs import PATIENCE_S
from terminal import Terminal, screen

CLIENT, LINK, ETHERNET = (
    BUILD / "client" / name
    for name in ("reunion-client", "reunion-link", "reunion-on-an-ethernet"))
ERASE = b"\r\x1b[K"


@contextlib.contextmanager
def sound_server():
    with OddServer({}) as odd:
        odd.routes = sound_routes(odd)
        yield odd


def children_of(pid):
    return list(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


class Case(unittest.TestCase):
    def end(self, terminal, by_signal, code):
        terminal.process.send_signal(by_signal)
        self.assertEqual(terminal.wait_for_end(), code, terminal.shown)
        self.assertTrue(terminal.is_as_before())


class Errors(Case):
    """An error inside the server, or inside something in between."""

    KINDS = ((b'{"type": "urn:reunion:problem:internal", "title": "", "status": 500}',
              b"an error inside the server, status 500"),
             (b"<html>Internal Server Error", b"somebody else answers there, with status 500"))

    def test_before_questions_and_until_it_is_over(self):
        for body, said in self.KINDS:
            with sound_server() as odd:
                sound = odd.routes
                odd.routes = {**sound, "GET /v1/server": (500, {}, body)}
                with Terminal([CLIENT, "--server", odd.url]) as user:
                    user.read_until(b"at " + odd.url.encode() + b": the server cannot serve "
                                    b"requests yet (" + said + b"); trying for 30 s\r\n")
                    self.assertNotIn(b"Message:", user.shown)
                    odd.routes = sound
                    user.read_until(b"Message: ")
                    self.assertEqual(user.shown.count(b"500"), 1)
                    user.type(b"\x03")
                    self.assertEqual(user.wait_for_end(), 130)
                    self.assertTrue(user.is_as_before())

    def test_while_others_are_waited_for(self):
        """Said once, above the line of progress, as is that it is over."""
        for body, said in self.KINDS:
            with Server() as server, Gateway(server) as gateway:
                wrong = []
                gateway.change = lambda line, *answer, body=body, wrong=wrong: (
                    (500, {}, body) if wrong and "/feed" in line else answer)
                with Terminal([CLIENT, "--server", gateway.url, "--msg", "x", "--passphrase",
                               "jelly"]) as user, \
                        client("Bob", "from Bob", "donut", 600, "--server", server.url) as bob:
                    place = user.read_until(b"waiting for others")
                    bob.wait_for_line("waiting for others")
                    wrong.append(True)
                    with client("Carol", "from Carol", "donut", 600, "--server", server.url):
                        place = user.read_until(
                            b"at " + gateway.url.encode() + b": the server cannot serve requests "
                            b"now (" + said + b"); trying again\r\n", after=place)
                    wrong.clear()
                    user.read_until(b"the server is back\r\n", after=place)
                    self.assertEqual(user.shown.count(b"status 500"), 1)
                    self.end(user, signal.SIGINT, 130)


class Questions(Case):
    def test_a_passphrase_is_not_shown(self):
        with sound_server() as odd, Terminal([CLIENT, "--server", odd.url]) as user:
            user.read_until(b"Message: ")
            self.assertTrue(user.echoes())
            user.type(b"hello\n")
            user.read_until(b"Passphrase: ")
            self.assertFalse(user.echoes())
            user.type(b"SECRET\n")
            user.read_until(b"waiting for others")
            self.assertTrue(user.echoes())
            self.assertIn(b"hello", user.shown)
            self.assertNotIn(b"SECRET", user.shown)
            user.type(b"\x03")
            self.assertEqual(user.wait_for_end(), 130)

    def confirm(self, user, *answers):
        place = 0
        for question, answer in zip((b"Passphrase: ", b"once more: ") * 3, answers):
            place = user.read_until(question, after=place)
            self.assertFalse(user.echoes())
            user.type(answer + b"\n")

    def test_it_is_asked_for_twice(self):
        with sound_server() as odd, \
                Terminal([CLIENT, "--server", odd.url, "--msg", "x", "--confirm"]) as user:
            self.confirm(user, b"SECRET one", b"SECRET two", b"SECRET", b"SECRET")
            user.read_until(b"waiting for others")
            self.assertEqual(user.shown.count(b"the two passphrases differ"), 1)
            self.assertNotIn(b"SECRET", user.shown)
            self.end(user, signal.SIGINT, 130)

    def test_who_cannot_type_it_twice_gives_up(self):
        with sound_server() as odd, \
                Terminal([CLIENT, "--server", odd.url, "--msg", "x", "--confirm"]) as user:
            self.confirm(user, *(b"SECRET %d" % i for i in range(6)))
            self.assertEqual(user.wait_for_end(), 2)
            self.assertTrue(user.is_as_before())
            self.assertEqual(user.shown.count(b"the two passphrases differ"), 3)

    def test_signals_at_the_question(self):
        for by_signal in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with sound_server() as odd, \
                    Terminal([CLIENT, "--server", odd.url, "--msg", "x"]) as user:
                user.read_until(b"Passphrase: ")
                self.assertFalse(user.echoes())
                self.end(user, by_signal, 130)

    def questions(self, odd):
        """A program at a hidden question, and the question: each of them on a terminal."""
        yield [CLIENT, "--server", odd.url, "--msg", "x"], b"Passphrase: "
        yield [CLIENT, "--server", odd.url, "--msg", "x", "--no-linger", "--expect", 1], \
            b"Passphrase: "
        yield [ETHERNET, "--msg", "x"], b"Passphrase: "
        yield [LINK, "open"], b"Invitation: "

    def test_signals_that_end_at_once_leave_the_terminal_as_it_was(self):
        """Whether a key sends them to all processes on the terminal, or somebody to one."""
        with sound_server() as odd:
            for command, question in self.questions(odd):
                for by_signal in (signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM,
                                  signal.SIGRTMIN + 3):
                    with self.subTest(command=command, signal=by_signal), \
                            Terminal(command) as user:
                        user.read_until(question)
                        self.assertFalse(user.echoes())
                        if by_signal == signal.SIGQUIT:
                            user.type(b"\x1c")
                            self.assertEqual(user.wait_for_end(), -by_signal, user.shown)
                            self.assertTrue(user.is_as_before())
                        else:
                            self.end(user, by_signal, -by_signal)

    def test_a_worker_whose_first_process_is_killed_gives_the_terminal_back(self):
        with sound_server() as odd, Terminal([CLIENT, "--server", odd.url, "--msg", "x"]) as user:
            user.read_until(b"Passphrase: ")
            worker, = children_of(user.process.pid)
            watched = os.pidfd_open(worker)
            user.process.kill()
            self.assertTrue(select.select([watched], [], [], PATIENCE_S)[0])
            os.close(watched)
            self.assertTrue(user.is_as_before())

    def test_a_signal_that_is_ignored_changes_nothing(self):
        with sound_server() as odd, \
                Terminal(["sh", "-c", f"trap '' QUIT; exec {CLIENT} --msg x --server {odd.url}"]) \
                as user:
            user.read_until(b"Passphrase: ")
            user.type(b"\x1c")
            self.assertFalse(user.echoes())
            user.type(b"SECRET\n")
            user.read_until(b"waiting for others")
            self.assertEqual(user.shown.count(b"Passphrase: "), 1)
            self.end(user, signal.SIGINT, 130)

    def test_the_end_of_input_at_the_question(self):
        with sound_server() as odd, \
                Terminal([CLIENT, "--server", odd.url, "--msg", "x"]) as user:
            user.read_until(b"Passphrase: ")
            user.type(b"\x04")
            self.assertEqual(user.wait_for_end(), 2)
            self.assertTrue(user.is_as_before())

    def test_a_suspended_question_gives_the_terminal_back(self):
        """In a shell that does not mend terminals itself."""
        with sound_server() as odd, Terminal(["sh", "-i"], env={"PS1": "ready> "}) as user:
            user.read_until(b"ready> ")
            user.type(f"{CLIENT} --msg x --server {odd.url}\n".encode())
            place = user.read_until(b"Passphrase: ")
            user.type(b"\x1a")
            place = user.read_until(b"ready> ", after=place)
            self.assertTrue(user.echoes())
            user.type(b"fg\n")
            place = user.read_until(b"Passphrase: ", after=place)
            self.assertFalse(user.echoes())
            user.type(b"SECRET\n")
            place = user.read_until(b"waiting for others", after=place)
            self.assertTrue(user.echoes())
            user.type(b"\x03")
            user.read_until(b"ready> ", after=place)
            user.type(b"exit 7\n")
            self.assertEqual(user.wait_for_end(), 7)
            self.assertNotIn(b"SECRET", user.shown)


class Progress(Case):
    OPTIONS = ("--msg", "from Alice", "--passphrase", "jelly")

    def drawn(self, shown):
        """What the line of progress said, each time it was drawn."""
        return [part for part in re.findall(rb"\r\x1b\[K([^\r\n\x1b]*)", shown) if part]

    def test_a_line_that_lives(self):
        with Server() as server, \
                Terminal([CLIENT, "--server", server.url, *self.OPTIONS]) as alice:
            alice.read_until(b"nobody else so far")
            with client("Bob", "from Bob", "jelly", 600, "--server", server.url) as bob:
                alice.read_until(b"1 of 1 checked")
                alice.read_until(b"from Bob\r\n")
                alice.read_until(b"1 met")
                bob.wait_for_line("from Alice", "out")
            alice.type(b"\x03")
            self.assertEqual(alice.wait_for_end(), 0)
            self.assertTrue(alice.is_as_before())
            alice.end_background()
            # Messages and sentences stand in lines of their own; nothing is left of the progress.
            left = screen(alice.shown.decode().replace("\r\n", "\n"))
            self.assertIn("from Bob", left)
            for line in left:
                self.assertNotRegex(line, "so far|checked")

    def test_a_narrow_window(self):
        for columns in (1, 10, 24, 40):
            with Server() as server, Terminal([CLIENT, "--server", server.url, *self.OPTIONS],
                                              columns=columns) as alice, \
                    client("Bob", "from Bob", "jelly", 600, "--server", server.url) as bob:
                alice.read_until(b"from Bob\r\n")
                bob.wait_for_line("from Alice", "out")
                self.end(alice, signal.SIGTERM, 0)
                for part in self.drawn(alice.shown):
                    self.assertLess(len(part), columns)
                self.assertEqual(bool(self.drawn(alice.shown)), columns > 1)

    def test_a_window_that_is_made_narrow_meanwhile(self):
        with Server() as server, \
                Terminal([CLIENT, "--server", server.url, *self.OPTIONS]) as alice:
            place = alice.read_until(b"nobody else so far")
            alice.resize(12)
            with client("Bob", "from Bob", "jelly", 600, "--server", server.url):
                alice.read_until(b"from Bob\r\n")
                alice.read_until(b"1 other", after=place)
            self.end(alice, signal.SIGTERM, 0)
            for part in self.drawn(alice.shown[place:]):
                self.assertLess(len(part), 12)

    def assert_quiet(self, *options, env=None, **streams):
        with sound_server() as odd, Terminal([CLIENT, "--server", odd.url, *self.OPTIONS, *options],
                                             env=env, **streams) as alice:
            odd.wait_for_request("/feed")
            self.end(alice, signal.SIGINT, 130)
            self.assertNotIn(b"\x1b", alice.shown)
            self.assertNotIn(b"so far", alice.shown)

    def test_quiet_where_nobody_looks(self):
        self.assert_quiet(env={"TERM": "dumb"})
        self.assert_quiet("--verbose")
        self.assert_quiet("--json")
        self.assert_quiet(stderr=subprocess.DEVNULL)

    def test_suspended_and_gone_on(self):
        with Server() as server, Terminal(["sh", "-i"], env={"PS1": "ready> "}) as user:
            user.read_until(b"ready> ")
            words = f"--server {server.url} --msg fromAlice --passphrase jelly"
            user.type(f"{CLIENT} {words}\n".encode())
            place = user.read_until(b"nobody else so far")
            user.type(b"\x1a")
            place = user.read_until(b"ready> ", after=place)
            self.assertTrue(user.echoes())
            user.type(b"fg\n")
            with client("Bob", "from Bob", "jelly", 600, "--server", server.url) as bob:
                place = user.read_until(b"from Bob\r\n", after=place)
                bob.wait_for_line("fromAlice", "out")
            user.type(b"\x03")
            place = user.read_until(b"ready> ", after=place)
            user.end_background()
            user.type(b"exit 4\n")
            self.assertEqual(user.wait_for_end(), 4)

    def test_a_program_in_the_background_leaves_the_terminal_alone(self):
        with sound_server() as odd, Terminal(["sh", "-i"], env={"PS1": "ready> "}) as user:
            user.read_until(b"ready> ")
            options = "--msg x --passphrase jelly --server"
            user.type(f"{CLIENT} {options} {odd.url} &\n".encode())
            user.read_until(b"waiting for others")
            odd.wait_for_request("/feed")
            user.type(b"kill %1; wait; exit 3\n")
            self.assertEqual(user.wait_for_end(), 3)
            self.assertNotIn(ERASE, user.shown)


if __name__ == "__main__":
    unittest.main(verbosity=2)
