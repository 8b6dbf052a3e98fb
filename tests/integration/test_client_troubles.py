"""What people stumble over before they meet: descriptors that are not there, questions that come
too early, phrases that look alike, errors, and empty messages."""

import itertools
import json
import os
import pathlib
import re
import socket
import subprocess
import tempfile
import unittest

from harness import Server
from odd_server import OddServer, sound_routes
from ours import BUILD
from programs import PATIENCE_S, Program, environment
from terminal import Terminal

CLIENT, LINK, ETHERNET = PROGRAMS = tuple(
    BUILD / "client" / name
    for name in ("reunion-client", "reunion-link", "reunion-on-an-ethernet"))
GOOD = "nine green bottles under the sink"


def nowhere():
    """The address of a port that nobody listens at."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{unused.getsockname()[1]}"


def ready(program, address="http://127.0.0.1:5000"):
    """All that a program needs but a passphrase."""
    return {CLIENT: (CLIENT, "--msg", "x", "--server", address),
            LINK: (LINK, "create", "--server", address, "https://example.org"),
            ETHERNET: (ETHERNET, "--msg", "x", "--timeout", "2")}[program]


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def file(self, name, content, mode=0o600):
        path = self.folder / name
        path.write_bytes(content)
        path.chmod(mode)
        return path

    def run_with(self, *command, shell="", **more):
        """Ends with `code` and says `says`. `shell` is a redirection of a shell's."""
        return subprocess.run(
            ["sh", "-c", f'exec "$@" {shell}', "sh", *map(str, command)], capture_output=True,
            stdin=more.pop("stdin", subprocess.DEVNULL), timeout=PATIENCE_S, check=False,
            start_new_session=True, env=environment(more.pop("env", None)), **more)

    def assert_refused(self, *command, says, code=2, **more):
        done = self.run_with(*command, **more)
        self.assertEqual(done.returncode, code, done)
        for part in (says,) if isinstance(says, str) else says:
            self.assertIn(str(part), done.stderr.decode(), command)
        self.assertNotIn(b"SECRET", done.stderr + done.stdout)
        return done


class Descriptors(Case):
    """Looked at before the program opens any of its own, whose numbers they could be."""

    def test_one_that_is_not_open(self):
        for program in PROGRAMS:
            for number in (3, 4, 5, 6, 7, 9, 63):
                self.assert_refused(*ready(program), "--passphrase-fd", number,
                                    says=(f"descriptor {number}", "--passphrase-fd", "not open"))

    def test_a_standard_input_that_is_closed(self):
        for program in PROGRAMS:
            self.assert_refused(*ready(program), "--passphrase-fd", "0", shell="<&-",
                                says=("descriptor 0", "not open"))
            self.assert_refused(*ready(program), "--passphrase-file", "-", shell="<&-",
                                says=("standard input", "not open"))
        with OddServer({}) as odd:
            odd.routes = sound_routes(odd)
            self.assert_refused(CLIENT, "--server", odd.url, "--msg", "x", shell="<&-",
                                says=("standard input", "Bad file descriptor"))
        self.assert_refused(ETHERNET, "--msg", "x", shell="<&-", says="standard input")
        self.assert_refused(LINK, "open", shell="<&-", says="standard input")

    def test_one_that_cannot_be_read(self):
        for program in PROGRAMS:
            self.assert_refused(*ready(program), "--passphrase-fd", "3",
                                shell=f"3>'{self.folder}/out'", says="not open for reading")
            self.assert_refused(*ready(program), "--passphrase-fd", "3", shell="3<'/'",
                                says=("descriptor 3", "Is a directory"))

    def test_files_that_are_descriptors(self):
        for program in PROGRAMS:
            self.assert_refused(*ready(program), "--passphrase-file", "/dev/fd/3",
                                says="/dev/fd/3: No such file or directory")
        for command in ((CLIENT, "--msg-file"), (ETHERNET, "--msg-file"), (LINK, "open", "--file")):
            self.assert_refused(*command, "/dev/fd/3", says="/dev/fd/3: No such file or directory")

    def test_one_that_never_ends(self):
        """Time and signals end the wait."""
        reading, writing = os.pipe()
        self.addCleanup(os.close, reading)
        self.addCleanup(os.close, writing)
        for command in (ready(ETHERNET), (*ready(CLIENT), "--duration", "1")):
            self.assert_refused(*command, "--passphrase-fd", reading, pass_fds=[reading],
                                says="their input did not end")
        for program in PROGRAMS:
            with Program("waiting", [*ready(program), "--passphrase-fd", reading, "-v", "--json"],
                         pass_fds=[reading]) as waiting:
                waiting.wait_for_line('"event":"start"')
                self.assertEqual(waiting.stop(), 130)
        for program in PROGRAMS:
            self.assert_refused(*ready(program), "--passphrase-fd", "3", shell="3</dev/zero",
                                says="over 65536 bytes")


