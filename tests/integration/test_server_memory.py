"""What memory a server takes, with the system's for its connections: no more than the operations
guide says, which is what the unit and the container allow."""

import array
import contextlib
import fcntl
import hashlib
import math
import os
import pathlib
import re
import select
import socket
import subprocess
import tempfile
import termios
import unittest

from harness import Server
from needed import needs
from ours import SOURCE
from programs import PATIENCE_S
from rendezvous import T1_BYTES, feed, joined

GUIDE = (SOURCE / "docs" / "operating.md").read_text()
KIB, MIB = 1 << 10, 1 << 20
UNITS = {"": 1, "K": KIB, "M": MIB, "G": 1 << 30, "KIB": KIB, "MIB": MIB}
SETTINGS = ("cache-max", "connections-max", "bodies-max", "answers-max")


def size(text):
    number, unit = re.fullmatch(r"([0-9.]+) ?(\w*)", text).groups()
    return float(number) * UNITS[unit.upper()]


def stated(what):
    """Bytes that a row of the table of sizes has."""
    return size(re.search(rf"^\| {what}[^|]* \| ([^|]+) \| memory \|$", GUIDE, re.MULTILINE)[1])


ITSELF, READ_BACK = stated("itself"), stated("buckets that are read back")
CONNECTION, BUFFERS = stated("a connection"), stated("the system's buffers")


def defaults():
    told = subprocess.run([Server.binary, "--check-config"], capture_output=True, text=True,
                          check=True).stdout
    return {name: size(re.search(rf"^{name} +default +(\S+)$", told, re.MULTILINE)[1])
            for name in SETTINGS}


def process_bytes(settings):
    """What the process takes at most, by the table."""
    budgets = sum(settings[each] for each in ("cache-max", "bodies-max", "answers-max"))
    return ITSELF + READ_BACK + budgets + settings["connections-max"] * CONNECTION


class Numbers(unittest.TestCase):
    def test_the_guide_the_unit_and_the_container_say_the_same(self):
        limit = size(re.search(r"\(`mem_limit`\)\s+allow\s+(\d+ MiB)", GUIDE)[1])
        unit = (SOURCE / "server" / "installed" / "reunion-server.service.in").read_text()
        compose = (SOURCE / "docker" / "compose.yaml").read_text()
        self.assertEqual(size(re.search(r"^MemoryMax=(\w+)$", unit, re.MULTILINE)[1]), limit)
        of_server = compose[compose.index("image: reunion-server"):compose.index("  proxy:")]
        self.assertEqual(size(re.search(r"mem_limit: (\w+)$", of_server, re.MULTILINE)[1]), limit)
        total = process_bytes(defaults()) + defaults()["connections-max"] * BUFFERS
        self.assertLessEqual(total, limit)
        told = int(re.search(r"the defaults come to (\d+) MiB", GUIDE)[1])
        self.assertEqual(told, math.ceil(total / MIB))


