"""Passes bytes on between whoever connects and somebody else, and lets a test look at them."""

import contextlib
import socket
import threading


class Wire:
    """One connection's other end, a socket; functions that are told what the client sends and what
    it receives, piece by piece; and the socket to speak to the client with, if it is another."""

    def __init__(self, server, sent=None, received=None, client=None):
        self.server, self.sent, self.received, self.client = server, sent, received, client


class Relay:
    """Listens on an unused port of 127.0.0.1 (or at `path`); `accept(client)` gives the Wire of a
    connection."""

    def __init__(self, accept, path=None):
        self._accept = accept
        self._path = path

    def start(self):
        """Returns: the port."""
        if self._path:
            self._listener = socket.socket(socket.AF_UNIX)
            self._listener.bind(str(self._path))
            self._listener.listen()
        else:
            self._listener = socket.create_server(("127.0.0.1", 0))
        self._open = []
        threading.Thread(target=self._serve, daemon=True).start()
        return None if self._path else self._listener.getsockname()[1]

    def stop(self):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.hang_up()

    def hang_up(self):
        """End every connection."""
        while self._open:
            with contextlib.suppress(OSError):
                self._open.pop().shutdown(socket.SHUT_RDWR)

    def _serve(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._connect, args=(client,), daemon=True).start()

    def _connect(self, client):
        try:
            wire = self._accept(client)
        except (OSError, AssertionError):
            client.close()
            return
        client = wire.client or client
        self._open += [client, wire.server]
        back = threading.Thread(target=self._pass_on, args=(wire.server, client, wire.received),
                                daemon=True)
        back.start()
        self._pass_on(client, wire.server, wire.sent)
        back.join()
        for end in (client, wire.server):
            end.close()

    @staticmethod
    def _pass_on(source, target, note):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if note:
                    note(data)
                target.sendall(data)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)