class Errors(Case):
    """Each names what was to be done, on what, and the system's reason."""

    def test_files(self):
        none, two = self.folder / "none", self.file("two", b"SECRET\nSECRET\n")
        cases = [("--passphrase-file", none, "No such file or directory"),
                 ("--passphrase-file", self.folder, "Is a directory"),
                 ("--passphrase-file", two / "below", "Not a directory")]
        for program in PROGRAMS:
            for option, path, reason in cases:
                self.assert_refused(*ready(program), option, path,
                                    says=(option, f"{path}: {reason}"))
        for command in ((CLIENT,), (ETHERNET,)):
            self.assert_refused(*command, "--passphrase", GOOD, "--msg-file", none,
                                says=("--msg-file", f"{none}: No such file"))
        self.assert_refused(LINK, "create", "--server", nowhere(), "--file", none,
                            says=("--file", f"{none}: No such file"))

    def test_what_https_is_trusted_by(self):
        for program in (CLIENT, LINK):
            command = (*ready(program, "https://127.0.0.1:1"), "--passphrase", GOOD)
            self.assert_refused(*command, "--cacert", self.folder / "none",
                                says=("--cacert", "none: No such file or directory"))
            self.assert_refused(*command, "--cacert", self.file("text", b"no certificate\n"),
                                says=("--cacert", self.folder / "text", "no certificate in PEM"))
            self.assert_refused(*command, "--pin", "sha1//x", says="--pin wants")

    def test_the_file_of_state(self):
        text = self.file("text", b"x" * 5000)
        for program in (CLIENT, ETHERNET):
            command = (*ready(program), "--passphrase", GOOD, "--state")
            for path, reason in ((self.folder / "no" / "state", "there is no folder"),
                                 (text / "state", "Not a directory"), (text, "damaged"),
                                 ("x" * 5000, "File name too long")):
                self.assert_refused(*command, path, says=("--state", f"{path}: {reason}")
                                    if reason != "there is no folder" and reason != "damaged"
                                    else ("--state", path, reason))

    def test_passphrases_that_will_not_do_say_where_they_are_from(self):
        empty, two = self.file("empty", b""), self.file("two", b"SECRET\nSECRET\n")
        for program in PROGRAMS:
            for options, more, place in (
                    (("--passphrase", ""), {}, "--passphrase"),
                    (("--passphrase-file", empty), {}, empty),
                    (("--passphrase-fd", "3"), {"shell": f"3<'{empty}'"}, "descriptor 3"),
                    ((), {"env": {"REUNION_PASSPHRASE": ""}}, "REUNION_PASSPHRASE")):
                self.assert_refused(*ready(program), *options, **more,
                                    says=("an empty passphrase", "it comes from ", place))
            self.assert_refused(*ready(program), "--passphrase-file", two,
                                says=f"more than one line; it comes from the file of "
                                     f"--passphrase-file, {two}")

    def test_addresses(self):
        for program in (CLIENT, LINK):
            done = self.assert_refused(*ready(program, ""), "--passphrase", GOOD,
                                       says="--server wants a URL")
            self.assertNotIn(b"at :", done.stderr)
            for address in ("ftp://example.org", "http://example.org", "example"):
                self.assert_refused(*ready(program, address), "--passphrase", GOOD, says=address)
            secret = "http://me:SECRET@example.org"
            self.assert_refused(*ready(program, secret), "--passphrase", GOOD, says="--server")
            with OddServer({}) as odd:
                self.assert_refused(*ready(program, odd.url), "--passphrase", GOOD, code=3,
                                    says=f"at {odd.url}: this is no REUNION server")
        address = nowhere()
        self.assert_refused(*ready(CLIENT, address), "--passphrase", GOOD, "--duration", 1, code=3,
                            says=(f"at {address}: the server cannot be reached yet",
                                  f"at {address}: the server cannot be reached (nobody listens"))

    def test_a_server_that_is_there_and_cannot_serve(self):
        """It is not called unreachable."""
        problem = {"type": "urn:reunion:problem:unavailable", "title": "", "status": 503}
        with OddServer({"GET /v1/server": (503, {"Retry-After": "1"},
                                           json.dumps(problem).encode())}) as odd:
            done = self.run_with(*ready(CLIENT, odd.url), "--passphrase", GOOD, "--duration", 2)
        self.assertEqual(done.returncode, 3, done)
        self.assertIn(f"at {odd.url}: the server cannot serve requests (asked to come later",
                      done.stderr.decode().splitlines()[-1])

    def test_the_last_word_of_a_run_that_found_nobody_to_ask(self):
        """Whether it never answered, or not any more; nobody is called absent who was not seen."""
        with socket.create_server(("127.0.0.1", 0)) as silent:
            for address in (f"http://127.0.0.1:{silent.getsockname()[1]}", nowhere(),
                            f"unix:{self.folder}/none", "https://no-such.invalid"):
                done = self.run_with(*ready(CLIENT, address), "--passphrase", GOOD, "--duration", 2)
                self.assertEqual(done.returncode, 3, done)
                last = done.stderr.decode().splitlines()[-1]
                self.assertIn(f"at {address}: the server cannot be reached (", last)
                done = self.run_with(*ready(CLIENT, address), "--passphrase", GOOD, "--duration", 2,
                                     "--json")
                self.assertEqual(done.returncode, 3, done)
                events = [json.loads(line) for line in done.stdout.splitlines()]
                self.assertEqual([event["event"] for event in events[-2:]], ["ended", "end"], done)
                self.assertEqual(events[-2]["reason"], "unreachable")
        with Server() as server, Program("Alice", [*ready(CLIENT, server.url), "--passphrase", GOOD,
                                                   "--duration", 6]) as alice:
            alice.wait_for_line("waiting for others")
            server.stop()
            self.assertEqual(alice.wait_for_end(), 3, alice.transcript())
            self.assertIn(f"at {server.url}: the server cannot be reached (", alice.lines[-1].text)

    def test_the_last_word_where_there_is_no_network(self):
        for option, value in (("--bind-addr", "192.0.2.77"), ("--interface", "none0")):
            done = self.run_with(ETHERNET, "--msg", "x", "-t", 1, "--passphrase", GOOD, option,
                                 value)
            self.assertEqual(done.returncode, 3, done)
            last = done.stderr.decode().splitlines()[-1]
            self.assertIn(value, last)
            self.assertIn("the time was over before one came", last)

    def test_networks(self):
        for option, value, reason in (
                ("--bind-addr", "192.0.2.77", "192.0.2.77"), ("--interface", "none0", "none0"),
                ("--bind-addr", "x", "--bind-addr x"),
                ("--multicast-group", "10.0.0.1", "10.0.0.1")):
            done = self.run_with(*ready(ETHERNET), "--passphrase", GOOD, option, value)
            self.assertIn(reason.encode(), done.stderr)
            self.assertIn(done.returncode, (2, 3))

    def test_a_standard_output_that_takes_nothing(self):
        for program in PROGRAMS:
            self.assert_refused(*ready(program), "--passphrase", GOOD, "--json", code=5,
                                shell=">/dev/full",
                                says="cannot write to standard output: No space")

    def test_it_is_noticed_before_anything_is_done(self):
        """Nobody is asked for a passphrase, and no server for anything."""
        for command in ((CLIENT, "--msg", "x"), (LINK, "create", "x"), (LINK, "open"),
                        (CLIENT, "check"), (ETHERNET, "--msg", "x")):
            for shell, reason in ((">/dev/full", "No space"), (">&-", "it is closed"),
                                  (f"1<'{os.devnull}'", "Bad file descriptor")):
                with OddServer({}) as odd:
                    where = () if command[0] == ETHERNET else ("--server", odd.url)
                    done = self.assert_refused(
                        *command, *where, code=5, shell=shell,
                        says=f"cannot write to standard output: {reason}")
                    self.assertEqual(odd.asked, [])
                    self.assertEqual(done.stderr.count(b"\n"), 1, done)

    def test_a_check_whose_findings_nobody_gets(self):
        """Nor what was being told before standard output was gone."""
        check = (CLIENT, "check", "--server", nowhere())
        twice = (*check, "--server", nowhere())
        for command in (check, twice, (*check, "--json")):
            for shell, reason in ((">/dev/full", "No space"), (">&-", "it is closed")):
                self.assert_refused(*command, code=5, shell=shell,
                                    says=f"cannot write to standard output: {reason}")
            reading, writing = os.pipe()
            os.close(reading)
            done = subprocess.run(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=writing,
                                  stderr=subprocess.PIPE, timeout=PATIENCE_S, check=False,
                                  env=environment())
            os.close(writing)
            self.assertEqual(done.returncode, 5, done)
            self.assertIn(b"cannot write to standard output: Broken pipe", done.stderr)
            self.assertNotIn(b"something is wrong", done.stderr)

    def test_a_standard_output_that_is_closed(self):
        for program in PROGRAMS:
            self.assert_refused(*ready(program), "--passphrase", GOOD, "--json", code=5,
                                shell=">&-", says="cannot write to standard output: it is closed")

    def test_a_link_whose_invitation_nobody_gets_is_not_posted(self):
        with OddServer({}) as odd:
            self.assert_refused(*ready(LINK, odd.url), "--passphrase", GOOD, code=5, shell=">&-",
                                says="cannot write to standard output: it is closed")
            self.assertEqual(odd.asked, [])


