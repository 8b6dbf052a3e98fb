"""Programs that are started with closed descriptors, or with others than were named.

What opens a file then gets the number of standard error, and its log would be written into it.
"""

import itertools
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import unittest

from harness import Api, Server
from ours import BUILD
from programs import PATIENCE_S, environment
from rendezvous import joined

CLIENTS = tuple(BUILD / "client" / name
                for name in ("reunion-client", "reunion-link", "reunion-on-an-ethernet"))
PROGRAMS = (Server.binary, *CLIENTS)
COMBINATIONS = [set(closed) for count in range(4)
                for closed in itertools.combinations((0, 1, 2), count)]

# Becomes a program, without the descriptors whose numbers are given first.
WITHOUT = """
import os, sys
for number in sys.argv[1].split():
    os.close(int(number))
os.execv(sys.argv[2], sys.argv[2:])
"""


# Becomes a program to which a descriptor, if one is given first, was handed over as number 3.
HANDED = """
import os, sys
os.environ["LISTEN_PID"] = str(os.getpid())
if sys.argv[1]:
    os.dup2(int(sys.argv[1]), 3)
os.closerange(4 if sys.argv[1] else 3, 200)
os.execv(sys.argv[2], sys.argv[2:])
"""


def without(closed, *command):
    return [sys.executable, "-c", WITHOUT, " ".join(map(str, closed)), *map(str, command)]


def run(closed, *command, **more):
    return subprocess.run(without(closed, *command), stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=PATIENCE_S, check=False, env=environment(more.pop("env", None)),
                          **more)


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))


class ServerWithout(Folder):
    def serve(self, closed):
        """A server without some descriptors. It says in a fifo, which is no standard stream of
        its, where it listens. Returns: the process, and where it answers."""
        where = self.folder / "where"
        notify = self.folder / "notify"
        notify.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
            told.bind(str(notify))
            told.settimeout(PATIENCE_S)
            process = subprocess.Popen(
                without(closed, Server.binary, "--listen", "127.0.0.1:0", "--metrics-listen",
                        "none", "--address-file", where, "--db", self.folder / "reunion.db"),
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                env=environment({"NOTIFY_SOCKET": str(notify)}))
            self.assertEqual(told.recv(1000), b"READY=1")
        host, port = where.read_text().strip().rsplit(":", 1)
        return process, Api(host, int(port))

    def test_the_database_is_nobodys_standard_error(self):
        """Made new and opened again, it holds what was posted, and no line of the log."""
        everyone = []
        for closed in COMBINATIONS:
            with self.subTest(closed=closed):
                process, api = self.serve(closed)
                for other in everyone:
                    self.assertEqual(api.get(f"/v1/t1/{other.id.hex()}").body, other.t1)
                everyone += joined(api)
                for number in range(3):
                    open_as = os.readlink(f"/proc/{process.pid}/fd/{number}")
                    self.assertEqual(number in closed and open_as != "/dev/null", False, open_as)
                    self.assertNotIn("reunion.db", open_as)
                process.terminate()
                _, log = process.communicate(timeout=PATIENCE_S)
                self.assertEqual(process.returncode, 0, log)
                self.assertEqual(b"ready" in log, 2 not in closed)
                self.assertTrue((self.folder / "reunion.db").read_bytes()
                                .startswith(b"SQLite format 3\0"))

    def test_a_database_that_is_a_standard_stream_is_refused(self):
        """`--db w.db 2>>w.db` would write the log into it, and so would /dev/stderr."""
        database = self.folder / "reunion.db"
        with Server(directory=self.folder) as server:
            joined(server)
        before = database.read_bytes()
        for name in (database, "/dev/stderr", "/proc/self/fd/2"):
            with self.subTest(name=name), database.open("ab") as errors:
                done = subprocess.run([Server.binary, "--db", name], stderr=errors,
                                      stdout=subprocess.PIPE, timeout=PATIENCE_S, check=False)
                self.assertEqual(done.returncode, 3)
        # The refusal itself has gone where standard error leads, behind what was there.
        after = database.read_bytes()
        self.assertEqual(after[:len(before)], before)
        self.assertIn(b"standard output or error", after[len(before):])


