"""What the server's box transport does with those who do not speak it, or speak it wrongly."""

import contextlib
import os
import select
import socket
import unittest

import box_peer
import box_server
import rendezvous
from harness import ClockServer
from programs import PATIENCE_S

HANDSHAKE_S = 10


def readable(connections):
    """Those on which something has come, or that are closed, by now."""
    found, poll = [], select.poll()
    by_number = {each.fileno(): each for each in connections}
    for number in by_number:
        poll.register(number, select.POLLIN)
    for number, _ in poll.poll(0):
        found.append(by_number[number])
    return found


class Attacks(unittest.TestCase):
    def setUp(self):
        # With one serving thread, what it answers shows that it has taken what came before.
        self.server = self.enterContext(
            ClockServer("--box-listen", "127.0.0.1:0", "--threads", "1"))
        self.box = box_server.box_of(self.server)
        self.identity = box_peer.KeyPair()

    def connect(self):
        connection = self.enterContext(
            socket.create_connection((self.box.host, self.box.port), PATIENCE_S))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def cookie(self, handshake, connection=None):
        """Say Hello. Returns: the connection and the Cookie."""
        connection = connection or self.connect()
        connection.sendall(handshake.hello())
        return connection, connection.recv(box_peer.COOKIE_BYTES, socket.MSG_WAITALL)

    def assert_served(self):
        self.assertEqual(self.box.get("/v1/server").status, 200)

    def assert_silent_until_the_deadline(self, connections):
        """Nothing comes, and the end of the connection, in order, when the handshake's time is
        over and not before."""
        self.assert_served()  # the server has seen what came before
        self.server.advance(HANDSHAKE_S - 1)
        self.assertEqual(readable(connections), [])
        self.server.advance(2)
        for connection in connections:
            self.assertEqual(connection.recv(1), b"")
        self.assert_served()

    def test_garbage(self):
        connections = []
        for count in (1, 79, 80, 81, 144, 224, 5000):
            connection = self.connect()
            connection.sendall(os.urandom(count))
            connections.append(connection)
        connection = self.connect()
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 10)
        self.assert_silent_until_the_deadline([*connections, connection, self.connect()])

    def test_a_hello_with_a_bit_flipped_in_any_byte(self):
        connections = []
        for at in range(box_peer.HELLO_BYTES):
            hello = bytearray(box_peer.ClientHandshake(self.box.key).hello())
            # The highest bit of a public key means nothing (RFC 7748, section 5).
            hello[at] ^= 1 << at % 7
            connections.append(self.connect())
            connections[-1].sendall(hello)
        self.assert_silent_until_the_deadline(connections)

    def test_a_hello_to_another_key(self):
        connection = self.connect()
        connection.sendall(box_peer.ClientHandshake(self.identity.public).hello())
        self.assert_silent_until_the_deadline([connection])

    def test_a_vouch_with_a_bit_flipped_in_any_byte(self):
        connections = []
        for at in range(box_peer.VOUCH_BYTES):
            handshake = box_peer.ClientHandshake(self.box.key)
            connection, cookie = self.cookie(handshake)
            vouch = bytearray(handshake.vouch(cookie))
            vouch[at] ^= 1 << at % 8
            connection.sendall(vouch + handshake.stream().frame(b"GET / HTTP/1.1\r\n\r\n"))
            connections.append(connection)
        self.assert_silent_until_the_deadline(connections)

    def test_a_recorded_handshake(self):
        """A Hello that is sent again gets a Cookie, and the Vouch of then opens nothing now."""
        handshake = box_peer.ClientHandshake(self.box.key)
        hello = handshake.hello()
        _, cookie = self.cookie(handshake)
        vouch = handshake.vouch(cookie)
        connection = self.connect()
        connection.sendall(hello)
        other = connection.recv(box_peer.COOKIE_BYTES, socket.MSG_WAITALL)
        self.assertEqual(len(other), box_peer.COOKIE_BYTES)
        self.assertNotEqual(other, cookie)
        connection.sendall(vouch)
        self.assert_silent_until_the_deadline([connection])

    def test_a_stolen_key_of_a_server_poses_as_no_client(self):
        """V names EC and Stag; one of another connection, or without the client's key, is none."""
        class Posing(box_peer.ClientHandshake):
            def inner(self, v):
                # Sealed by somebody else than the C that the Vouch names.
                return box_peer.seal(self.session.public + self.server_tag, b"RBvouch-" + v,
                                     box_peer.KeyPair(), self.server_session)
        handshake = Posing(self.box.key)
        connection, cookie = self.cookie(handshake)
        connection.sendall(handshake.vouch(cookie))
        self.assert_silent_until_the_deadline([connection])

    def test_a_handshake_cut_at_every_byte(self):
        connections = []
        for count in range(box_peer.HELLO_BYTES):
            connections.append(self.connect())
            connections[-1].sendall(box_peer.ClientHandshake(self.box.key).hello()[:count])
            connections[-1].shutdown(socket.SHUT_WR)
        for count in range(box_peer.VOUCH_BYTES):
            handshake = box_peer.ClientHandshake(self.box.key)
            connection, cookie = self.cookie(handshake)
            connection.sendall(handshake.vouch(cookie)[:count])
            connection.shutdown(socket.SHUT_WR)
            connections.append(connection)
        self.assert_silent_until_the_deadline(connections)

    def test_a_handshake_byte_by_byte(self):
        handshake = box_peer.ClientHandshake(self.box.key)
        connection = self.connect()
        for byte in handshake.hello():
            connection.sendall(bytes([byte]))
        cookie = connection.recv(box_peer.COOKIE_BYTES, socket.MSG_WAITALL)
        for byte in handshake.vouch(cookie):
            connection.sendall(bytes([byte]))
        stream = box_peer.Connection(connection)
        stream.stream = handshake.stream()
        for byte in stream.stream.frame(b"GET /v1/server HTTP/1.1\r\nHost: x\r\n\r\n"):
            connection.sendall(bytes([byte]))
        self.assertTrue(stream.receive_frame().startswith(b"HTTP/1.1 200 "))

    def test_a_deadline_that_trickling_does_not_extend(self):
        connection = self.connect()
        hello = box_peer.ClientHandshake(self.box.key).hello()
        for at in range(HANDSHAKE_S):
            connection.sendall(hello[at:at + 1])
            self.assert_served()
            self.server.advance(1)
        self.assertEqual(connection.recv(1), b"")

    def test_a_cookie_has_no_byte_that_can_be_known(self):
        cookies = [self.cookie(box_peer.ClientHandshake(self.box.key))[1] for _ in range(16)]
        for at in range(box_peer.COOKIE_BYTES):
            # That sixteen random bytes are equal has a chance of 2^-120.
            self.assertGreater(len({cookie[at] for cookie in cookies}), 1, at)

    def test_many_slow_handshakes_take_nothing_from_others(self):
        slow = [self.connect() for _ in range(800)]
        for connection in slow:
            connection.sendall(os.urandom(1))
        with self.box.connect() as connection:
            for _ in range(20):
                self.assertEqual(
                    self.box.request("GET", "/v1/server", connection=connection).status, 200)
        identity = rendezvous.Identity()
        self.assertEqual(identity.join(self.box).status, 201)
        self.assert_silent_until_the_deadline(slow)

    def test_a_client_that_goes_ends_its_wait(self):
        identity, = rendezvous.joined(self.server)
        cursor = rendezvous.feed(self.server, identity.bucket).headers["Reunion-Cursor"]
        stream = self.enterContext(self.box.stream())
        stream.send(f"GET /v1/buckets/{identity.bucket}/feed?after={cursor}&wait=60 "
                    f"HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        self.server.wait_for_waiting(1)
        stream.close()
        self.server.wait_for_waiting(0)

    def test_a_silent_stream_ends_in_order(self):
        """The library's idle timeout is as without the box."""
        stream = self.enterContext(self.box.stream())
        self.assert_served()
        self.server.advance(31)
        while stream.receive_frame():  # it may say that the request did not come
            pass
        self.assertEqual(stream.socket.recv(1), b"")

    def test_handshakes_that_are_held_open_give_way(self):
        """Where there are as many as may be, each new one ends the oldest: nobody is shut out."""
        with ClockServer("--box-listen", "127.0.0.1:0", "--box-handshakes-max", "4",
                         "--threads", "1") as server:
            box = box_server.box_of(server)
            where = (box.host, box.port)
            with contextlib.ExitStack() as stack:
                def hold():
                    return stack.enter_context(socket.create_connection(where, PATIENCE_S))
                slow = [hold() for _ in range(4)]
                for ended in range(4):
                    self.assertEqual(readable(slow[ended:]), [])
                    slow.append(hold())
                    self.assertEqual(slow[ended].recv(1), b"")
                self.assertEqual(readable(slow[4:]), [])
                self.assertEqual(box.get("/v1/server").status, 200)
                self.assertEqual(slow[4].recv(1), b"")
                self.assertEqual(readable(slow[5:]), [])

                server.advance(HANDSHAKE_S + 1)
                for connection in slow[5:]:
                    self.assertEqual(connection.recv(1), b"")
                self.assertEqual(box.get("/v1/server").status, 200)


class Streams(unittest.TestCase):
    """What is wrong behind a good handshake."""

    def setUp(self):
        self.server = self.enterContext(ClockServer("--box-listen", "127.0.0.1:0"))
        self.box = box_server.box_of(self.server)
        self.stream = self.enterContext(self.box.stream())

    def assert_broken(self):
        """The connection ends, without an answer and without an end frame."""
        with contextlib.suppress(ConnectionResetError):
            self.assertEqual(self.stream.socket.recv(1), b"")
        self.assertEqual(self.box.get("/v1/server").status, 200)

    def test_frames_that_break_a_rule(self):
        request = b"GET /v1/server HTTP/1.1\r\nHost: x\r\n\r\n"
        stated = len(request).to_bytes(2, "big")
        plaintexts = {
            "more zeros than needed": stated + request + bytes(512 - 2 - len(request)),
            "no multiple of 256": stated + request,
            "a length beyond the frame": (255).to_bytes(2, "big") + bytes(254),
            "no zeros behind": stated + request + b"\1" * (254 - len(request)),
            "nothing": b"",
        }
        for name, plaintext in plaintexts.items():
            with self.subTest(name), self.box.stream() as self.stream:
                self.stream.socket.sendall(self.stream.stream.frame_of(plaintext))
                self.assert_broken()

    def test_a_frame_with_a_bit_flipped(self):
        for at in (0, 1, 2, 17, 18, 100, 273):
            with self.subTest(at), self.box.stream() as self.stream:
                frame = bytearray(self.stream.stream.frame(b"GET / HTTP/1.1\r\n\r\n"))
                frame[at] ^= 0x80
                self.stream.socket.sendall(frame)
                # A length that has become longer waits for the rest, which does not open.
                self.stream.socket.sendall(os.urandom(16384))
                self.assert_broken()

    def test_a_frame_that_comes_twice(self):
        frame = self.stream.stream.frame(b"GET /v1/server HTTP/1.1\r\nHost: x\r\n\r\n")
        self.stream.socket.sendall(frame)
        self.assertTrue(self.stream.receive_frame().startswith(b"HTTP/1.1 200 "))
        self.stream.socket.sendall(frame)
        self.assert_broken()

    def test_something_behind_the_end_frame(self):
        self.stream.send(b"GET /v1/buckets HTTP/1.1\r\nHost: x\r\n")
        self.stream.socket.sendall(self.stream.stream.frame(b"") + b"x")
        self.assert_broken()

    def test_a_request_that_is_cut_stores_nothing(self):
        identity = rendezvous.Identity()
        head = (f"POST /v1/t1 HTTP/1.1\r\nHost: x\r\nContent-Length: {rendezvous.T1_BYTES}\r\n"
                f"Content-Type: application/octet-stream\r\n"
                f"Authorization: Bearer {identity.key.hex()}\r\n\r\n").encode()
        self.stream.send(head + identity.t1[:-1])
        self.stream.socket.shutdown(socket.SHUT_WR)
        self.assert_broken()
        self.assertEqual(self.server.get("/v1/buckets").json()["buckets"], [])

    def test_an_answer_is_whole_although_the_client_has_ended_its_direction(self):
        self.stream.send(b"GET /v1/openapi.json HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        self.stream.send_end()
        answer = b""
        while content := self.stream.receive_frame():
            answer += content
        head, _, body = answer.partition(b"\r\n\r\n")
        self.assertTrue(head.startswith(b"HTTP/1.1 200 "))
        self.assertEqual(body, self.server.get("/v1/openapi.json").body)

    def test_a_stop_answers_what_is_under_way(self):
        identity, = rendezvous.joined(self.server)
        cursor = rendezvous.feed(self.box, identity.bucket).headers["Reunion-Cursor"]
        self.stream.send(f"GET /v1/buckets/{identity.bucket}/feed?after={cursor}&wait=60 "
                         f"HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        self.server.wait_for_waiting(1)
        self.assertEqual(self.server.stop(), 0)
        answer = b""
        while content := self.stream.receive_frame():
            answer += content
        self.assertTrue(answer.startswith(b"HTTP/1.1 200 "), answer)


if __name__ == "__main__":
    unittest.main(verbosity=2)
