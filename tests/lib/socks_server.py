"""A SOCKS5 server (RFC 1928, 1929) that sends everybody to one place and notes who came.

It stands for Tor: whoever comes with another name and password would get another circuit. It is
given the name that is asked for and resolves none, so what is reached through it by name was not
looked up by the client.
"""

import re
import socket

from relay import Relay, Wire

REQUEST = re.compile(rb"(?:^|\r\n)?(GET|POST) (/[^ ]*) HTTP/1\.1\r\n")


class Visit:
    """One connection: credentials, the place asked for, and the requests that went through."""

    def __init__(self):
        self.name = self.password = self.host = self.port = None
        self.by_name = False
        self.requests = []


def kind_of(line):
    """What a request of a client is about; the same words as in http/http.h."""
    method, path = line
    if method == "POST":
        name = path.partition("?")[0].rpartition("/")[2]
        return {"t1": "t1", "t2": "t2", "t3": "t3", "links": "link"}[name]
    return "feed" if "/feed" in path else "read"


class SocksServer:
    def __init__(self, host, port):
        self.target = (host, port)
        self.visits = []
        self._relay = Relay(self._accept)

    def __enter__(self):
        self.port = self._relay.start()
        self.url = f"socks5h://127.0.0.1:{self.port}"
        return self

    def __exit__(self, *_):
        self._relay.stop()

    def kinds(self):
        """{(name, password): the kinds of request seen with it}."""
        found = {}
        for visit in list(self.visits):
            found.setdefault((visit.name, visit.password), set()).update(
                kind_of(line) for line in list(visit.requests))
        return found

    def _accept(self, client):
        visit = Visit()
        self._greet(client, visit)
        self.visits.append(visit)
        server = socket.create_connection(self.target)

        def note(data):
            visit.requests.extend((method.decode(), path.decode())
                                  for method, path in REQUEST.findall(data))
        return Wire(server, note)

    def _greet(self, client, visit):
        def take(count):
            data = b""
            while len(data) < count:
                more = client.recv(count - len(data))
                if not more:
                    raise ConnectionError("the client left")
                data += more
            return data
        version, methods = take(2)
        offered = take(methods)
        assert version == 5 and 2 in offered, offered
        client.sendall(b"\x05\x02")
        assert take(1) == b"\x01"
        visit.name = take(take(1)[0]).decode()
        visit.password = take(take(1)[0]).decode()
        client.sendall(b"\x01\x00")
        _, command, _, kind = take(4)
        assert command == 1
        visit.by_name = kind == 3
        visit.host = (take(take(1)[0]).decode() if kind == 3
                      else socket.inet_ntoa(take(4)) if kind == 1
                      else socket.inet_ntop(socket.AF_INET6, take(16)))
        visit.port = int.from_bytes(take(2), "big")
        client.sendall(b"\x05\x00\x00\x01" + bytes(6))
