"""The packets of the mix chain, with PyNaCl and hashlib: written from mix.md and groups.md alone.

A client's side: `make_packet`, `make_surb`, `Secrets.open`. A mix's side: `unwrap`, `Taken`
(windows and replays), `use_surb`, `Division` (kind 4). `exit_content`, `delivery` and
`mix_request` are what goes over the wire. Nothing here opens a socket. Secret values are
parameters, so that known answers can be repeated.
"""

import ctypes
import ctypes.util
import dataclasses
import hashlib
import hmac
import ipaddress
import os
import struct

from nacl import bindings
from nacl.exceptions import CryptoError

HOPS_MAX = 5
LAYER_BYTES, HEADER_BYTES, BETA_BYTES = 40, 248, 200
PAYLOAD_BYTES, PACKET_BYTES, SURB_BYTES = 912, 1160, 298
CONTENT_BYTES_MAX, EXIT_BYTES, DIVIDE_BYTES = 894, 894, 866
REQUEST_BYTES, FILLING_BYTES = 578, 316
WINDOW_S = 600
FORWARD, EXIT, REPLY, DROP, DIVIDE = range(5)
OP_PACKET, OP_DELIVER = 32, 19
RECIPIENTS, M_BYTES, TOKEN_BYTES, T_BYTES = 4, 464, 64, 16
COPY_BYTES, COPY_DELIVERY_BYTES = 544, 656
NOWHERE = bytes(16)


class Dropped(Exception):
    """A mix drops the packet, or a client ignores what came."""


# Primitives

_sodium = ctypes.CDLL(ctypes.util.find_library("sodium"))


def stream(key, count):
    """ChaCha20's key stream, with a 64-bit nonce of zeros, from counter 0. PyNaCl has no such
    function, so this one is libsodium's own."""
    out = ctypes.create_string_buffer(count)
    assert len(key) == 32
    assert _sodium.crypto_stream_chacha20(out, ctypes.c_ulonglong(count), bytes(8), key) == 0
    return out.raw


def xor(a, b):
    assert len(a) == len(b), (len(a), len(b))
    return (int.from_bytes(a, "big") ^ int.from_bytes(b, "big")).to_bytes(len(a), "big")


def blake2b(data, count, key=b""):
    return hashlib.blake2b(data, digest_size=count, key=key).digest()


def derive(secret, alpha, label, count):
    return blake2b(b"reunion-mix-" + label.encode() + alpha, count, secret)


def mac(key, data):
    return blake2b(data, 16, key)


def wide(key, block):
    """LIONESS."""
    k1, k2, k3, k4 = (key[at:at + 32] for at in range(0, 128, 32))
    left, right = block[:32], block[32:]
    right = xor(right, stream(xor(left, k1), len(right)))
    left = xor(left, blake2b(right, 32, k2))
    right = xor(right, stream(xor(left, k3), len(right)))
    left = xor(left, blake2b(right, 32, k4))
    return left + right


def wide_inverse(key, block):
    k1, k2, k3, k4 = (key[at:at + 32] for at in range(0, 128, 32))
    left, right = block[:32], block[32:]
    left = xor(left, blake2b(right, 32, k4))
    right = xor(right, stream(xor(left, k3), len(right)))
    left = xor(left, blake2b(right, 32, k2))
    right = xor(right, stream(xor(left, k1), len(right)))
    return left + right


def x25519(secret, point):
    try:
        return bindings.crypto_scalarmult(secret, point)
    except (CryptoError, RuntimeError) as error:
        raise Dropped("a key of small order") from error


class Keys:
    """Of one hop."""

    def __init__(self, secret, alpha):
        self.stream, self.mac, self.blind = (derive(secret, alpha, label, 32)
                                             for label in ("stream", "mac", "blind"))
        self.tag = derive(secret, alpha, "tag", 16)
        self.payload = (derive(secret, alpha, "payload-a", 64) +
                        derive(secret, alpha, "payload-b", 64))