class AskedTooEarly(Case):
    def assert_not_asked(self, command, says, code):
        with Terminal(command) as user:
            self.assertEqual(user.wait_for_end(), code, user.shown)
            self.assertIn(says.encode(), user.shown)
            self.assert_no_question(user)

    def assert_no_question(self, user):
        for question in (b"Message: ", b"Link: ", b"Passphrase: ", b"Invitation: ", b"once: "):
            self.assertNotIn(question, user.shown)
        self.assertTrue(user.is_as_before())

    def test_options_and_servers_come_before_questions(self):
        with OddServer({}) as odd:
            for server, says, code in (
                    ("http://example.org", "http://example.org", 2),
                    (odd.url, f"at {odd.url}: this is no REUNION server", 3)):
                for options in ((), ("--confirm",), ("--msg", "x", "--generate")):
                    self.assert_not_asked([CLIENT, "--server", server, *options], says, code)
                self.assert_not_asked([LINK, "create", "--server", server], says, code)
                self.assert_not_asked([LINK, "open", "--server", server], says, code)
        self.assert_not_asked([ETHERNET, "--bind-addr", "x"], "--bind-addr x", 2)

    def test_a_file_of_state_comes_before(self):
        """As far as can be seen without the passphrase; nothing is left beside what is refused."""
        junk = self.file("junk", b"my diary\n")
        pipe, null = self.folder / "pipe", self.folder / "null"
        os.mkfifo(pipe)
        null.symlink_to("/dev/null")
        before = sorted(self.folder.iterdir())
        paths = (self.folder / "no" / "state", self.folder, junk, pipe, null, "")
        for program, path in itertools.product((CLIENT, ETHERNET), paths):
            says = {junk: "damaged, or something else", self.folder: "Is a directory",
                    pipe: "no regular file", null: "no regular file",
                    "": "the name of a file"}.get(path, "no folder for it")
            self.assert_not_asked([program, "--state", path], says, 2)
            done = self.run_with(*ready(program, nowhere()), "--passphrase", GOOD, "--state", path)
            self.assertEqual(done.returncode, 2, done)
            self.assertIn(says.encode(), done.stderr)
            self.assertEqual(done.stderr.count(b"\n"), 1 if path else 2, done.stderr)
        self.assertEqual(sorted(self.folder.iterdir()), before)

    def test_a_bucket_that_is_not_there_comes_before(self):
        none = "0" * 64
        with Server() as server:
            self.assert_not_asked([CLIENT, "--server", server.url, "--bucket", none],
                                  "the server has no bucket with that link", 4)
            invitation = self.run_with(LINK, "create", "--separate", "--server", server.url,
                                       "https://example.org").stdout.decode().splitlines()[0]
            self.assertRegex(invitation, "bucket=[0-9a-f]{64}")
            gone = re.sub("bucket=[0-9a-f]{64}", f"bucket={none}", invitation)
            self.assert_not_asked([LINK, "open", gone], "no bucket with that link", 6)
            with Terminal([LINK, "open", invitation]) as user:
                user.read_until(b"Passphrase: ")
                user.type(b"another\n")
                self.assertEqual(user.wait_for_end(), 1, user.shown)

    def test_a_server_that_never_answers(self):
        """Time bounds that, too, and somebody who looks sees that something is waited for."""
        with socket.create_server(("127.0.0.1", 0)) as silent:
            address = f"http://127.0.0.1:{silent.getsockname()[1]}"
            why = f"at {address}: the server cannot be reached (no answer before the time was over)"
            self.assert_not_asked([CLIENT, "--server", address, "--duration", "1"], why, 3)
            for command in ([CLIENT], [LINK, "create"], [LINK, "open"]):
                with Terminal([*command, "--server", address]) as user:
                    user.read_until(b"asking the server for its settings")
                    user.type(b"\x03")
                    self.assertEqual(user.wait_for_end(), 130)
                    self.assert_no_question(user)
            with Server() as server, Terminal([CLIENT, "--server", address, "--server", server.url,
                                               "--duration", "1"]) as user:
                user.read_until(b"Message: ")
                user.type(b"\x03")
                self.assertEqual(user.wait_for_end(), 130)

    def test_a_server_that_is_not_there_is_waited_for_before(self):
        """As long as in the run itself, or until Ctrl-C."""
        address = nowhere()
        why = "(nobody listens there: Connection refused)"
        self.assert_not_asked([CLIENT, "--server", address, "--duration", "1"],
                              f"at {address}: the server cannot be reached {why}", 3)
        for patience_s, command in ((300, [CLIENT, "--duration", "300"]), (30, [CLIENT]),
                                    (30, [LINK, "create"]), (30, [LINK, "open"])):
            with Terminal([*command, "--server", address]) as user:
                user.read_until(f"at {address}: the server cannot be reached yet {why}; trying for "
                                f"{patience_s} s".encode())
                user.type(b"\x03")
                self.assertEqual(user.wait_for_end(), 130)
                self.assert_no_question(user)

    def test_a_server_that_comes_is_asked_for_nothing_before(self):
        for command, question in (([CLIENT], b"Message: "), ([LINK, "create"], b"Link: "),
                                  ([LINK, "open"], b"Invitation: ")):
            with OddServer({"GET /": (502, {}, b"<html>")}) as odd, \
                    Terminal([*command, "--server", odd.url]) as user:
                user.read_until(f"at {odd.url}: the server cannot serve requests yet".encode())
                odd.wait_for_more(1)
                self.assert_no_question(user)
                odd.routes = sound_routes(odd)
                user.read_until(question)
                self.assertEqual(user.shown.count(b" yet ("), 1)
                self.assertEqual(user.shown.count(b"the server is back"), 1)
                user.type(b"\x03")
                self.assertEqual(user.wait_for_end(), 130)

    def test_an_interface_that_is_not_there_is_told_before(self):
        with Terminal([ETHERNET, "--interface", "none0"]) as user:
            user.read_until(b"Message: ")
            self.assertIn(b"no network interface none0", user.shown)
            user.type(b"\x03")
            self.assertEqual(user.wait_for_end(), 130)

    def test_a_server_that_is_slow_to_answer_holds_nobody(self):
        with OddServer({}) as odd:
            odd.routes = {"GET /": lambda *_: odd.stopping.wait(PATIENCE_S)}
            for command in ([CLIENT, "--server", odd.url], [LINK, "create", "--server", odd.url]):
                with Terminal(command) as user:
                    odd.wait_for_request("GET /")
                    user.type(b"\x03")
                    self.assertEqual(user.wait_for_end(), 130)
                    self.assertNotIn(b"Message: ", user.shown)
                    odd.asked.clear()

    def test_one_of_several_servers_is_enough(self):
        address = nowhere()
        with OddServer({}) as odd:
            odd.routes = sound_routes(odd)
            with Terminal([CLIENT, "--server", odd.url, "--server", address]) as user:
                user.read_until(b"Message: ")
                self.assertIn(f"at {address}: the server does not answer".encode(), user.shown)
                user.type(b"\x03")
                self.assertEqual(user.wait_for_end(), 130)