class Process(unittest.TestCase):
    """All at once: T1s without keys, each with 4 095 T2s; answers and feeds that nobody reads;
    bodies that do not end."""

    T1S, T2S, READERS, CONNECTIONS = 32, 4095, 12, 512

    def most(self, server):
        status = pathlib.Path(f"/proc/{server.program.process.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) * KIB

    def connect(self, server):
        connection = self.enterContext(socket.socket())
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(PATIENCE_S)
        connection.connect((server.host, server.port))
        return connection

    def flood(self, server):
        for _ in range(self.T1S // 16):
            t1s = [os.urandom(T1_BYTES) for _ in range(16)]
            server.post("/t1", b"".join(t1s))
            joined(server, 48)
            for t1 in t1s:
                sender = hashlib.blake2b(t1).digest()[:32]
                answer = server.post("/t2", b"".join(sender + os.urandom(32)
                                                     for _ in range(self.T2S)))
                self.assertEqual(answer.status, 200)

    def ask(self, server, path):
        """Ask for something, and read nothing of it."""
        connection = self.connect(server)
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        return connection

    def test_its_sum(self):
        settings = {"cache-max": 8 * MIB, "connections-max": self.CONNECTIONS,
                    "bodies-max": MIB, "answers-max": 32 * MIB}
        flags = [part for name, value in settings.items() for part in (f"--{name}", value)]
        with Server("--t1-free", 0, "--reference-body-max", "512K", *flags) as server:
            self.flood(server)
            ada, = joined(server)
            cursor = feed(server, ada.bucket).headers["Reunion-Cursor"]
            for _ in range(self.READERS):
                unread = self.ask(server, "/t2")
                self.assertTrue(select.select([unread], [], [], PATIENCE_S)[0])
            for bucket in server.get("/v1/buckets").json()["buckets"]:
                for kind in ("t2", "feed"):
                    self.ask(server, f"/v1/buckets/{bucket['link']}/{kind}")
            for _ in range(self.CONNECTIONS // 2):
                self.ask(server, f"/v1/buckets/{ada.bucket}/feed?after={cursor}&wait=60")
            for _ in range(8):
                self.connect(server).sendall(
                    b"POST /t2 HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\n"
                    b"Content-Length: 512000\r\n\r\n" + bytes(20000))
            self.assertEqual(server.get("/v1/server").status, 200)
            self.assertLessEqual(self.most(server), process_bytes(settings))


class System(unittest.TestCase):
    """What a client does not read, or sends before it is asked for, stays with the system."""

    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory(prefix="reunion-"))
        self.server = self.enterContext(Server(
            "--t1-free", 0, "--threads", 1, "--listen", f"unix:{self.folder}/narrow.sock",
            directory=self.folder))
        t1s = [os.urandom(T1_BYTES) for _ in range(16)]
        self.server.post("/t1", b"".join(t1s))
        for t1 in t1s[:8]:
            sender = hashlib.blake2b(t1).digest()[:32]
            self.server.post("/t2", b"".join(sender + os.urandom(32) for _ in range(2000)))
        self.assertGreater(len(self.server.get("/t2").body), 500 * KIB)

    def in_system(self):
        """Bytes of memory that the system has for what comes, and what goes, on each connection."""
        needs(self, "ss")
        told = subprocess.run(["ss", "-tmnHO", "state", "established", "sport", "=",
                               f":{self.server.port}"], capture_output=True, text=True, check=True)
        return [tuple(map(int, each)) for each in re.findall(r"skmem:\(r(\d+),.*?,w(\d+),",
                                                             told.stdout)]

    def let_it_work(self):
        """Its one thread has been at every connection when it has answered so many others."""
        with self.server.connect() as connection:
            for _ in range(20):
                self.server.request("GET", "/v1/server", connection=connection)

    def ask_and_read_nothing(self, connection, request, times):
        for _ in range(times):
            connection.sendall(request)
        self.assertTrue(select.select([connection], [], [], PATIENCE_S)[0])
        self.let_it_work()

    def test_of_an_answer_that_nobody_reads(self):
        with contextlib.ExitStack() as stack:
            for room in (4096, 65536, None):
                connection = stack.enter_context(socket.socket())
                if room:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
                connection.connect((self.server.host, self.server.port))
                self.ask_and_read_nothing(connection, b"GET /t2 HTTP/1.1\r\nHost: x\r\n\r\n", 3)
            held = self.in_system()
        self.assertEqual(len([going for _, going in held if going > 0]), 3, held)
        for coming, going in held:
            self.assertLessEqual(coming + going, BUFFERS)

    def test_of_what_is_sent_ahead(self):
        with socket.create_connection((self.server.host, self.server.port)) as connection:
            # What is read at once makes the system give more, unless it is told not to.
            body = bytes(200 * KIB - 200 * KIB % T1_BYTES)
            connection.sendall(b"POST /t1 HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n"
                               b"Content-Type: application/octet-stream\r\n\r\n" % len(body) + body)
            self.assertTrue(connection.recv(12).endswith(b" 200"))
            ada, = joined(self.server)
            cursor = feed(self.server, ada.bucket).headers["Reunion-Cursor"]
            connection.sendall(f"GET /v1/buckets/{ada.bucket}/feed?after={cursor}&wait=60 "
                               "HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            self.let_it_work()
            connection.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                while True:
                    connection.send(bytes(KIB))
            held = self.in_system()
        (coming, going), = held
        self.assertGreater(coming, 4 * KIB)
        self.assertLessEqual(coming + going, BUFFERS)

    def test_on_a_unix_socket(self):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(f"{self.folder}/narrow.sock")
            self.ask_and_read_nothing(connection, b"GET /t2 HTTP/1.1\r\nHost: x\r\n\r\n", 3)
            waiting = array.array("i", [0])
            fcntl.ioctl(connection, termios.FIONREAD, waiting)
            self.assertGreater(waiting[0], 0)
            self.assertLessEqual(waiting[0], BUFFERS)


if __name__ == "__main__":
    unittest.main(verbosity=2)
