"""A server of packets for tests: it opens the datagrams of the box transport and asks an HTTP
server for what is in them, or answers what a test says. With PyNaCl, written from box.md alone.

The network before it loses, repeats, changes and reorders datagrams as a test wants.
"""

import contextlib
import hashlib
import os
import queue
import random
import socket
import threading
import time

import box_peer
from harness import Api
from programs import PATIENCE_S

DATAGRAM_BYTES = 1232
Q_BYTES_MAX, P_BYTES_MAX = 1166, 1182
(DESCRIBE, POST_T1, FETCH_T1, BUCKETS, FIND, READ_T1S, POST_T2S, POST_T3S, FEED, READ_LINKS,
 POST_LINK, READ_STAMPS, PLACE_BUCKETS) = range(1, 14)
SUCCESS, MALFORMED, NOT_FOUND, GONE, FORBIDDEN, FULL, NOT_NOW, UNKNOWN, STAMP_WANTED = range(9)
NONE_16, NONE_32 = bytes(16), bytes(32)
T1_BYTES = 288
OF_STATUS = {400: MALFORMED, 401: FORBIDDEN, 403: FORBIDDEN, 404: NOT_FOUND, 409: FULL, 410: GONE}


def nonce(label, *parts):
    return hashlib.blake2b(label + b"".join(parts), digest_size=24).digest()


class Refused(Exception):
    """The HTTP server does not answer with success; `p` says so."""

    def __init__(self, p):
        super().__init__(p)
        self.p = p


def number(value, length):
    return value.to_bytes(length, "big")


def bucket_bytes(bucket, count=None):
    """BUCKET, of what JSON says of one."""
    return (number(bucket["created"], 8) + number(bucket["seq"], 4) +
            bytes.fromhex(bucket["link"]) +
            number(bucket["count"] if count is None else count, 2) + number(bucket["open"], 1) +
            number(bucket["expires"], 8))