class Handed(Folder):
    """Sockets that a service manager says it has handed over."""

    def refused(self, given, says, passed=()):
        done = subprocess.run(
            [sys.executable, "-c", HANDED, " ".join(str(each) for each in passed), Server.binary,
             "--metrics-listen", "none", "--db", self.folder / "reunion.db"],
            capture_output=True, timeout=PATIENCE_S, check=False, pass_fds=passed,
            env=environment({"LISTEN_FDS": given}))
        self.assertEqual(done.returncode, 4, done)
        self.assertIn(says, done.stderr)
        # Nothing was opened before, whose number could have been taken for a socket's.
        self.assertFalse((self.folder / "reunion.db").exists())

    def test_what_is_closed(self):
        self.refused("1", b'socket="descriptor 3 of LISTEN_FDS" reason="Bad file descriptor"')

    def test_more_than_there_are(self):
        with socket.create_server(("127.0.0.1", 0)) as listening:
            self.refused("2", b'socket="descriptor 4 of LISTEN_FDS" reason="Bad file descriptor"',
                         passed=(listening.fileno(),))

    def test_what_is_no_number(self):
        self.refused("many", b"LISTEN_FDS")

    def test_what_is_no_listening_socket(self):
        with tempfile.TemporaryFile() as file:
            self.refused("1", b"descriptor 3 of LISTEN_FDS", passed=(file.fileno(),))
            self.assertEqual(os.fstat(file.fileno()).st_size, 0)
        with socket.socket() as idle:
            self.refused("1", b"it is no stream socket that listens", passed=(idle.fileno(),))
        with socket.socket(type=socket.SOCK_DGRAM) as datagrams:
            self.refused("1", b"it is no stream socket that listens", passed=(datagrams.fileno(),))

    def test_a_manager_that_is_not_there_is_told_of(self):
        server = Server(directory=self.folder)
        os.environ["NOTIFY_SOCKET"] = str(self.folder / "nobody")
        self.addCleanup(os.environ.pop, "NOTIFY_SOCKET", None)
        with server:
            told = server.program.wait_for_line("the service manager cannot be told")
            self.assertIn("variable=NOTIFY_SOCKET reason=", told.text)


class Clients(Folder):
    def test_every_program_without_any_of_them(self):
        """What is asked for goes to standard output; without one, that has failed."""
        for program, closed in itertools.product(PROGRAMS, COMBINATIONS):
            with self.subTest(program=program.name, closed=closed):
                done = run(closed, program, "--version")
                self.assertEqual(done.returncode == 0, 1 not in closed, done)
                if 1 in closed and 2 not in closed:
                    self.assertIn(b"standard output", done.stderr)

    def test_files_of_theirs_stay_what_they_are(self):
        """The first file that is opened is no standard stream, whichever is closed."""
        message, phrase = self.folder / "message", self.folder / "phrase"
        message.write_text("ada")
        phrase.write_text("I am a jelly donut")
        # A socket that is bound but does not listen refuses all connections.
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            server = f"http://127.0.0.1:{nobody.getsockname()[1]}"
            for closed in COMBINATIONS:
                with self.subTest(closed=closed):
                    done = run(closed, CLIENTS[0], "--server", server, "--msg-file", message,
                               "--passphrase-file", phrase, "--duration", "1")
                    self.assertNotEqual(done.returncode, 0)
                    self.assertEqual((message.read_text(), phrase.read_text()),
                                     ("ada", "I am a jelly donut"))


class Output(Folder):
    """What cannot be written is no success."""

    ASKED = [(program, flag) for program in PROGRAMS for flag in ("--help", "--version")]
    ASKED += [(Server.binary, "--check-config")]

    def test_a_full_device(self):
        for program, flag in self.ASKED:
            with self.subTest(program=program.name, flag=flag), open("/dev/full", "wb") as full:
                done = subprocess.run([program, flag], stdout=full, stderr=subprocess.PIPE,
                                      check=False, timeout=PATIENCE_S, env=environment())
                self.assertNotIn(done.returncode, (0, 2))
                self.assertEqual(done.stderr.decode(), f"{program.name}: cannot write to standard "
                                 "output: No space left on device\n")

    def test_a_closed_one(self):
        for program, flag in self.ASKED:
            with self.subTest(program=program.name, flag=flag):
                done = run({1}, program, flag)
                self.assertNotIn(done.returncode, (0, 2))
                self.assertEqual(done.stderr.decode(), f"{program.name}: cannot write to standard "
                                 "output: it is closed\n")


if __name__ == "__main__":
    unittest.main(verbosity=2)
