"""Where a server listens, and what it tells the service manager."""

import pathlib
import socket
import stat
import sys
import tempfile
import unittest

from harness import Server
from programs import PATIENCE_S, Program

# Becomes the program that a service manager starts: the sockets whose numbers are given first have
# the descriptors from 3 on, and the process for which they are is named in the environment.
HAND_OVER = """
import os, sys
numbers, command = sys.argv[1].split(), sys.argv[2:]
held = [os.dup2(int(number), 100 + i) for i, number in enumerate(numbers)]
for i, number in enumerate(held):
    os.dup2(number, 3 + i)
os.closerange(3 + len(held), 200)
if held:
    os.environ["LISTEN_FDS"], os.environ["LISTEN_PID"] = str(len(held)), str(os.getpid())
if "WATCHDOG_USEC" in os.environ:
    os.environ["WATCHDOG_PID"] = str(os.getpid())
os.execv(command[0], command)
"""


class Manager:
    """What a service manager is to the program it starts."""

    def __init__(self, directory):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.settimeout(PATIENCE_S)
        self.path = directory / "notify"
        self.socket.bind(str(self.path))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def heard(self):
        return self.socket.recv(1000).decode()


def get(where, path="/v1/server"):
    """Ask at a socket address of any family. Returns: the status."""
    family = socket.AF_UNIX if isinstance(where, str) else \
        socket.AF_INET6 if ":" in where[0] else socket.AF_INET
    with socket.socket(family) as connection:
        connection.settimeout(PATIENCE_S)
        connection.connect(where)
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
        return int(answer.split(b" ", 2)[1])


