"""Servers that clients reach by the box transport: meetings and links through the independent peer,
and peers that lie, cut and stay silent."""

import base64
import contextlib
import os
import pathlib
import signal
import socket
import tempfile
import unittest

from harness import Server
from link_program import LinkCase, run
from meeting import MeetingCase, come
from needed import lacks
from ours import BUILD
from programs import Program
from relay import Relay, Wire
from socks_server import SocksServer

try:
    import box_peer
    import box_server
    from box_relay import BoxRelay
    LACKING = None
except ModuleNotFoundError as error:
    LACKING = f"{error} (Debian's package python3-nacl)"

# Kinds of request, and what is asked for once more as somebody else.
CIRCUITS = 6
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def setUpModule():
    if LACKING:
        lacks(None, LACKING)


class Case(MeetingCase, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server().start()

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()

    def relay(self, **options):
        return self.enterContext(BoxRelay((self.server.host, self.server.port), **options))


class Meetings(Case):
    def test_two_meet(self):
        """Each connection has keys of its own, and carries more than one request."""
        relay = self.relay()
        with come("Alice", relay.url) as a, come("Bob", relay.url) as b:
            self.assert_meet(a, b)
        self.assertEqual(len(set(relay.sessions)), len(relay.sessions))
        self.assertEqual(len(set(relay.clients)), len(relay.clients))
        self.assertLess(len(relay.sessions), relay.requests())

    def test_whatever_way_the_others_come(self):
        relay = self.relay()
        with come("Alice", relay.url) as a, come("Bob", self.server.url) as b:
            self.assert_meet(a, b)

    def test_ipv6(self):
        relay = self.relay(host="::1")
        self.assertIn("[::1]", relay.url)
        with come("Alice", relay.url) as a, come("Bob", relay.url) as b:
            self.assert_meet(a, b)

    def test_several_servers_in_one_run(self):
        relay = self.relay()
        with Server() as other, come("Alice", relay.url, "--server", other.url) as a:
            a.wait_for("both servers", lambda lines: sum(
                "waiting for others" in line.text for line in lines) == 2)
            with come("Bob", relay.url) as b:
                self.assert_meet(a, b)

    def test_streams_that_are_cut_while_somebody_waits(self):
        """The client makes new ones, and nobody misses anything."""
        relay = self.relay()
        with come("Alice", relay.url) as a:
            a.wait_for_line("waiting for others")
            relay.hang_up()
            with come("Bob", relay.url) as b:
                self.assert_meet(a, b)


class RealServer(LinkCase, Case):
    """The same at a reunion-server that serves the transport itself."""

    @classmethod
    def setUpClass(cls):
        cls.server = box_server.server().start()
        box = box_server.box_of(cls.server)
        cls.port = box.port
        cls.url = f"box://127.0.0.1:{box.port}#{box_peer.key_text(box.key)}"

    def test_two_meet(self):
        with come("Alice", self.url) as a, come("Bob", self.url) as b:
            self.assert_meet(a, b)

    def test_one_comes_by_http(self):
        with come("Alice", self.url) as a, come("Bob", self.server.url) as b:
            self.assert_meet(a, b)

    def test_through_a_socks_proxy(self):
        with SocksServer("127.0.0.1", self.port) as socks, \
                come("Alice", self.url, "--proxy", socks.url) as a, come("Bob", self.url) as b:
            self.assert_meet(a, b)

    def test_a_private_link(self):
        invitation, = self.create(self.url, "https://chat.example")
        self.assert_opens(invitation, "https://chat.example")

    def test_a_wrong_key(self):
        """The server does not tell what listens; the client says what it looks like."""
        other = box_peer.key_text(box_peer.KeyPair().public)
        with come("Alice", f"box://127.0.0.1:{self.port}#{other}") as a:
            a.wait_for_line("the key of the address", "err")
            self.assertNotEqual(a.stop(signal.SIGINT), 0)

    def test_a_server_that_ends(self):
        with box_server.server() as server:
            box = box_server.box_of(server)
            key = box_peer.key_text(box.key)
            with come("Alice", f"box://127.0.0.1:{box.port}#{key}") as a:
                a.wait_for_line("waiting for others")
                self.assertEqual(server.stop(), 0)
                a.wait_for_line("nobody listens there", "err")


class Recorded(Case):
    """What somebody on the way sees of our client and our server: the specification's sizes."""

    # Hello and Vouch of the client, Cookie of the server.
    HANDSHAKE_BYTES = {"client": 80 + 144, "server": 128}
    # That a random byte is the same in so many connections has a chance of 2^-40.
    ENOUGH = 6

    def setUp(self):
        server = self.enterContext(box_server.server())
        box = box_server.box_of(server)
        self.recorded = []

        def accept(_):
            sides = {"client": bytearray(), "server": bytearray()}
            self.recorded.append(sides)
            return Wire(socket.create_connection(("127.0.0.1", box.port)),
                        sides["client"].extend, sides["server"].extend)
        relay = Relay(accept)
        port = relay.start()
        self.addCleanup(relay.stop)
        self.url = f"box://127.0.0.1:{port}#{box_peer.key_text(box.key)}"

    def whole(self):
        """The connections that have come behind their handshakes."""
        return [sides for sides in self.recorded
                if all(len(sides[side]) > count for side, count in self.HANDSHAKE_BYTES.items())]

    def assert_frames(self, stream):
        """Nothing but frames, the last one perhaps not whole."""
        while len(stream) >= 2:
            box_bytes = int.from_bytes(stream[:2], "big")
            self.assertIn(box_bytes, range(16 + 256, 16 + 16384 + 1, 256))
            stream = stream[2 + box_bytes:]

    def test_sizes_are_fixed_and_nothing_else_is_known(self):
        while len(self.whole()) < self.ENOUGH:
            with come("Alice", self.url) as a, come("Bob", self.url) as b:
                self.assert_meet(a, b)
        for side, handshake_bytes in self.HANDSHAKE_BYTES.items():
            streams = [bytes(sides[side]) for sides in self.whole()]
            for at in range(handshake_bytes):
                self.assertGreater(len({stream[at] for stream in streams}), 1, (side, at))
            for stream in streams:
                self.assert_frames(stream[handshake_bytes:])


class ClientKeys(Case):
    """Servers that admit listed clients alone, and how a client shows that it is one."""

    def setUp(self):
        self.folder = pathlib.Path(
            self.enterContext(tempfile.TemporaryDirectory(prefix="reunion-")))
        self.own = box_peer.KeyPair()
        self.file = self.write(base64.b64encode(self.own.secret).decode() + "\n")

    def write(self, text, mode=0o600):
        file = self.folder / "client.key"
        file.unlink(missing_ok=True)
        file.touch(mode)
        file.chmod(mode)
        file.write_text(text)
        return file

    def serve(self):
        """A server with a list of one client. Returns: its address."""
        listed = self.folder / "clients"
        listed.write_text(box_peer.key_text(self.own.public) + "\n")
        server = self.enterContext(
            box_server.server("--box-clients", listed, "--box-handshake-time-max", 1))
        box = box_server.box_of(server)
        return server, f"box://127.0.0.1:{box.port}#{box_peer.key_text(box.key)}"

    def check(self, url, *options):
        """What `check` ends with, and what it says."""
        with Program("check", [BUILD / "client" / "reunion-client", "check", "--server", url,
                               *options]) as program:
            return program.wait_for_end(), program.transcript()

    def test_who_is_listed_meets(self):
        server, url = self.serve()
        with come("Alice", url, "--box-client-key", self.file) as a, \
                come("Bob", server.url) as b:
            self.assert_meet(a, b)

    def test_who_is_not_listed_is_let_in_nowhere(self):
        _, url = self.serve()
        code, said = self.check(url)
        self.assertEqual(code, 3)
        self.assertIn("--box-client-key", said)
        self.write(base64.b64encode(box_peer.KeyPair().secret).decode())
        self.assertEqual(self.check(url, "--box-client-key", self.file)[0], 3)

    def test_every_connection_shows_it(self):
        relay = self.relay()
        with come("Alice", relay.url, "--box-client-key", self.file) as a, \
                come("Bob", self.server.url) as b:
            self.assert_meet(a, b)
        self.assertEqual(set(relay.clients), {self.own.public})

    def test_check_shows_the_public_key(self):
        _, url = self.serve()
        code, said = self.check(url, "--box-client-key", self.file)
        self.assertEqual(code, 0, said)
        self.assertIn(f"client-key  {box_peer.key_text(self.own.public)}", said)

    def test_what_will_not_do(self):
        good = base64.b64encode(self.own.secret).decode()
        box = f"box://127.0.0.1:1#{box_peer.key_text(self.own.public)}"
        for text, mode, url, part in (
                (good, 0o640, box, "others on this machine may read"),
                (good, 0o604, box, "others on this machine may read"),
                ("", 0o600, box, "32 bytes in base64"), (good[:-4], 0o600, box, "32 bytes"),
                (good + "\n" + good, 0o600, box, "32 bytes"),
                ("A" * 43 + "=", 0o600, box, "32 bytes"),
                (good, 0o600, "http://127.0.0.1:1", "not reached by one"),
                (good, 0o600, box.replace("box:", "box+udp:"), "not reached by one")):
            with self.subTest(part=part, mode=mode, url=url):
                code, said = self.check(url, "--box-client-key", self.write(text, mode))
                self.assertEqual(code, 2, said)
                self.assertIn(part, said)
                self.assertNotIn(good, said)


    def test_a_pipe_that_nobody_writes_to(self):
        """Before anything else is waited for, so --duration does not end it."""
        pipe = self.file.with_name("pipe")
        os.mkfifo(pipe, 0o600)
        box = f"box://127.0.0.1:1#{box_peer.key_text(self.own.public)}"
        code, said = self.check(box, "--box-client-key", pipe)
        self.assertEqual(code, 2, said)
        self.assertIn("does anybody write to it?", said)


class Proxies(Case):
    def test_each_kind_of_request_has_a_circuit_of_its_own(self):
        """The proxy sees the server's name and no request."""
        relay = self.relay()
        url = f"box://meet.example:7#{relay.key}"
        with SocksServer(relay.host, relay.port) as socks:
            with come("Alice", url, "--proxy", socks.url) as a, \
                    come("Bob", self.server.url) as b:
                self.assert_meet(a, b)
            self.assertEqual(len({(visit.name, visit.password) for visit in socks.visits}),
                             CIRCUITS)
            for visit in socks.visits:
                self.assertTrue(visit.by_name)
                self.assertEqual((visit.host, visit.port), ("meet.example", 7))
                self.assertEqual(visit.requests, [])

    def test_a_proxy_of_http(self):
        relay = self.relay()
        asked = []

        def connect(peer):
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += peer.recv(1)
            asked.append(head)
            peer.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            return Wire(socket.create_connection((relay.host, relay.port)))
        proxy = Relay(connect)
        port = proxy.start()
        self.addCleanup(proxy.stop)
        url = f"box://meet.example#{relay.key}"
        with come("Alice", url, "--proxy", f"http://127.0.0.1:{port}") as a, \
                come("Bob", self.server.url) as b:
            self.assert_meet(a, b)
        self.assertEqual({head.partition(b"\r\n")[0] for head in asked},
                         {b"CONNECT meet.example:5443 HTTP/1.1"})
        for head in asked:
            self.assertNotIn(b"reunion", head.lower())


class Links(LinkCase, Case):
    def test_an_invitation_names_the_server_and_its_key(self):
        relay = self.relay()
        invitation, = self.create(relay.url, "https://chat.example")
        self.assertIn(relay.key, invitation)
        before = relay.taken
        self.assert_opens(invitation, "https://chat.example")
        self.assertGreater(relay.taken, before)

    def test_a_key_that_is_not_the_servers(self):
        relay = self.relay()
        other = box_peer.key_text(box_peer.KeyPair().public)
        invitation, = self.create(relay.url, "https://chat.example")
        done = run("open", invitation.replace(relay.key, other))
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(done.stdout, "")


class Liars(Case):
    """What a client says of them; nothing that one of them did is taken for an answer."""

    def assert_said(self, serve, *said, relay=None):
        relay = relay or self.relay(serve=serve)
        with come("Alice", relay.url) as a:
            for part in said:
                a.wait_for_line(part, "err")
            self.assertNotEqual(a.stop(signal.SIGINT), 0)
        return relay

    def assert_answer_said(self, pieces, *said):
        """Of a peer that is honest until the request has come, and sends these pieces: bytes as
        they are, or what functions of the connection do."""
        relay = self.relay()

        def serve(connection):
            peer = relay.greet(connection)
            peer.receive_frame()
            for piece in pieces:
                piece(peer) if callable(piece) else peer.send(piece)
        relay.serve = serve
        self.assert_said(None, *said, relay=relay)

    def test_nobody_listens(self):
        with socket.socket() as bound:
            bound.bind(("127.0.0.1", 0))
            key = box_peer.key_text(box_peer.KeyPair().public)
            with come("Alice", f"box://127.0.0.1:{bound.getsockname()[1]}#{key}") as a:
                a.wait_for_line("nobody listens there", "err")
                self.assertNotEqual(a.stop(signal.SIGINT), 0)

    def test_a_cookie_for_somebody_else(self):
        relay = self.relay()
        earlier = box_peer.ClientHandshake(relay.own.public).hello()
        cookie = box_peer.ServerHandshake(relay.own).cookie(earlier)

        def serve(connection):
            connection.recv(box_peer.HELLO_BYTES, socket.MSG_WAITALL)
            connection.sendall(cookie)
            connection.recv(1)
        relay.serve = serve
        self.assert_said(None, "does not have the key of the address", relay=relay)

    def test_garbage_instead_of_a_cookie(self):
        def serve(connection):
            connection.sendall(bytes(range(128)))
            connection.recv(1)
            connection.recv(65536)
        self.assert_said(serve, "does not have the key of the address")

    def test_a_cut_during_the_handshake(self):
        def serve(connection):
            connection.recv(box_peer.HELLO_BYTES, socket.MSG_WAITALL)
            connection.sendall(bytes(100))
        self.assert_said(serve, "closed without an answer to the key of the address")

    def test_silence_during_the_handshake(self):
        def serve(connection):
            while connection.recv(65536):
                pass
        self.assert_said(serve, "does not answer to the key of the address")

    def test_a_cut_before_an_answer(self):
        self.assert_answer_said([], "closed without an answer")

    def test_a_cut_answer_with_a_length(self):
        self.assert_answer_said([ANSWER + b"Content-Length: 10\r\n\r\n{}"],
                                "closed in the middle of an answer")

    def test_a_cut_answer_without_a_length(self):
        """It would look whole to somebody who saw the connection closed."""
        self.assert_answer_said([ANSWER + b"Connection: close\r\n\r\n{}"],
                                "closed in the middle of an answer")

    def test_an_answer_that_was_altered(self):
        def alter(peer):
            frame = bytearray(peer.stream.frame(b"more"))
            frame[-1] ^= 1
            peer.socket.sendall(frame)
        self.assert_answer_said([ANSWER + b"Connection: close\r\n\r\n{}", alter],
                                "altered on the way")

    def test_frames_that_break_a_rule(self):
        def frame(plaintext):
            return lambda peer: peer.socket.sendall(peer.stream.frame_of(plaintext))
        for bad in (frame(bytes(512)),  # more zeros than it needs
                    frame(b"\x00\x01x" + bytes(252) + b"1"),  # no zeros
                    frame(b"\x01\xff" + bytes(254)),  # longer than it is
                    lambda peer: peer.socket.sendall(bytes(2))):
            with self.subTest(bad=bad):
                self.assert_answer_said([ANSWER + b"Connection: close\r\n\r\n{}", bad],
                                        "altered on the way")

    def test_an_answer_without_a_length_that_the_stream_ends_is_whole(self):
        """Its end is read as such, and nothing after it; it is no description of a server."""
        def end(peer):
            peer.send_end()
            peer.socket.sendall(peer.stream.frame(b"more"))
        self.assert_answer_said([ANSWER + b"Connection: close\r\n\r\n{}", end],
                                "the answer makes no sense")

    def test_a_byte_at_a_time(self):
        """However slowly it comes, it is what was sent."""
        relay = self.relay()

        class Slow:
            def __init__(self, connection):
                self._connection = connection

            def sendall(self, data):
                for at in range(len(data)):
                    self._connection.sendall(data[at:at + 1])

            def __getattr__(self, name):
                return getattr(self._connection, name)

        relay.serve = lambda connection: relay.pass_on(Slow(connection))
        with come("Alice", relay.url) as a:
            a.wait_for_line("waiting for others", "err")


class Interrupts(Case):
    """Each ends the program at once, whatever it waits for."""

    def assert_interrupted(self, relay, reached, url=None, *options):
        with come("Alice", url or relay.url, *options) as a:
            relay.wait_for("the client", reached)
            self.assertEqual(a.stop(signal.SIGINT), 130)

    def test_while_it_connects(self):
        """Through a proxy that says nothing."""
        silent = self.relay(serve=lambda connection: connection.recv(1, socket.MSG_PEEK) and
                            self.wait_for_end(connection))
        url = f"box://meet.example#{silent.key}"
        self.assert_interrupted(silent, lambda: silent.taken, url, "--proxy",
                                f"socks5h://127.0.0.1:{silent.port}")

    def test_in_the_handshake(self):
        silent = self.relay(serve=self.wait_for_end)
        self.assert_interrupted(silent, lambda: silent.taken)

    def test_while_it_waits_for_an_answer(self):
        relay = self.relay()

        def serve(connection):
            relay.greet(connection)
            self.wait_for_end(connection)
        relay.serve = serve
        self.assert_interrupted(relay, lambda: relay.sessions)

    @staticmethod
    def wait_for_end(connection):
        with contextlib.suppress(OSError):
            while connection.recv(65536):
                pass


class Check(Case):
    def test_what_it_says_of_the_key(self):
        relay = self.relay()
        with Program("check", [BUILD / "client" / "reunion-client", "check", "--server",
                               relay.url]) as program:
            self.assertEqual(program.wait_for_end(), 0, program.transcript())
            program.wait_for_line("good   key", "out")

    def test_a_wrong_key(self):
        relay = self.relay()
        other = box_peer.key_text(box_peer.KeyPair().public)
        with Program("check", [BUILD / "client" / "reunion-client", "check", "--server",
                               relay.url.replace(relay.key, other)]) as program:
            line = program.wait_for_line("WRONG  connection", "out")
            self.assertIn("answer to the key of the address", line.text)
            self.assertIn("that the server's operator hands out", line.text)


if __name__ == "__main__":
    unittest.main(verbosity=2)
