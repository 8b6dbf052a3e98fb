"""Load on a server from one thread: many connections, each with one request under way."""

import os
import selectors
import socket

from links import BLOB_BYTES
from rendezvous import Identity

LINK = "link"


class Post:
    """A record that was sent: the request, and what must be found if it was acknowledged."""

    def __init__(self, kind, record, sender=None, link=None, addressee=None):
        self.kind = kind
        self.record = record
        self.sender = sender
        self.bucket = link
        self.addressee = addressee
        path = {1: "/v1/t1", LINK: "/v1/links"}.get(kind, f"/v1/buckets/{link}/t{kind}")
        key = f"Authorization: Bearer {sender.key.hex()}\r\n" if sender else ""
        self.request = (
            f"POST {path} HTTP/1.1\r\nHost: load\r\n{key}"
            "Content-Type: application/octet-stream\r\n"
            f"Content-Length: {len(record)}\r\n\r\n").encode() + record

    def take_answer(self, body):
        """Remember what the server tells of a record that it took."""
        if self.kind in (2, 3):
            assert b'"stored": 1' in body or b'"stored":1' in body, body
            return
        self.bucket = body.split(b'"link"')[1].split(b'"')[1].decode()
        if self.sender:
            self.sender.bucket = self.bucket


class Connection:
    """Posts two T1s, a T2 and a T3 between them, then a private link, and so on."""

    def __init__(self, server):
        self.socket = socket.create_connection((server.host, server.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""
        self.pair = []
        self.posts = self._posts()

    def _posts(self):
        while True:
            ada, bob = Identity(), Identity()
            yield Post(1, ada.t1, ada)
            yield Post(1, bob.t1, bob)
            yield Post(2, ada.record(bob), ada, bob.bucket, bob)
            yield Post(3, bob.record(ada), bob, ada.bucket, ada)
            yield Post(LINK, os.urandom(BLOB_BYTES))

    def send(self):
        self.under_way = next(self.posts)
        self.socket.sendall(self.under_way.request)

    def receive(self):
        """Take in what has come. Returns: whether the answer is whole."""
        more = self.socket.recv(65536)
        if not more:
            raise ConnectionError("closed")
        self.received += more
        head, separator, body = self.received.partition(b"\r\n\r\n")
        if not separator:
            return False
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        if len(body) < length:
            return False
        status = int(head.split(b" ", 2)[1])
        if status == 503:
            raise Refused(self.received)
        assert status in (200, 201), self.received
        self.under_way.take_answer(body)
        self.received = b""
        return True


class Refused(OSError):
    """A server that stops says of a post that it has done nothing of it."""


class Load:
    """All that was sent to a server, and what of it was acknowledged."""

    def __init__(self, connections):
        self.connections = connections
        self.sent = []
        self.acknowledged = []

    def run(self, server, count, then):
        """Post until so many posts are acknowledged; call `then` with all others under way."""
        with selectors.DefaultSelector() as ready:
            for _ in range(self.connections):
                connection = Connection(server)
                ready.register(connection.socket, selectors.EVENT_READ, connection)
                self._send(connection)
            try:
                self._run(ready, count)
                then()
                self._drain(ready)
            finally:
                for key in list(ready.get_map().values()):
                    key.fileobj.close()

    def _send(self, connection):
        connection.send()
        self.sent.append(connection.under_way)

    def _run(self, ready, count):
        while count > 0:
            for key, _ in ready.select():
                if key.data.receive():
                    self.acknowledged.append(key.data.under_way)
                    count -= 1
                    if count == 0:
                        return
                    self._send(key.data)

    def _drain(self, ready):
        """What was answered before the end counts, read or not."""
        while ready.get_map():
            for key, _ in ready.select():
                try:
                    if not key.data.receive():
                        continue
                    self.acknowledged.append(key.data.under_way)
                except OSError:
                    pass
                ready.unregister(key.fileobj)
                key.fileobj.close()
