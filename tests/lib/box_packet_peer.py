"""The packets of the box transport, the client's side, with PyNaCl: written from box.md alone.

`Session` makes requests and opens answers without sockets, `Peer` has a socket too. Bodies of ops
are made and taken apart by plain functions. (The server's side is in box_packet_relay.py.)
"""

import dataclasses
import hashlib
import os
import socket
import struct

from nacl import bindings
from nacl.exceptions import CryptoError

from box_peer import Broken, KeyPair

LONG, SHORT = 1232, 894
BOX_BYTES = {LONG: 1184, SHORT: 530}
FILLING_BYTES = {LONG: 0, SHORT: 316}
TAG_BYTES, A_BYTES = 16, 16

DESCRIBE, POST_T1, FETCH_T1, BUCKETS, FIND, READ_T1S, POST_T2S, POST_T3S, FEED, READ_LINKS, \
    POST_LINK, READ_STAMPS, PLACE_BUCKETS = range(1, 14)
(SUCCESS, MALFORMED, NOT_FOUND, GONE, FORBIDDEN, FULL, NOT_NOW, UNKNOWN_OP, STAMP_WANTED) = range(9)

NONE = bytes(32)


def request_nonce(session, a):
    return hashlib.blake2b(b"RPclient" + session + a, digest_size=24).digest()


def answer_nonce(a, b):
    return hashlib.blake2b(b"RPserver" + a + b, digest_size=24).digest()


def padded(text, size):
    content = len(text).to_bytes(2, "big") + text
    assert len(content) <= size, (len(text), size)
    return content + bytes(size - len(content))


def unpadded(plaintext):
    length = int.from_bytes(plaintext[:2], "big")
    if not 1 <= length <= len(plaintext) - 2:
        raise Broken(f"a text of {length} bytes")
    return plaintext[2:2 + length]


class Session:
    """A client's EC with one server."""

    def __init__(self, server_public, own=None):
        self.own = own or KeyPair()
        self.shared = bindings.crypto_box_beforenm(server_public, self.own.secret)

    def request_of(self, plaintext, size=LONG, a=None, filling=None):
        """A datagram with this whole plaintext, good or not. Returns: it and its a."""
        a = a or os.urandom(A_BYTES)
        box = bindings.crypto_box_afternm(plaintext, request_nonce(self.own.public, a), self.shared)
        filling = os.urandom(FILLING_BYTES[size]) if filling is None else filling
        return self.own.public + a + box + filling, a

    def request(self, q, size=LONG, a=None):
        return self.request_of(padded(q, BOX_BYTES[size] - TAG_BYTES), size, a)

    def open_answer(self, datagram, a, size=LONG):
        """What an answer to the request with this a and of this size says."""
        if len(datagram) != size:
            raise Broken(f"an answer of {len(datagram)} bytes")
        if datagram[:A_BYTES] != a:
            raise Broken("the answer to another request")
        b, box = datagram[A_BYTES:2 * A_BYTES], datagram[2 * A_BYTES:]
        try:
            plaintext = bindings.crypto_box_open_afternm(box, answer_nonce(a, b), self.shared)
        except CryptoError as error:
            raise Broken("an answer does not open") from error
        return unpadded(plaintext)


# Bodies


@dataclasses.dataclass
class Bucket:
    created: int
    sequence: int
    link: bytes
    count: int
    open: bool
    expires: int

    FORM = struct.Struct(">QI32sHBQ")

    @classmethod
    def of(cls, data):
        created, sequence, link, count, is_open, expires = cls.FORM.unpack(data)
        assert is_open in (0, 1), is_open
        return cls(created, sequence, link, count, bool(is_open), expires)


def split(data, size):
    assert len(data) % size == 0, len(data)
    return [data[at:at + size] for at in range(0, len(data), size)]


def flag(byte):
    assert byte in (0, 1), byte
    return bool(byte)


def frames(data):
    """(kind, T1) or (kind, sender || body) of each frame."""
    found = []
    while data:
        size = {1: 288, 2: 64, 3: 64}[data[0]]
        assert len(data) > size, len(data)
        found.append((data[0], data[1:1 + size]))
        data = data[1 + size:]
    return found


@dataclasses.dataclass
class Answer:
    status: int
    body: bytes

    @property
    def retry_s(self):
        assert self.status == NOT_NOW and len(self.body) == 2, self
        return int.from_bytes(self.body, "big")

    @property
    def wanted(self):
        """Challenge and effort."""
        assert self.status == STAMP_WANTED and len(self.body) == 36, self
        return self.body[:32], int.from_bytes(self.body[32:], "big")

    @property
    def success(self):
        assert self.status == SUCCESS, self
        return self.body

    def description(self):
        form = struct.Struct(">BHIIH32sQ32sII")
        names = ("version capacity open_window lifetime wait_max salt now challenge t1_effort "
                 "link_effort").split()
        return dict(zip(names, form.unpack(self.success), strict=True))

    def bucket(self):
        return Bucket.of(self.success)

    def buckets(self):
        """More, and each."""
        return flag(self.success[0]), [Bucket.of(each) for each in split(self.body[1:], 55)]

    def t1s(self):
        """More, closed, and each."""
        return flag(self.success[0]), flag(self.body[1]), split(self.body[2:], 288)

    def feed(self):
        """The cursor, and frames."""
        return self.success[:16], frames(self.body[16:])

    def links(self):
        """The id, the first place, and blobs."""
        return self.success[:12], self.body[12], split(self.body[13:], 256)

    def stamps(self):
        """More, {hour: challenge}, and (id, hour, nonce, effort) of each T1."""
        more, count, rest = flag(self.success[0]), self.body[1], self.body[2:]
        hours = {int.from_bytes(each[:8], "big"): each[8:] for each in split(rest[:40 * count], 40)}
        assert len(hours) == count
        return more, hours, [struct.unpack(">32sQ16sI", each)
                             for each in split(rest[40 * count:], 60)]


def post_t1(key, t1, bucket=NONE, stamp=bytes(16), place=NONE):
    return bytes([POST_T1]) + key + bucket + t1 + stamp + place


def post_records(kind, key, sender, bucket, *records):
    return bytes([POST_T2S if kind == 2 else POST_T3S]) + key + sender + bucket + b"".join(records)


def feed(bucket, t1_id, cursor=bytes(16), wait=0):
    return bytes([FEED]) + bucket + cursor + bytes([wait]) + t1_id


class Peer:
    """A client with a socket of its own, and one EC."""

    def __init__(self, address, server_public, own=None, timeout_s=60, source=None):
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.session = Session(server_public, own)
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.settimeout(timeout_s)
        if source:
            self.socket.bind(source)
        self.address = address
        self.came_from = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, q, size=LONG, a=None):
        """Returns: a, by which the answer is known."""
        datagram, a = self.session.request(q, size, a)
        self.socket.sendto(datagram, self.address)
        return a

    def receive(self, a, size=LONG):
        datagram, self.came_from = self.socket.recvfrom(4096)
        p = self.session.open_answer(datagram, a, size)
        return Answer(p[0], p[1:])

    def ask(self, q, size=LONG, a=None):
        return self.receive(self.send(q, size, a), size)
