"""A thousand senders that trickle do no harm to those who send as one does."""

import resource
import selectors
import socket
import unittest

from harness import Server
from programs import PATIENCE_S
from rendezvous import T1_BYTES, joined

SENDERS = 1000
DEADLINE_S = 3  # of a request, from its first byte
REQUESTS = 200

HEAD = b"POST /v1/t1 HTTP/1.1\r\nHost: slow\r\n"
BODY = HEAD + b"Content-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n" % T1_BYTES


class Sender:
    """One of three kinds: slow with the request line, with a header, with the body."""

    def __init__(self, server, number):
        self.started = (b"POST /v1/", HEAD + b"X-Slow: ", BODY)[number % 3]
        self.socket = socket.create_connection((server.host, server.port))
        self.socket.sendall(self.started)
        self.answer = b""
        self.ended = False

    def trickle(self):
        """One byte more, unless the server has closed."""
        try:
            self.socket.send(b"x", socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def receive(self):
        try:
            more = self.socket.recv(4096)
        except ConnectionResetError:
            more = b""
        self.answer += more
        self.ended = not more


class SlowSenders(unittest.TestCase):
    def receive_all(self, ready, timeout_s):
        """Take in what has come. Returns: how many connections had something, their end perhaps."""
        events = ready.select(timeout_s)
        for key, _ in events:
            key.data.receive()
            if key.data.ended:
                ready.unregister(key.fileobj)
        return len(events)

    def test_a_thousand_slow_senders(self):
        with Server("--request-time-max", f"{DEADLINE_S}s") as server:
            senders = [Sender(server, number) for number in range(SENDERS)]
            with selectors.DefaultSelector() as ready:
                for sender in senders:
                    ready.register(sender.socket, selectors.EVENT_READ, sender)
                everyone = []
                with server.connect() as connection:
                    for number in range(REQUESTS):
                        for sender in senders[number % 10::10]:
                            sender.trickle()
                        everyone += joined(server)
                        answer = server.request("GET", f"/v1/t1/{everyone[-1].id.hex()}",
                                                connection=connection)
                        self.assertEqual((answer.status, answer.body), (200, everyone[-1].t1))
                        self.receive_all(ready, 0)
                # However they go on trickling, each is cut off.
                while ready.get_map():
                    for sender in senders:
                        if not sender.ended:
                            sender.trickle()
                    self.assertGreater(self.receive_all(ready, PATIENCE_S), 0)
            answered = sum(sender.answer.startswith(b"HTTP/1.1 408 ") for sender in senders)
            for sender in senders:
                sender.socket.close()
                self.assertIn(sender.answer[:13], (b"", b"HTTP/1.1 408 "))
            # An answer can be lost where the sender's next byte meets a closed connection.
            self.assertGreater(answered, SENDERS // 2)
            self.assertEqual(joined(server)[0].join(server).status, 200)
            print(f"{answered} of {SENDERS} were told 408")


if __name__ == "__main__":
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 2 * SENDERS:
        print(f"needs {2 * SENDERS} descriptors, and {hard} are allowed")
        raise SystemExit(77)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    unittest.main(verbosity=2)
