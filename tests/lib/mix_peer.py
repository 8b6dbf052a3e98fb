"""A chain of mixes for tests, with PyNaCl: written from mix.md alone, over `sphinx`.

A `Mix` unwraps packets, mixes them in batches, sends requests to servers and deliveries to clients.
It can lose, delay, change and repeat what comes (`weather`), stop answering (`silent`, `kill`), and
do otherwise with what it sends on (`leave`). A `Chain` is some mixes with a net file. A `Door`
shows who comes to a server.
"""

import contextlib
import json
import os
import pathlib
import random
import select
import socket
import tempfile
import threading
import time

import box_packet_peer
import box_peer
import sphinx
from box_packet_peer import LONG, SHORT, Session, padded, request_nonce, unpadded
from box_packet_relay import Weather
from programs import PATIENCE_S

FORGET_CLIENT_S, FORGET_REQUEST_S = 300, 75


def packet_of(own, datagram):
    """EC, a and packet of a request for a mix. Raises: Broken."""
    if len(datagram) != LONG:
        raise box_peer.Broken("a datagram of another size")
    session, a, box = datagram[:32], datagram[32:48], datagram[48:]
    q = unpadded(box_peer.unseal(box, request_nonce(session, a), own, session))
    if q[0] != sphinx.OP_PACKET or len(q) != 1 + sphinx.PACKET_BYTES:
        raise box_peer.Broken("no packet")
    return session, a, q[1:]


def answer_of(own, session, a, p):
    b = os.urandom(16)
    nonce = box_packet_peer.answer_nonce(a, b)
    return a + b + box_peer.seal(padded(p, LONG - len(a + b) - 16), nonce, own, session)


class Mix:
    """Listens on an unused port of 127.0.0.1. `log` has (kind, session) of each packet that was
    taken, and `sizes` the lengths of all datagrams, in and out. `leave` gives the packets that go
    on instead of one."""

    def __init__(self, name, interval_s=0.02, weather=None):
        self.name, self.interval_s = name, interval_s
        self.weather = weather or Weather()
        self.own = box_peer.KeyPair()
        self.silent = False
        self.leave = lambda packet: [packet]
        self.log, self.sizes, self.dropped = [], set(), []
        self.neighbours, self.servers = {}, set()
        self._sessions, self._clients, self._asked = {}, {}, {}
        self._taken, self._batch = sphinx.Taken(), []
        self._lock = threading.Lock()
        self.batch_sent = threading.Event()

    def __enter__(self):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.node = sphinx.Node(self.own.public, "127.0.0.1", self.port)
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=each, daemon=True)
                         for each in (self._receive, self._send_batches)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.kill()

    def kill(self):
        """From now on nobody listens at its port."""
        if self._ended.is_set():
            return
        self._ended.set()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
            own.sendto(b"", ("127.0.0.1", self.port))
        for thread in self._threads:
            thread.join(PATIENCE_S)
        self._socket.close()

    def know(self, mixes, servers):
        """`servers` are Nodes."""
        self.neighbours = {(sphinx.packed_address("127.0.0.1"), each.port): each for each in mixes}
        self.servers = {(sphinx.packed_address(each.address), each.port) for each in servers}

    def kinds(self):
        with self._lock:
            return [kind for kind, _ in self.log]

    # What comes

    def _receive(self):
        while not self._ended.is_set():
            datagram, peer = self._socket.recvfrom(4096)
            if datagram and not self.silent:
                self.weather.pass_on(datagram, lambda arrived, peer=peer: self._take(arrived, peer))

    def _take(self, datagram, peer):
        with self._lock, contextlib.suppress(OSError):
            self.sizes.add(len(datagram))
            try:
                if len(datagram) == SHORT:
                    self._take_answer(datagram)
                else:
                    session, a, packet = packet_of(self.own, datagram)
                    self._take_packet(packet, (session, a, peer))
            except (sphinx.Dropped, box_peer.Broken) as reason:
                self.dropped.append(str(reason))

    def _take_packet(self, packet, client=None):
        unwrapped = sphinx.unwrap(self.own.secret, packet)
        content = self._taken.accept(unwrapped, time.time())
        command = unwrapped.command
        if client:
            session, a, peer = client
            self._clients[sphinx.handle(session)] = (session, a, peer, time.monotonic())
        self.log.append((command.kind, client and client[0]))
        if command.kind == sphinx.FORWARD:
            for packet in self.leave(unwrapped.packet):
                self._batch.append(lambda packet=packet: self._pass_on(command.address,
                                                                       command.port, packet))
        elif command.kind == sphinx.EXIT:
            self._batch.append(lambda: self._ask(content))
        elif command.kind == sphinx.REPLY:
            self._batch.append(lambda: self._deliver(command.address,
                                                     unwrapped.alpha + unwrapped.payload))

    def _take_answer(self, datagram):
        surb, asked_s = self._asked.pop(datagram[:16], (None, 0))
        if not surb or asked_s + FORGET_REQUEST_S < time.monotonic():
            raise sphinx.Dropped("an answer to nothing")
        address, port, packet = sphinx.use_surb(surb, datagram)
        self._batch.append(lambda: self._pass_on(address, port, packet))

    # What goes

    def _send_batches(self):
        while not self._ended.wait(self.interval_s):
            with self._lock:
                batch, self._batch = self._batch, []
                random.shuffle(batch)
                for send in batch:
                    with contextlib.suppress(OSError, sphinx.Dropped, box_peer.Broken):
                        send()
            self.batch_sent.set()

    def _send(self, datagram, address, port):
        self.sizes.add(len(datagram))
        self._socket.sendto(datagram, (address, port))

    def _pass_on(self, address, port, packet):
        mix = self.neighbours.get((address, port))
        if not mix:
            self.dropped.append("no mix that is known")
        elif mix is self:
            self._take_packet(packet)
        else:
            session = self._sessions.setdefault(mix.name, Session(mix.own.public))
            datagram, _ = sphinx.mix_request(session, packet)
            self._send(datagram, "127.0.0.1", mix.port)

    def _ask(self, content):
        surb, address, port, request = sphinx.exit_parts(content)
        if (address, port) not in self.servers:
            self.dropped.append("no server that is known")
            return
        self._asked[request[32:48]] = (surb, time.monotonic())
        self._send(request + os.urandom(sphinx.FILLING_BYTES), sphinx.address_text(address), port)

    def _deliver(self, handle, delivered):
        session, a, peer, seen_s = self._clients.get(handle, (None, None, None, 0))
        if not session or seen_s + FORGET_CLIENT_S < time.monotonic():
            self.dropped.append("no client that is known")
            return
        self._send(answer_of(self.own, session, a, b"\0" + delivered), *peer)