class Phrases(Case):
    """Each way a passphrase comes is looked at; it is warned of once, and never shown."""

    ALIKE = "Cafe\u0301 SECRET bottles".encode()

    def warnings(self, *options, env=None, stdin=subprocess.DEVNULL, input_bytes=None):
        """The doubts that are told a program, and what is said to people."""
        with OddServer({}) as odd:
            odd.routes = sound_routes(odd)
            with Program("Alice", [CLIENT, "--server", odd.url, "--msg", "x", "--json", *options],
                         env=env, stdin=stdin) as alice:
                if input_bytes is not None:
                    alice.process.stdin.write(input_bytes)
                    alice.process.stdin.close()
                alice.wait_for_line('"event":"waiting"')
                self.assertEqual(alice.stop(), 130)
                self.assertNotIn("SECRET", alice.transcript())
                lines = alice.lines
        events = [json.loads(line.text) for line in lines if line.stream == "out"]
        said = [line.text for line in lines if line.stream == "err"]
        doubts = [event for event in events if event["event"] == "doubt"]
        for doubt in doubts:
            self.assertEqual(len([line for line in said if doubt["detail"] in line]), 1, said)
        return [doubt["reason"] for doubt in doubts]

    def test_wherever_they_come_from(self):
        path = self.file("passphrase", self.ALIKE + b"\n")
        cases = [(("--passphrase", os.fsdecode(self.ALIKE)), {}), (("--passphrase-file", path), {}),
                 ((), {"env": {"REUNION_PASSPHRASE": os.fsdecode(self.ALIKE)}}),
                 ((), {"env": {"CREDENTIALS_DIRECTORY": str(self.folder)}}),
                 (("--passphrase-fd", "0"),
                  {"stdin": subprocess.PIPE, "input_bytes": self.ALIKE}),
                 ((), {"stdin": subprocess.PIPE, "input_bytes": self.ALIKE + b"\n"})]
        for options, more in cases:
            self.assertEqual(self.warnings(*options, **more), ["decomposed"], options)

    def test_each_kind(self):
        for phrase, kinds in [
                (GOOD.encode(), []), (b"\xef\xbb\xbf" + GOOD.encode(), ["byte-order-mark"]),
                (GOOD.encode() + b" ", ["outer-blank"]),
                (GOOD.encode() + b"\r\r\n", ["outer-blank", "control"]),
                ("nine\u00a0green bottles".encode(), ["blanks"]),
                ("nine\u200b green bottles".encode(), ["unseen"]),
                ("nine green bottle\u2019s".encode(), ["quotes"]),
                ("nine\u2014green bottles".encode(), ["dashes"]),
                ("nine green b\u043ettles".encode(), ["scripts"]),
                (b"nine green caf\xe9 bottles", ["not-utf8"]),
                (b"I am a jelly donut", ["guess-common"]),
                (b"donuts", ["guess-short"]),
                (b"Bring brisk broccoli broken bronze broom brother brown",
                 ["generated-otherwise"])]:
            self.assertEqual(self.warnings("--passphrase-file", self.file("phrase", phrase)), kinds,
                             phrase)

    def test_of_the_other_programs(self):
        with OddServer({}) as odd:
            for command in (ready(ETHERNET), ready(LINK, odd.url)):
                done = self.run_with(*command, "--passphrase-file", self.file("phrase", self.ALIKE))
                self.assertEqual(done.stderr.count(b"normalization form C"), 1, done)
                self.assertNotIn(b"SECRET", done.stderr)

    def test_typed_unseen(self):
        """A backspace takes a whole character, and arrows are no part of it: so Alice meets Bob,
        who has it in a file."""
        path = self.file("phrase", b"nine green bottles\n")
        with Server() as server, \
                Program("Bob", [CLIENT, "--server", server.url, "--msg", "from Bob",
                                "--passphrase-file", path]) as bob, \
                Terminal([CLIENT, "--server", server.url, "--msg", "from Alice"]) as alice:
            alice.read_until(b"Passphrase: ")
            alice.type("nine gre\u00e9\x7fen\x1b[D\x1b[A bottles\n".encode())
            bob.wait_for_line("from Alice", "out")
            alice.read_until(b"from Bob")
            self.assertIn(b"keys that are no text", alice.shown)
            self.assertNotIn(b"bottles", alice.shown)
            alice.type(b"\x03")
            self.assertEqual(alice.wait_for_end(), 0)
            self.assertTrue(alice.is_as_before())
            alice.end_background()

    def test_who_ends_alone_is_told_of_the_others(self):
        with Server() as server:
            command = [CLIENT, "--server", server.url, "--msg", "x"]
            with Program("Bob", [*command, "--passphrase", GOOD]) as bob:
                bob.wait_for_line("waiting for others")
                for options, says in (
                        ((), "1 other was there, 1 of them answered, and none of those knew"),
                        (("--json",), '"outcome":"alone","code":1,"messages":0,"others":2')):
                    with Program("Alice", [*command, "--passphrase", "Cafe bottles and more",
                                           "--duration", "20", *options]) as alice:
                        self.assertEqual(alice.wait_for_end(), 1)
                        self.assertIn(says, alice.transcript())


