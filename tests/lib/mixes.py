"""Mixes of this build in a net of their own, and an independent client that goes through them
(lib/sphinx.py). Each test has a network namespace of its own, so ports are whatever it likes."""

import json
import os
import pathlib
import signal
import socket
import subprocess
import time

import box_packet_peer
import box_peer
import sphinx
from box_peer import KeyPair
from programs import PATIENCE_S, Program, environment

PROGRAM = pathlib.Path(os.environ["REUNION_BUILD"]) / "server" / "reunion-mix"
FIRST_PORT = 5444
METRICS = "127.0.0.1:0"
# Quick, so that a test need not wait; the sizes are small, so that batches are mixed with cover.
QUICK = ("--interval", "20ms", "--batch", "8", "--minimum", "2")


def run(*arguments, env=None, **named):
    """reunion-mix with these arguments, to its end."""
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True,
                          env=environment(env), timeout=PATIENCE_S, **named)


class Net:
    """Mixes with keys and folders below `folder`, and their net file."""

    def __init__(self, folder, count, host="127.0.0.1", hosts=None):
        self.folder = pathlib.Path(folder)
        self.file = self.folder / "net.json"
        self.mixes, self.servers = [], []
        self.nodes = []
        for i in range(count):
            self.add(f"mix{i}", hosts[i] if hosts else host, FIRST_PORT + i)
        self.write()

    def state(self, i):
        return self.folder / f"mix{i}"

    def add(self, name, host, port):
        state = self.state(len(self.mixes))
        state.mkdir(exist_ok=True)
        at = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        made = run("key", "--name", name, "--host", at, "--state", state)
        assert made.returncode == 0, made
        self.mixes.append(json.loads(made.stdout))
        self.nodes.append(sphinx.Node(box_peer.key_of_text(self.mixes[-1]["key"]), host, port))

    def add_server(self, address, public, name="meet"):
        """`address` is (host, port). Returns: it as a Node."""
        self.servers.append({"name": name, "address": f"{address[0]}:{address[1]}",
                             "key": box_peer.key_text(public)})
        self.write()
        return sphinx.Node(public, *address)

    def write(self):
        self.file.write_text(json.dumps({"mixes": self.mixes, "servers": self.servers}))

    def secret(self, i):
        text = (self.state(i) / "reunion-mix.key").read_text()
        return box_peer.base64.b64decode(text)


class Mix(Program):
    """One mix of a net, which runs and receives when this returns."""

    def __init__(self, net, i, *flags, env=None):
        self.node = net.nodes[i]
        host = self.node.address
        listen = f"[{host}]:{self.node.port}" if ":" in host else f"{host}:{self.node.port}"
        super().__init__(f"mix {i}", [PROGRAM, "--net", net.file, "--state", net.state(i),
                                      "--listen", listen, "--metrics-listen", METRICS, *QUICK,
                                      *flags], env)
        self.wait_for_line("event=\"ready\"")

    def reread(self):
        self.process.send_signal(signal.SIGHUP)


class Client:
    """Goes through mixes: requests to servers, SURBs, and what is delivered."""

    def __init__(self, first, window=None, host="127.0.0.1", own=None):
        self.first = first
        self.session = box_packet_peer.Session(first.public, own or KeyPair())
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.bind((host, 0))
        self.fixed_window = window
        self.awaited = {}  # a of what was sent
        self.surbs = {}  # Secrets by their last alpha

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    @property
    def window(self):
        return sphinx.window_of(time.time()) if self.fixed_window is None else self.fixed_window

    @property
    def handle(self):
        return sphinx.handle(self.session.own.public)

    def send(self, packet):
        """Returns: the datagram."""
        datagram, a = sphinx.mix_request(self.session, packet)
        self.awaited[a] = True
        self.socket.sendto(datagram, (self.first.address, self.first.port))
        return datagram

    def send_cover(self, *route):
        """Packets of kind 3 over these mixes, or over the first one."""
        return self.send(sphinx.make_packet(
            sphinx.route(list(route) or [self.first], self.window, sphinx.DROP)))

    def surb(self, back, handle=None):
        hops = sphinx.route(back, self.window, sphinx.REPLY, handle or self.handle)
        surb, secrets = sphinx.make_surb(back[0], hops)
        self.surbs[secrets.last_alpha] = secrets
        return surb

    def ask(self, server, q, out, back, surb=None):
        """Send a request to a server. Returns: its session and a, by which its answer opens."""
        end = box_packet_peer.Session(server.public)
        whole, a = end.request(q, box_packet_peer.SHORT)
        content = sphinx.exit_content(surb or self.surb(back), server,
                                      whole[:sphinx.REQUEST_BYTES])
        self.send(sphinx.make_packet(sphinx.route(out, self.window, sphinx.EXIT), content))
        return end, a

    def receive(self, timeout_s=PATIENCE_S):
        """The content of the next delivery; None if none comes in time."""
        self.socket.settimeout(timeout_s)
        try:
            datagram, came_from = self.socket.recvfrom(4096)
        except TimeoutError:
            return None
        assert came_from[:2] == (self.first.address, self.first.port), came_from
        a = datagram[:16]
        assert a in self.awaited, "a delivery with another a"
        alpha, payload = sphinx.delivery(self.session.open_answer(datagram, a))
        return self.surbs.pop(alpha).open(payload)

    def answer(self, end, a, timeout_s=PATIENCE_S):
        """What the server says to the request with this a."""
        content = self.receive(timeout_s)
        assert content is not None, "no answer"
        p = end.open_answer(content, a, box_packet_peer.SHORT)
        return box_packet_peer.Answer(p[0], p[1:])


class Sink:
    """A socket of the test, in the place of a server or of a mix."""

    def __init__(self, host="127.0.0.1"):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((host, 0))
        self.keys = KeyPair()
        self.node = sphinx.Node(self.keys.public, *self.socket.getsockname())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def receive(self, timeout_s=PATIENCE_S):
        """Returns: a datagram, and whence it came."""
        self.socket.settimeout(timeout_s)
        return self.socket.recvfrom(4096)

    def all_that_came(self):
        found = []
        self.socket.setblocking(False)
        try:
            while True:
                found.append(self.socket.recv(4096))
        except BlockingIOError:
            return found

    def open(self, datagram):
        """As a mix: the packet in a datagram. Raises: what box_packet_peer does."""
        session, a = datagram[:32], datagram[32:48]
        shared = box_packet_peer.bindings.crypto_box_beforenm(session, self.keys.secret)
        plaintext = box_packet_peer.bindings.crypto_box_open_afternm(
            datagram[48:], box_packet_peer.request_nonce(session, a), shared)
        q = box_packet_peer.unpadded(plaintext)
        assert q[0] == sphinx.OP_PACKET, q[0]
        return q[1:]
