"""The box transport's stream, both sides, with PyNaCl: written from box.md alone.

`Handshake` objects make and take messages without sockets; `Client` and `Server` hold a connected
socket, do the handshake and exchange frames. Everything a test may want to spoil has a place of its
own, so that a test overrides one method and leaves the rest.
"""

import base64
import os
import socket

from nacl import bindings
from nacl.exceptions import CryptoError

HELLO_BYTES, COOKIE_BYTES, VOUCH_BYTES = 80, 128, 144
UNIT_BYTES = 256
CONTENT_BYTES_MAX = 16382


class Broken(Exception):
    """The other side has sent what it may not, or has cut the connection."""


class KeyPair:
    def __init__(self, secret=None):
        self.secret = secret or os.urandom(32)
        self.public = bindings.crypto_scalarmult_base(self.secret)


def key_text(public):
    """A public key as it stands in addresses."""
    return base64.urlsafe_b64encode(public).decode().rstrip("=")


def key_of_text(text):
    return base64.urlsafe_b64decode(text + "=")


def seal(plaintext, nonce, own, other):
    return bindings.crypto_box(plaintext, nonce, other, own.secret)


def unseal(box, nonce, own, other):
    try:
        return bindings.crypto_box_open(box, nonce, other, own.secret)
    except CryptoError as error:
        raise Broken("a box does not open") from error


def hello_nonce():
    return b"ReunionBox-hello" + bytes(8)


def counter_nonce(of_client, counter):
    return (b"ReunionBoxclient" if of_client else b"ReunionBoxserver") + counter.to_bytes(8, "big")


class ClientHandshake:
    """The client's side: hello(), then vouch(cookie)."""

    def __init__(self, server_public, own=None):
        self.server_public = server_public
        self.own = own or KeyPair()
        self.session = KeyPair()
        self.tag = os.urandom(32)
        self.server_session = self.server_tag = None

    def hello(self):
        return self.session.public + seal(self.tag, hello_nonce(), self.session,
                                          self.server_public)

    def take_cookie(self, cookie):
        nonce = b"RBcookie" + cookie[:16]
        opened = unseal(cookie[16:], nonce, self.session, self.server_public)
        if len(opened) != 96 or opened[32:64] != self.tag:
            raise Broken("the Cookie does not repeat the Hello's tag")
        self.server_session, self.server_tag = opened[:32], opened[64:]

    def inner(self, v):
        return seal(self.session.public + self.server_tag, b"RBvouch-" + v, self.own,
                    self.server_session)

    def vouch(self, cookie):
        self.take_cookie(cookie)
        v = os.urandom(16)
        return seal(self.own.public + v + self.inner(v), counter_nonce(True, 0), self.session,
                    self.server_session)

    def stream(self):
        return Stream(True, self.session, self.server_session)


class ServerHandshake:
    """The server's side: cookie(hello), then take_vouch(vouch)."""

    def __init__(self, own):
        self.own = own
        self.session = KeyPair()
        self.tag = os.urandom(32)
        self.client_session = self.client_public = None

    def cookie(self, hello):
        self.client_session = hello[:32]
        client_tag = unseal(hello[32:], hello_nonce(), self.own, self.client_session)
        r = os.urandom(16)
        return r + seal(self.session.public + client_tag + self.tag, b"RBcookie" + r, self.own,
                        self.client_session)

    def take_vouch(self, vouch):
        opened = unseal(vouch, counter_nonce(True, 0), self.session, self.client_session)
        client, v, inner = opened[:32], opened[32:48], opened[48:]
        repeated = unseal(inner, b"RBvouch-" + v, self.session, client)
        if repeated != self.client_session + self.tag:
            raise Broken("V repeats something else than EC and Stag")
        self.client_public = client

    def stream(self):
        return Stream(False, self.session, self.client_session)