class Ops:
    """The ops, carried out at an HTTP server."""

    def __init__(self, target):
        self.api = Api(*target)
        self._lock = threading.Lock()
        self._cursors = {}  # of 16 bytes: HTTP's cursor, and frames that did not fit

    def ask(self, method, path, body=None, headers=None):
        response = self.api.request(method, path, body, headers)
        if response.status in (200, 201):
            return response
        if response.status == 429 and response.problem == "stamp":
            wanted = response.json()
            raise Refused(number(STAMP_WANTED, 1) + bytes.fromhex(wanted["challenge"]) +
                          number(wanted["effort"], 4))
        if response.status in OF_STATUS:
            raise Refused(number(OF_STATUS[response.status], 1))
        raise Refused(number(NOT_NOW, 1) + number(int(response.headers["Retry-After"] or 1), 2))

    def post(self, path, body, key=None, stamp=NONE_16):
        headers = {"Content-Type": "application/octet-stream"}
        if key:
            headers["Authorization"] = "Bearer " + key.hex()
        if stamp != NONE_16:
            headers["Reunion-Stamp"] = stamp.hex()
        return self.ask("POST", path, body, headers)

    def answer(self, q):
        """p of an honest answer."""
        op, body = q[0], q[1:]
        if op not in self.KNOWN:
            return number(UNKNOWN, 1)
        try:
            return number(SUCCESS, 1) + self.KNOWN[op](self, body)
        except Refused as refused:
            return refused.p

    def describe(self, _body):
        about = self.ask("GET", "/v1/server").json()
        stamp = about["stamp"]
        return (number(1, 1) + number(about["bucket_capacity"], 2) +
                number(about["open_window_s"], 4) + number(about["lifetime_s"], 4) +
                number(about["limits"]["wait_s_max"], 2) + bytes.fromhex(about["salt"]) +
                number(int(time.time()), 8) + bytes.fromhex(stamp["challenge"]) +
                number(stamp["t1_effort"], 4) + number(stamp["link_effort"], 4))

    def post_t1(self, body):
        key, link, t1 = body[:32], body[32:64], body[64:64 + T1_BYTES]
        stamp, place = body[64 + T1_BYTES:80 + T1_BYTES], body[80 + T1_BYTES:]
        wanted = [f"bucket={link.hex()}"] if link != NONE_32 else []
        wanted += [f"place={place.hex()}"] if place != NONE_32 else []
        return bucket_bytes(self.post("/v1/t1?" + "&".join(wanted), t1, key, stamp).json())

    def fetch_t1(self, body):
        response = self.ask("GET", f"/v1/t1/{body.hex()}")
        return bytes.fromhex(response.headers["Reunion-Bucket"]) + response.body

    def buckets(self, after, place=NONE_32):
        asked = [f"after={after.hex()}"] if after != NONE_32 else []
        asked += [f"place={place.hex()}"] if place != NONE_32 else []
        listed = self.ask("GET", "/v1/buckets?" + "&".join(asked)).json()
        found = listed["buckets"]
        fits = (P_BYTES_MAX - 2) // 55
        return (number(len(found) > fits or listed["more"], 1) +
                b"".join(map(bucket_bytes, found[:fits])))

    def place_buckets(self, body):
        return self.buckets(body[32:], body[:32])

    def find(self, body):
        return bucket_bytes(self.ask("GET", f"/v1/buckets/{body.hex()}").json())

    def read_t1s(self, body):
        link, after = body[:32].hex(), body[32:]
        is_open = self.ask("GET", f"/v1/buckets/{link}").json()["open"]
        whole = self.ask("GET", f"/v1/buckets/{link}/t1").body
        t1s = [whole[at:at + T1_BYTES] for at in range(0, len(whole), T1_BYTES)]
        left = [t1 for t1 in t1s if after == NONE_32 or t1_id(t1) > after]
        fits = (P_BYTES_MAX - 3) // T1_BYTES
        return number(len(left) > fits, 1) + number(not is_open, 1) + b"".join(left[:fits])

    def post_records(self, kind, body):
        key, sender, link, rest = body[:32], body[32:64], body[64:96].hex(), body[96:]
        each = [rest[at:at + 64] for at in range(0, len(rest), 64)]
        receipt = self.post(f"/v1/buckets/{link}/{kind}", b"".join(sender + one for one in each),
                            key).json()
        refused = {refusal["index"] for refusal in receipt["refused"]}
        return bytes(2 if index in refused else 0 for index in range(len(each)))

    def post_t2s(self, body):
        return self.post_records("t2", body)

    def post_t3s(self, body):
        return self.post_records("t3", body)

    def feed(self, body):
        link, cursor, wait_s, own = body[:32].hex(), body[32:48], body[48], body[49:]
        after, frames = None, []
        if cursor != NONE_16:
            with self._lock:
                if cursor not in self._cursors:
                    return self.refuse(MALFORMED)
                after, frames = self._cursors[cursor]
        if not frames:
            asked = f"after={after}&" if after else ""
            response = self.ask("GET", f"/v1/buckets/{link}/feed?{asked}wait={wait_s}")
            after, frames = response.headers["Reunion-Cursor"], frames_for(response.body, own)
        data = b""
        while frames and len(data) + len(frames[0]) <= P_BYTES_MAX - 17:
            data += frames[0]
            frames = frames[1:]
        made = os.urandom(16)
        with self._lock:
            self._cursors[made] = (after, frames)
        return made + data

    def refuse(self, status):
        raise Refused(number(status, 1))

    def read_links(self, body):
        response = self.ask("GET", f"/v1/links/{body[:32].hex()}")
        first = body[32]
        fits = (P_BYTES_MAX - 14) // 256
        return (bytes.fromhex(response.headers["Reunion-Bucket-Id"]) + number(first, 1) +
                response.body[first * 256:(first + fits) * 256])

    def post_link(self, body):
        response = self.post("/v1/links", body[:256], stamp=body[256:])
        return bucket_bytes(response.json(), 65535)

    def read_stamps(self, body):
        whole = self.ask("GET", f"/v1/buckets/{body[:32].hex()}/stamps").body
        after, count = body[32:], whole[0]
        hours, rest = whole[1:1 + 40 * count], whole[1 + 40 * count:]
        lines = [rest[at:at + 60] for at in range(0, len(rest), 60)]
        left = [line for line in lines if after == NONE_32 or line[:32] > after]
        fits = (P_BYTES_MAX - 3 - len(hours)) // 60
        return (number(len(left) > fits, 1) + number(count, 1) + hours + b"".join(left[:fits]))

    KNOWN = {DESCRIBE: describe, POST_T1: post_t1, FETCH_T1: fetch_t1, BUCKETS: buckets,
             FIND: find, READ_T1S: read_t1s, POST_T2S: post_t2s, POST_T3S: post_t3s, FEED: feed,
             READ_LINKS: read_links, POST_LINK: post_link, READ_STAMPS: read_stamps,
             PLACE_BUCKETS: place_buckets}


def t1_id(t1):
    return hashlib.blake2b(t1).digest()[:32]