def surb_key(k):
    return blake2b(b"reunion-mix-surb-a", 64, k) + blake2b(b"reunion-mix-surb-b", 64, k)


def handle(session_public):
    """By which a client's last mix finds its address."""
    return blake2b(b"reunion-mix-client" + session_public, 32)[:16]


# Commands and routes


def packed_address(text):
    """The 16 bytes of an address, IPv4 as ::ffff:a.b.c.d."""
    address = ipaddress.ip_address(text)
    return address.packed if address.version == 6 else bytes(10) + b"\xff\xff" + address.packed


def address_text(packed):
    address = ipaddress.IPv6Address(packed)
    return str(address.ipv4_mapped or address)


def window_of(unix_s):
    return int(unix_s) // WINDOW_S


@dataclasses.dataclass
class Command:
    kind: int
    window: int
    address: bytes = NOWHERE
    port: int = 0

    FORM = struct.Struct(">BxH16sI")

    def encode(self):
        return self.FORM.pack(self.kind, self.port, self.address, self.window)

    @classmethod
    def decode(cls, data):
        kind, port, address, window = cls.FORM.unpack(data)
        return cls(kind, window, address, port)


@dataclasses.dataclass
class Node:
    """A mix or a server: `address` is a text without a port."""
    public: bytes
    address: str = "127.0.0.1"
    port: int = 0

    @property
    def endpoint(self):
        return packed_address(self.address) + self.port.to_bytes(2, "big")


def route(mixes, window, kind, address=NOWHERE):
    """Hops, which are (public key, command), over these mixes: the last one's command is of `kind`.
    """
    commands = [Command(FORWARD, window, packed_address(each.address), each.port)
                for each in mixes[1:]] + [Command(kind, window, address)]
    return [(each.public, command) for each, command in zip(mixes, commands, strict=True)]


# Making


def agree(publics, x):
    """Keys and alpha of each hop, for a packet with the secret x."""
    found, blinds = [], []
    alpha = bindings.crypto_scalarmult_base(x)
    for public in publics:
        secret = x25519(x, public)
        for blind in blinds:
            secret = x25519(blind, secret)
        found.append((Keys(secret, alpha), alpha))
        blinds.append(found[-1][0].blind)
        alpha = x25519(blinds[-1], alpha)
    return found


def make_header(hops, x=None, padding=None):
    """Returns: alpha || mac || beta for the first hop, and the keys of each."""
    count = len(hops)
    assert 1 <= count <= HOPS_MAX, count
    padding = os.urandom(BETA_BYTES - LAYER_BYTES * count) if padding is None else padding
    found = agree([public for public, _ in hops], x or os.urandom(32))
    keys = [each for each, _ in found]
    streams = [stream(each.stream, BETA_BYTES + LAYER_BYTES) for each in keys]
    filler = b""
    for each in streams[:-1]:
        filler += bytes(LAYER_BYTES)
        filler = xor(filler, each[-len(filler):])
    room = BETA_BYTES - LAYER_BYTES * (count - 1)
    last = hops[-1][1].encode() + bytes(16) + padding
    beta = xor(last, streams[-1][:room]) + filler
    for (_, command), key, next_key, each in reversed(
            list(zip(hops[:-1], keys[:-1], keys[1:], streams[:-1], strict=True))):
        inner = command.encode() + mac(next_key.mac, beta) + beta[:BETA_BYTES - LAYER_BYTES]
        beta = xor(inner, each[:BETA_BYTES])
    return found[0][1] + mac(keys[0].mac, beta) + beta, keys


def padded(content):
    assert len(content) <= CONTENT_BYTES_MAX, len(content)
    block = bytes(16) + len(content).to_bytes(2, "big") + content
    return block + bytes(PAYLOAD_BYTES - len(block))


def content_of(payload):
    """Raises: Dropped, where the payload was altered."""
    length = int.from_bytes(payload[16:18], "big")
    if payload[:16] != bytes(16) or length > CONTENT_BYTES_MAX:
        raise Dropped("an altered payload")
    return payload[18:18 + length]