class Stream:
    """The frames of one connection, without its socket."""

    def __init__(self, of_client, own, other):
        self.of_client, self.own, self.other = of_client, own, other
        self.sent = self.received = 0

    def frame(self, content):
        """The next frame with this content; without any it is the end of the direction."""
        plaintext = len(content).to_bytes(2, "big") + content
        return self.frame_of(plaintext + bytes(-len(plaintext) % UNIT_BYTES))

    def frame_of(self, plaintext):
        """The next frame with this whole plaintext, good or not."""
        self.sent += 1
        box = seal(plaintext, counter_nonce(self.of_client, self.sent), self.own, self.other)
        return len(box).to_bytes(2, "big") + box

    def content(self, box):
        """What is in a frame, of which this is the box."""
        self.received += 1
        opened = unseal(box, counter_nonce(not self.of_client, self.received), self.own, self.other)
        length = int.from_bytes(opened[:2], "big")
        if length > len(opened) - 2 or any(opened[2 + length:]):
            raise Broken("the length or the zeros in a frame are wrong")
        if len(opened) != -(-(2 + length) // UNIT_BYTES) * UNIT_BYTES:
            raise Broken("a frame has more zeros than it needs")
        return opened[2:2 + length]


class Connection:
    """One side of a stream on a connected socket, after its handshake."""

    def __init__(self, connection):
        self.socket = connection
        self.stream = None
        self.ended = False  # the other side's direction
        self._read = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Cut the connection, unless both directions have ended."""
        self.socket.close()

    def receive_exactly(self, count):
        data = b""
        while len(data) < count:
            piece = self.socket.recv(count - len(data))
            if not piece:
                raise Broken(f"the connection was cut after {len(data)} of {count} bytes")
            data += piece
        return data

    def send(self, data):
        for at in range(0, len(data), CONTENT_BYTES_MAX):
            self.socket.sendall(self.stream.frame(data[at:at + CONTENT_BYTES_MAX]))

    def send_end(self):
        self.socket.sendall(self.stream.frame(b""))

    def receive_frame(self):
        """The content of the next frame; b"" is the end."""
        length = int.from_bytes(self.receive_exactly(2), "big")
        content_bytes = length - 16
        if content_bytes % UNIT_BYTES or not UNIT_BYTES <= content_bytes <= CONTENT_BYTES_MAX + 2:
            raise Broken(f"a frame's length is {length}")
        content = self.stream.content(self.receive_exactly(length))
        self.ended = not content
        return content

    # What http.client wants of a socket.

    def sendall(self, data):
        self.send(bytes(data))

    def makefile(self, *_args, **_named):
        return _Reader(self)

    def settimeout(self, timeout_s):
        self.socket.settimeout(timeout_s)

    def read_some(self):
        """What has come, at least a byte, or b"" at the end."""
        if not self._read and not self.ended:
            self._read = self.receive_frame()
        data, self._read = self._read, b""
        return data

    def unread(self, data):
        self._read = data + self._read


class _Reader:
    """The file object from which http.client reads an answer."""

    def __init__(self, connection):
        self._connection = connection

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def read(self, count=-1):
        data = b""
        while count < 0 or len(data) < count:
            piece = self._connection.read_some()
            if not piece:
                break
            data += piece
        if 0 <= count < len(data):
            self._connection.unread(data[count:])
            data = data[:count]
        return data

    def readinto(self, buffer):
        data = self._connection.read_some()
        self._connection.unread(data[len(buffer):])
        data = data[:len(buffer)]
        buffer[:len(data)] = data
        return len(data)

    def readline(self, limit=-1):
        line = b""
        while not line.endswith(b"\n") and (limit < 0 or len(line) < limit):
            piece = self._connection.read_some()
            if not piece:
                break
            end = piece.find(b"\n") + 1 or len(piece)
            if limit >= 0:
                end = min(end, limit - len(line))
            line += piece[:end]
            self._connection.unread(piece[end:])
        return line

    def flush(self):
        pass

    def close(self):
        pass


class Client(Connection):
    """The client's side of a connection: connects, and does the handshake."""

    def __init__(self, address, server_public, own=None, timeout_s=60, source=None):
        super().__init__(socket.create_connection(address, timeout_s, source_address=source))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self.greet(ClientHandshake(server_public, own))
        except BaseException:
            self.close()
            raise

    def greet(self, handshake):
        self.socket.sendall(handshake.hello())
        self.socket.sendall(handshake.vouch(self.receive_exactly(COOKIE_BYTES)))
        self.stream = handshake.stream()


class Server(Connection):
    """The server's side of an accepted connection; does the handshake."""

    def __init__(self, connection, own):
        super().__init__(connection)
        self.client_public = None
        self.greet(ServerHandshake(own))

    def greet(self, handshake):
        self.socket.sendall(handshake.cookie(self.receive_exactly(HELLO_BYTES)))
        handshake.take_vouch(self.receive_exactly(VOUCH_BYTES))
        self.client_public = handshake.client_public
        self.stream = handshake.stream()