class Listening(unittest.TestCase):
    def setUp(self):
        self.directory = pathlib.Path(
            self.enterContext(tempfile.TemporaryDirectory(prefix="reunion-")))
        self.socket = self.directory / "socket"

    def start(self, *flags, sockets=(), environment=None, wait="ready"):
        """Start the program as a service manager does, with those sockets."""
        numbers = [each.fileno() for each in sockets]
        program = Program("server", [
            sys.executable, "-c", HAND_OVER, " ".join(map(str, numbers)), Server.binary,
            "--metrics-listen", "none", "--db", self.directory / "reunion.db", *flags,
        ], env=environment, pass_fds=numbers)
        self.enterContext(program)
        if wait:
            program.wait_for_line(f'event="{wait}"', "err")
        return program

    @staticmethod
    def addresses(program):
        return [line.text.split("address=")[1] for line in program.lines
                if 'event="listening"' in line.text]

    def test_several_at_once(self):
        program = self.start("--listen", "127.0.0.1:0", "--listen", f"unix:{self.socket}",
                             "--listen", "[::1]:0", "--address-file", self.directory / "where")
        tcp, unix, tcp6 = self.addresses(program)
        self.assertEqual(unix, f"unix:{self.socket}")
        self.assertEqual((self.directory / "where").read_text(), f"{tcp}\n{unix}\n{tcp6}\n")
        self.assertEqual(get(("127.0.0.1", int(tcp.rsplit(":", 1)[1]))), 200)
        self.assertEqual(get(("::1", int(tcp6.rsplit(":", 1)[1]))), 200)
        self.assertEqual(get(str(self.socket)), 200)
        self.assertEqual(program.stop(), 0)
        self.assertFalse(self.socket.exists())

    def test_a_socket_for_the_box_transport(self):
        """It is known by its name, and the default address for HTTP stays if there is no other."""
        with socket.create_server(("127.0.0.1", 0)) as tcp, \
                socket.create_server(("127.0.0.1", 0)) as boxed:
            program = self.start(
                sockets=[tcp, boxed], environment={"LISTEN_FDNAMES": "api:box"})
            lines = [line.text for line in program.lines if 'event="listening"' in line.text]
            self.assertIn(f"serving=api address=127.0.0.1:{tcp.getsockname()[1]}", lines[0])
            self.assertIn(f"serving=box address=127.0.0.1:{boxed.getsockname()[1]} key=", lines[1])
            self.assertEqual(get(tcp.getsockname()), 200)
            self.assertEqual(program.stop(), 0)

    def test_a_socket_for_packets(self):
        """A UDP socket of the same name; the other one stays the API's, by default."""
        with socket.socket(type=socket.SOCK_DGRAM) as packets:
            packets.bind(("127.0.0.1", 0))
            where = f"127.0.0.1:{packets.getsockname()[1]}"
            program = self.start("--listen", "127.0.0.1:0", sockets=[packets],
                                 environment={"LISTEN_FDNAMES": "box"})
            self.assertEqual(len(self.addresses(program)), 2)
            program.wait_for_line(f"serving=box-packets address={where} key=", "err")
            self.assertEqual(program.stop(), 0)

    def test_packets_handed_over_and_a_list_of_clients(self):
        with socket.socket(type=socket.SOCK_DGRAM) as packets:
            packets.bind(("127.0.0.1", 0))
            (self.directory / "clients").write_text("")
            program = self.start("--listen", "127.0.0.1:0", "--box-clients",
                                 self.directory / "clients", sockets=[packets],
                                 environment={"LISTEN_FDNAMES": "box"}, wait=None)
            self.assertEqual(program.wait_for_end(), 2)
            program.wait_for_line("a packet does not say whose it is")

    def test_datagrams_are_for_the_box_transport_alone(self):
        with socket.socket(type=socket.SOCK_DGRAM) as bound, \
                socket.socket(type=socket.SOCK_DGRAM) as unbound:
            bound.bind(("127.0.0.1", 0))
            for each, name in ((bound, "api"), (unbound, "box")):
                program = self.start(sockets=[each], environment={"LISTEN_FDNAMES": name},
                                     wait=None)
                self.assertEqual(program.wait_for_end(), 4)
                program.wait_for_line("it is no stream socket that listens")

    def test_a_unix_socket_is_none_for_the_box_transport(self):
        with socket.socket(socket.AF_UNIX) as unix:
            unix.bind(str(self.socket))
            unix.listen()
            program = self.start("--listen", "127.0.0.1:0", sockets=[unix],
                                 environment={"LISTEN_FDNAMES": "box"}, wait=None)
            self.assertEqual(program.wait_for_end(), 4)
            program.wait_for_line("the box transport needs TCP")

    def test_the_mode_of_a_unix_socket(self):
        for flags, mode in ((), 0o660), (("--socket-mode", "0600"), 0o600):
            with self.subTest(flags):
                program = self.start("--listen", f"unix:{self.socket}", *flags)
                self.assertEqual(stat.S_IMODE(self.socket.stat().st_mode), mode)
                self.assertEqual(program.stop(), 0)

    def test_a_killed_servers_socket_is_replaced(self):
        listen = ("--listen", f"unix:{self.socket}")
        first = self.start(*listen)
        first.process.kill()
        first.wait_for_end()
        self.start(*listen)
        self.assertEqual(get(str(self.socket)), 200)

    def test_a_living_servers_socket_is_refused(self):
        first = self.start("--listen", f"unix:{self.socket}")
        second = self.start("--listen", f"unix:{self.socket}", "--db", ":memory:", wait=None)
        self.assertEqual(second.wait_for_end(), 4)
        second.wait_for_line('event="cannot listen"')
        self.assertEqual(get(str(self.socket)), 200)
        self.assertEqual(first.stop(), 0)

    def test_what_is_no_socket_stays(self):
        self.socket.write_text("mine")
        program = self.start("--listen", f"unix:{self.socket}", wait=None)
        self.assertEqual(program.wait_for_end(), 4)
        self.assertEqual(self.socket.read_text(), "mine")

    def test_sockets_handed_over(self):
        """They stand for the default address, and their files are the manager's."""
        with socket.create_server(("127.0.0.1", 0)) as tcp, \
                socket.socket(socket.AF_UNIX) as unix:
            unix.bind(str(self.socket))
            unix.listen()
            where = tcp.getsockname()
            program = self.start(sockets=[tcp, unix])
            self.assertEqual(self.addresses(program),
                             [f"127.0.0.1:{where[1]}", f"unix:{self.socket}"])
            self.assertEqual((get(where), get(str(self.socket))), (200, 200))
            self.assertEqual(program.stop(), 0)
            self.assertTrue(self.socket.exists())

    def test_sockets_handed_over_beside_others(self):
        with socket.create_server(("127.0.0.1", 0)) as tcp:
            program = self.start("--listen", f"unix:{self.socket}", sockets=[tcp])
            self.assertEqual((get(tcp.getsockname()), get(str(self.socket))), (200, 200))
            self.assertEqual(program.stop(), 0)

    def test_what_is_handed_over_must_listen(self):
        with socket.socket() as idle:
            program = self.start(sockets=[idle], wait=None)
            self.assertEqual(program.wait_for_end(), 4)
            program.wait_for_line('event="cannot listen on what was handed over"')

    def test_the_manager_is_told(self):
        manager = self.enterContext(Manager(self.directory))
        program = self.start("--listen", f"unix:{self.socket}",
                             environment={"NOTIFY_SOCKET": str(manager.path)})
        self.assertEqual(manager.heard(), "READY=1")
        self.assertEqual(get(str(self.socket)), 200)
        self.assertEqual(program.stop(), 0)
        self.assertEqual(manager.heard(), "STOPPING=1")

    def test_the_watchdog_is_told(self):
        manager = self.enterContext(Manager(self.directory))
        program = self.start("--listen", f"unix:{self.socket}", "--connections-max", "1",
                             environment={"NOTIFY_SOCKET": str(manager.path),
                                          "WATCHDOG_USEC": "100000"})
        self.assertEqual(manager.heard(), "READY=1")
        # While the only place there is is taken, too.
        with socket.socket(socket.AF_UNIX) as taken:
            taken.connect(str(self.socket))
            for _ in range(5):
                self.assertEqual(manager.heard(), "WATCHDOG=1")
        self.assertEqual(program.stop(), 0)

    def test_a_server_that_cannot_start_is_not_ready(self):
        manager = self.enterContext(Manager(self.directory))
        program = self.start("--listen", "192.0.2.1:5000", wait=None,
                             environment={"NOTIFY_SOCKET": str(manager.path)})
        self.assertEqual(program.wait_for_end(), 4)
        manager.socket.setblocking(False)
        self.assertRaises(BlockingIOError, manager.heard)


if __name__ == "__main__":
    unittest.main(verbosity=2)