def frames_for(data, own):
    """The frames of an HTTP feed that concern the T1 with the id `own`, as packets have them."""
    frames = []
    while data:
        length = T1_BYTES if data[0] == 1 else 96
        kind, record, data = data[:1], data[1:1 + length], data[1 + length:]
        if kind == b"\1":
            frames.append(kind + record)
        elif record[32:64] in (own, NONE_32):
            frames.append(kind + record[:32] + record[64:])
    return frames


class Weather:
    """What the network does to datagrams, in both directions; chances from 0 to 1."""

    def __init__(self, lost=0, repeated=0, changed=0, late_s=0, seed=1):
        self.lost, self.repeated, self.changed, self.late_s = lost, repeated, changed, late_s
        self._random = random.Random(seed)
        self._lock = threading.Lock()

    def pass_on(self, datagram, forward):
        """Call `forward` for what arrives, at once or later."""
        with self._lock:
            if self._random.random() < self.lost:
                return
            copies = 2 if self._random.random() < self.repeated else 1
            waits = [self._random.random() * self.late_s for _ in range(copies)]
            if self._random.random() < self.changed:
                at = self._random.randrange(len(datagram))
                datagram = datagram[:at] + bytes([datagram[at] ^ 1]) + datagram[at + 1:]
        for wait_s in waits:
            if wait_s > 0:
                timer = threading.Timer(wait_s, forward, [datagram])
                timer.daemon = True
                timer.start()
            else:
                forward(datagram)


class PacketRelay:
    """Listens on an unused port. `answer(q)` gives the p of a request, or None for silence; unless
    told otherwise it asks the HTTP server at `target`, (host, port), as `self.ops` does.

    `asked` has (EC, q) of each request that was opened, `ports` the client's port of each."""

    def __init__(self, target=None, answer=None, weather=None, host="127.0.0.1"):
        self.ops = Ops(target) if target else None
        self.answer = answer or self.ops.answer
        self.weather = weather or Weather()
        self.host = host
        self.own = box_peer.KeyPair()
        self.asked, self.ports = [], []
        self.changed = threading.Condition()

    def __enter__(self):
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.bind((self.host, 0))
        self.port = self._socket.getsockname()[1]
        host = f"[{self.host}]" if ":" in self.host else self.host
        self.key = box_peer.key_text(self.own.public)
        self.url = f"box+udp://{host}:{self.port}#{self.key}"
        self._requests = queue.SimpleQueue()
        self._threads = [threading.Thread(target=self._receive, daemon=True)]
        self._threads += [threading.Thread(target=self._serve, daemon=True) for _ in range(16)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._socket.sendto(b"", self._socket.getsockname())
        self._threads[0].join(PATIENCE_S)
        self._socket.close()
        for _ in self._threads[1:]:
            self._requests.put(None)

    def wait_for(self, what, holds):
        with self.changed:
            assert self.changed.wait_for(holds, PATIENCE_S), what

    def ops_asked(self):
        return [q[0] for _, q in self.asked]

    def _receive(self):
        while True:
            datagram, peer = self._socket.recvfrom(65536)
            if not datagram:  # from __exit__
                return
            self.weather.pass_on(datagram, lambda arrived, peer=peer:
                                 self._requests.put((arrived, peer)))

    def _serve(self):
        while request := self._requests.get():
            with contextlib.suppress(OSError, box_peer.Broken):
                self._answer(*request)

    def opened(self, datagram):
        """EC, a and q of a request. Raises Broken where it is to be dropped."""
        if len(datagram) != DATAGRAM_BYTES:
            raise box_peer.Broken("a datagram of another size")
        session, a, box = datagram[:32], datagram[32:48], datagram[48:]
        plaintext = box_peer.unseal(box, nonce(b"RPclient", session, a), self.own, session)
        length = int.from_bytes(plaintext[:2], "big")
        if not 1 <= length <= Q_BYTES_MAX:
            raise box_peer.Broken("a q of a length that there is not")
        return session, a, plaintext[2:2 + length]

    def sealed(self, session, a, p):
        b = os.urandom(16)
        plaintext = number(len(p), 2) + p + bytes(P_BYTES_MAX - len(p))
        return a + b + box_peer.seal(plaintext, nonce(b"RPserver", a, b), self.own, session)

    def _answer(self, datagram, peer):
        session, a, q = self.opened(datagram)
        with self.changed:
            self.asked.append((session, q))
            self.ports.append(peer[1])
            self.changed.notify_all()
        p = self.answer(q)
        if p is not None:
            self.weather.pass_on(self.sealed(session, a, p),
                                 lambda arrived: self._send(arrived, peer))

    def _send(self, datagram, peer):
        """What is on its way when the test is over is lost."""
        with contextlib.suppress(OSError):
            self._socket.sendto(datagram, peer)