class Messages(Case):
    def test_with_nothing_in_them(self):
        empty = [("--msg", ""), ("--msg", "  "), ("--msg", "\n"), ("--msg", "\u00a0\u200b"),
                 ("--msg-file", self.file("empty", b"")), ("--msg-file", self.file("line", b"\n")),
                 ("--msg-file", self.file("blanks", b" \t \n\n"))]
        for program in (CLIENT, ETHERNET):
            for options in empty:
                self.assert_refused(program, "--passphrase", GOOD, *options,
                                    says="message is empty")
        for link in ("", "  ", "\n"):
            self.assert_refused(LINK, "create", "--server", nowhere(), "--passphrase", GOOD, link,
                                says="link is empty")

    def test_too_long_ones(self):
        for message, says in (("x" * 100, "100 bytes, 4 more than the 96"),
                              ("\u00e4" * 50, "100 bytes, 4 more than the 96 that fit (a char")):
            self.assert_refused(CLIENT, "--passphrase", GOOD, "--msg", message, says=says)
        self.assert_refused(ETHERNET, "--passphrase", GOOD, "--msg", "x" * 900,
                            says="71 more than the 829")

    def test_a_check_has_a_word_of_its_own_for_its_end(self):
        with Server() as server:
            done = self.run_with(CLIENT, "check", "--json", "--server", server.url)
            end = json.loads(done.stdout.splitlines()[-1])
            self.assertEqual((done.returncode, end["event"], end["outcome"]), (0, "end", "sound"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