def make_packet(hops, content=b"", x=None, padding=None):
    header, keys = make_header(hops, x, padding)
    payload = padded(content)
    for each in reversed(keys):
        payload = wide(each.payload, payload)
    return header + payload


# Unwrapping


@dataclasses.dataclass
class Unwrapped:
    command: Command
    alpha: bytes  # as received
    tag: bytes
    packet: bytes  # for the next mix

    @property
    def payload(self):
        return self.packet[HEADER_BYTES:]


def unwrap(secret, packet):
    """What a mix does first. Raises: Dropped."""
    if len(packet) != PACKET_BYTES:
        raise Dropped(f"a packet of {len(packet)} bytes")
    alpha, beta, payload = packet[:32], packet[48:HEADER_BYTES], packet[HEADER_BYTES:]
    keys = Keys(x25519(secret, alpha), alpha)
    if not hmac.compare_digest(mac(keys.mac, beta), packet[32:48]):
        raise Dropped("a wrong MAC")
    inner = xor(beta + bytes(LAYER_BYTES), stream(keys.stream, BETA_BYTES + LAYER_BYTES))
    header = x25519(keys.blind, alpha) + inner[24:]
    return Unwrapped(Command.decode(inner[:24]), alpha, keys.tag,
                     header + wide_inverse(keys.payload, payload))


class Taken:
    """What a mix has taken: it decides whether a packet is one to act on."""

    def __init__(self):
        self.tags = {}  # by window

    def accept(self, unwrapped, unix_s):
        """Returns: the content of kinds 1 and 4, b"" of others. Raises: Dropped."""
        now, window = window_of(unix_s), unwrapped.command.window
        self.tags = {each: tags for each, tags in self.tags.items() if each >= now - 1}
        if abs(window - now) > 1:
            raise Dropped("a window that is not taken")
        tags = self.tags.setdefault(window, set())
        if unwrapped.tag in tags:
            raise Dropped("a replay")
        tags.add(unwrapped.tag)
        if unwrapped.command.kind > DIVIDE:
            raise Dropped("an unknown kind")
        wanted = {EXIT: EXIT_BYTES, DIVIDE: DIVIDE_BYTES}.get(unwrapped.command.kind)
        if wanted is None:
            return b""
        content = content_of(unwrapped.payload)
        if len(content) != wanted:
            raise Dropped("a content of another length")
        return content


# Answers


@dataclasses.dataclass
class Secrets:
    """What a client keeps of a SURB."""
    last_alpha: bytes  # that the delivery has
    key: bytes
    payload_keys: list

    def open(self, payload):
        """The content that was sent by the SURB. Raises: Dropped."""
        for each in reversed(self.payload_keys):
            payload = wide(each, payload)
        return content_of(wide_inverse(surb_key(self.key), payload))


def make_surb(first, hops, x=None, padding=None, k=None):
    """`first` is the Node of the first mix; the last hop's command is of kind REPLY and has the
    client's handle. Returns: the SURB, and its Secrets."""
    x, k = x or os.urandom(32), k or os.urandom(32)
    header, keys = make_header(hops, x, padding)
    last_alpha = agree([public for public, _ in hops], x)[-1][1]
    secrets = Secrets(last_alpha, k, [each.payload for each in keys])
    return first.endpoint + header + k, secrets


def use_surb(surb, content):
    """Returns: address (16), port and packet of who answers by a SURB."""
    assert len(surb) == SURB_BYTES
    header, k = surb[18:18 + HEADER_BYTES], surb[18 + HEADER_BYTES:]
    packet = header + wide(surb_key(k), padded(content))
    return surb[:16], int.from_bytes(surb[16:18], "big"), packet


# Messages for several mailboxes


def seal(public, plaintext, secret=None):
    """crypto_box_seal, with the ephemeral secret as a parameter."""
    secret = secret or os.urandom(32)
    own = bindings.crypto_scalarmult_base(secret)
    try:
        return own + bindings.crypto_box(plaintext, blake2b(own + public, 24), public, secret)
    except (CryptoError, RuntimeError) as error:
        raise Dropped("a key of small order") from error


