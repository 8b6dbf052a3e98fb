"""A server of this build that serves the box transport, too, and HTTP through it."""

import contextlib
import http.client

import box_peer
from harness import Api, Server
from programs import PATIENCE_S


class BoxApi(Api):
    """The same over box streams."""

    def __init__(self, host, port, key, own=None):
        super().__init__(host, port)
        self.key, self.own = key, own

    def stream(self, timeout_s=PATIENCE_S):
        """A connection after its handshake."""
        return box_peer.Client((self.host, self.port), self.key, self.own, timeout_s)

    def connect(self, timeout_s=PATIENCE_S):
        connection = http.client.HTTPConnection(self.host, self.port)
        connection.sock = self.stream(timeout_s)
        return contextlib.closing(connection)


def box_of(server, own=None):
    """The box transport of a running server that was started with --box-listen."""
    address, key = server.box()
    return BoxApi(*address, box_peer.key_of_text(key), own)


def server(*flags, **named):
    return Server("--box-listen", "127.0.0.1:0", *flags, **named)
