"""A box server of tests: it ends box streams with the independent peer, and passes what is inside
on to an HTTP server, or does with a connection what a test says."""

import contextlib
import re
import socket
import threading

import box_peer


REQUEST = re.compile(rb"^(?:GET|POST) ", re.MULTILINE)


class BoxRelay:
    """Listens on an unused port. Each connection is handed to `serve(connection, handshake)` in a
    thread of its own, `connection` being a connected socket; unless told otherwise that does an
    honest handshake and passes everything on to the address `target`, (host, port).

    `sessions` has the EC of each connection whose handshake went well, `clients` the key of its
    client. `taken` counts connections, `asked` has what was passed on, frame by frame."""

    def requests(self):
        """How many of HTTP were passed on."""
        return sum(len(REQUEST.findall(content)) for content in self.asked)

    def __init__(self, target=None, serve=None, host="127.0.0.1"):
        self.target = target
        self.serve = serve or self.pass_on
        self.host = host
        self.own = box_peer.KeyPair()
        self.sessions, self.clients = [], []
        self.taken = 0
        self.asked = []
        self.changed = threading.Condition()

    def __enter__(self):
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        self._listener = socket.create_server((self.host, 0), family=family)
        self.port = self._listener.getsockname()[1]
        host = f"[{self.host}]" if ":" in self.host else self.host
        self.key = box_peer.key_text(self.own.public)
        self.url = f"box://{host}:{self.port}#{self.key}"
        self._open = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.hang_up()
        for thread in self._threads:
            thread.join(60)

    def hang_up(self):
        """Cut every connection."""
        while self._open:
            with contextlib.suppress(OSError):
                self._open.pop().shutdown(socket.SHUT_RDWR)

    def wait_for(self, what, holds, patience_s=60):
        with self.changed:
            assert self.changed.wait_for(holds, patience_s), what

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(connection)
            with self.changed:
                self.taken += 1
                self.changed.notify_all()
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection):
        with connection, contextlib.suppress(OSError, box_peer.Broken):
            self.serve(connection)

    def greet(self, connection):
        """An honest handshake. Returns: a box_peer.Server."""
        peer = box_peer.Server(connection, self.own)
        with self.changed:
            self.sessions.append(peer.stream.other)
            self.clients.append(peer.client_public)
            self.changed.notify_all()
        return peer

    def pass_on(self, connection):
        peer = self.greet(connection)
        with socket.create_connection(self.target) as server:
            self._open.append(server)
            back = threading.Thread(target=self._answer, args=(peer, server), daemon=True)
            back.start()
            with contextlib.suppress(OSError, box_peer.Broken):
                while content := peer.receive_frame():
                    self.asked.append(content)
                    server.sendall(content)
            with contextlib.suppress(OSError):
                server.shutdown(socket.SHUT_WR)
            back.join()

    @staticmethod
    def _answer(peer, server):
        with contextlib.suppress(OSError):
            while data := server.recv(65536):
                peer.send(data)
            peer.send_end()