class Door:
    """Before a server that takes packets: passes datagrams on, both ways. `came` has the port and
    the length of each that came to it. `node` is what a net file has, `url` what clients name."""

    def __init__(self, server):
        self.server = node_of(server)
        self.came = []

    def __enter__(self):
        self._own = self._bound()
        port = self._own.getsockname()[1]
        self.node = sphinx.Node(self.server.public, "127.0.0.1", port)
        self.url = url_of(self.node)
        self._behind = {}
        self._thread = threading.Thread(target=self._pass_on, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._own.sendto(b"", self._own.getsockname())
        self._thread.join(PATIENCE_S)
        for each in [self._own, *self._behind.values()]:
            each.close()

    @staticmethod
    def _bound():
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.bind(("127.0.0.1", 0))
        return made

    def _pass_on(self):
        while True:
            ready, _, _ = select.select([self._own, *self._behind.values()], [], [])
            for each in ready:
                datagram, peer = each.recvfrom(4096)
                if each is not self._own:
                    self._own.sendto(datagram, next(client for client, behind in
                                                    self._behind.items() if behind is each))
                elif not datagram:
                    return
                else:
                    self.came.append((peer[1], len(datagram)))
                    behind = self._behind.get(peer) or self._behind.setdefault(peer, self._bound())
                    behind.sendto(datagram, (self.server.address, self.server.port))


def url_of(node):
    return f"box+udp://{node.address}:{node.port}#{box_peer.key_text(node.public)}"


def node_of(server):
    """A harness.Server that takes packets, as a Node."""
    (host, port), key = server.box("box-packets")
    return sphinx.Node(box_peer.key_of_text(key), host, port)


class Chain:
    """Mixes that know each other and these servers, in a net file at `path`. The mixes are called
    m0, m1, …; all are alike."""

    def __init__(self, count, *servers, **options):
        self.mixes = [Mix(f"m{number}", **options) for number in range(count)]
        self.servers = servers

    def __enter__(self):
        self._stack = contextlib.ExitStack()
        for mix in self.mixes:
            self._stack.enter_context(mix)
        for mix in self.mixes:
            mix.know(self.mixes, self.servers)
        folder = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="reunion-net-"))
        self.path = pathlib.Path(folder) / "net.json"
        self.path.write_text(json.dumps(self.net()), "utf-8")
        return self

    def __exit__(self, *_):
        self._stack.close()

    def wait_for(self, what, holds):
        """Until `holds()`, asked whenever a mix has sent a batch."""
        deadline_s = time.monotonic() + PATIENCE_S
        while not holds():
            assert self.mixes[0].batch_sent.wait(deadline_s - time.monotonic()), what
            self.mixes[0].batch_sent.clear()

    def net(self):
        """The net file, before it is text."""
        return {"mixes": [entry(mix.name, mix.node) for mix in self.mixes],
                "servers": [entry(f"s{number}", server)
                            for number, server in enumerate(self.servers)]}


def entry(name, node):
    host = f"[{node.address}]" if ":" in node.address else node.address
    return {"name": name, "address": f"{host}:{node.port}",
            "key": box_peer.key_text(node.public)}