@dataclasses.dataclass
class Division:
    """The content of a packet of kind 4: `recipients` are (token, u)."""
    address: bytes
    port: int
    server_public: bytes
    blinded: bytes
    message: bytes
    recipients: list

    FORM = struct.Struct(f">16sH32s32s{M_BYTES}s")

    def encode(self):
        return self.FORM.pack(self.address, self.port, self.server_public, self.blinded,
                              self.message) + b"".join(t + u for t, u in self.recipients)

    @classmethod
    def decode(cls, content):
        """Raises: Dropped."""
        if len(content) != DIVIDE_BYTES:
            raise Dropped(f"a content of {len(content)} bytes")
        each = TOKEN_BYTES + T_BYTES
        rest = content[cls.FORM.size:]
        pairs = [(rest[at:at + TOKEN_BYTES], rest[at + TOKEN_BYTES:at + each])
                 for at in range(0, len(rest), each)]
        return cls(*cls.FORM.unpack(content[:cls.FORM.size]), pairs)

    def copy(self, i, secret=None):
        token, u = self.recipients[i]
        return token[:16] + u + seal(self.blinded, self.message, secret)

    def delivery(self, i, copy, secret=None):
        """The body of op 19."""
        return seal(self.server_public, self.recipients[i][0] + copy, secret)


def open_copy_delivery(body, keys):
    """As the server with these keys. Returns: mailbox id, token, copy. Raises: Dropped."""
    try:
        plain = bindings.crypto_box_seal_open(body, keys.public, keys.secret)
        token, copy = plain[:TOKEN_BYTES], plain[TOKEN_BYTES:]
        mailbox = bindings.crypto_box_seal_open(token, keys.public, keys.secret)
    except (CryptoError, TypeError, ValueError) as error:
        raise Dropped("a delivery that does not open") from error
    if len(copy) != COPY_BYTES or copy[:16] != token[:16]:
        raise Dropped("a copy of another token")
    return mailbox, token, copy


def open_copy(copy, group_secret, group_public):
    """As a member who knows the group's key pair. Returns: M and t."""
    r, u, sealed = copy[:16], copy[16:32], copy[32:]
    t = xor(u, blake2b(b"reunion-group-mask" + r, 16, group_secret))
    blind = blake2b(b"reunion-group-blind" + t, 32, group_secret)
    point = x25519(blind, x25519(group_secret, sealed[:32]))
    # crypto_box_seal with this point: what crypto_box_beforenm makes of a shared point.
    key = hsalsa20(point)
    nonce = blake2b(sealed[:32] + x25519(blind, group_public), 24)
    try:
        return bindings.crypto_box_open_afternm(sealed[32:], nonce, key), t
    except CryptoError as error:
        raise Dropped("a copy that does not open") from error


def hsalsa20(point):
    out = ctypes.create_string_buffer(32)
    assert _sodium.crypto_core_hsalsa20(out, bytes(16), point, None) == 0
    return out.raw


# On the wire


def exit_content(surb, server, request):
    """`server` is a Node, `request` one of box.md without its filling."""
    assert len(surb) == SURB_BYTES and len(request) == REQUEST_BYTES
    return surb + server.endpoint + request


def exit_parts(content):
    """Returns: the SURB, address (16), port, and the request."""
    assert len(content) == EXIT_BYTES
    port = int.from_bytes(content[314:316], "big")
    return content[:SURB_BYTES], content[298:314], port, content[316:]


def mix_request(session, packet, a=None):
    """The datagram that brings a packet to a mix, and its a; `session` is one of
    box_packet_peer.Session with the mix's key."""
    return session.request(bytes([OP_PACKET]) + packet, a=a)


def delivery(p):
    """The alpha and the payload of what a client's last mix sends it."""
    if len(p) != 1 + 32 + PAYLOAD_BYTES or p[0] != 0:
        raise Dropped("no delivery")
    return p[1:33], p[33:]
