"""What one client address may take of a server, and what happens when clients hang up.

Runs in a network namespace of its own, in which this machine has addresses that are not loopback.
"""

import contextlib
import resource
import select
import socket
import subprocess
import unittest

from harness import ClockServer, Server
from programs import PATIENCE_S
from rendezvous import Identity, joined

ADA, BOB = "192.0.2.1", "192.0.2.2"
SITE = [f"2001:db8:1:{network}::1" for network in range(6)]
CROWD = [f"198.51.100.{number}" for number in range(1, 25)]


def setUpModule():
    for address in (ADA, BOB, *SITE, *CROWD):
        length = 128 if ":" in address else 32
        subprocess.run(["ip", "address", "add", f"{address}/{length}", "dev", "lo"], check=True)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def is_answered(connection):
    """Ask for something small. Returns: whether it was given, and not refused or closed."""
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        connection.sendall(b"HEAD /v1/server HTTP/1.1\r\nHost: x\r\n\r\n")
        return connection.recv(65536).startswith(b"HTTP/1.1 200 ")
    return False


class Everywhere:
    """A server that listens on all addresses of the namespace."""

    def start(self, kind, *flags):
        server = kind("--listen", "0.0.0.0:0", "--listen", "[::]:0", *flags)
        self.enterContext(server)
        self.ports = {}
        for line in server.log():
            for any_address in ("0.0.0.0", "[::]"):
                if f"address={any_address}:" in line:
                    self.ports[":" in any_address] = int(line.rsplit(":", 1)[1])
        return server

    def connect(self, source):
        family = socket.AF_INET6 if ":" in source else socket.AF_INET
        connection = self.enterContext(socket.socket(family))
        connection.settimeout(PATIENCE_S)
        connection.bind((source, 0))
        connection.connect((source, self.ports[":" in source]))
        return connection


class Connections(Everywhere, unittest.TestCase):
    def test_idle_sockets_of_one_address_leave_room_for_others(self):
        """As many as there may be in all, at the default settings."""
        self.start(Server, "--idle-max", "1h", "--request-time-max", "1h", "--rate-max", "0")
        idle = [self.connect(ADA) for _ in range(600)]
        answered = sum(is_answered(each) for each in idle)
        self.assertEqual(answered, 512)
        self.assertTrue(is_answered(self.connect(BOB)))
        self.assertTrue(is_answered(self.connect(SITE[0])))
        idle[0].close()
        while not is_answered(self.connect(ADA)):
            pass

    def test_networks_of_one_site_share(self):
        self.start(Server, "--client-connections-max", "5")
        answered = sum(is_answered(self.connect(address)) for address in SITE for _ in range(5))
        self.assertEqual(answered, 4 * 5)
        self.assertTrue(is_answered(self.connect(ADA)))


class Crowd(Everywhere, unittest.TestCase):
    """24 addresses with each its share fill all places, with a tenth of the default settings: 24 of
    50 are 1200 connections. Whoever comes then is served all the same, and whoever waits is kept.
    """

    SHARE = 50

    def start_and_wait(self):
        """A server at which Ada waits, on a connection that comes before all others."""
        server = self.start(ClockServer, "--rate-max", "0", "--threads", "1",
                            "--connections-max", str(len(CROWD) * self.SHARE),
                            "--client-connections-max", str(self.SHARE))
        bucket = joined(server)[0].bucket
        cursor = server.get(f"/v1/buckets/{bucket}/feed").headers["Reunion-Cursor"]
        waiting = self.connect(ADA)
        waiting.sendall((f"GET /v1/buckets/{bucket}/feed?after={cursor}&wait=60 HTTP/1.1\r\n"
                         "Host: x\r\n\r\n").encode())
        server.wait_for_waiting(1)
        return server, waiting

    def fill(self, sent):
        """The server's one thread has taken all of them when it answers the last."""
        crowd = [self.connect(address) for address in CROWD for _ in range(self.SHARE)]
        self.assertTrue(is_answered(crowd[-1]))
        for each in crowd:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                each.sendall(sent)
        return crowd

    def assert_all_are_served(self, server, waiting):
        newcomers = [self.connect(BOB) for _ in range(40)]
        self.assertEqual([is_answered(each) for each in newcomers], [True] * 40)
        # They keep their places, and who waits is told what comes.
        self.assertEqual([is_answered(each) for each in newcomers], [True] * 40)
        server.wait_for_waiting(1)
        self.assertEqual(Identity().join(server).status, 201)
        self.assertTrue(waiting.recv(65536).startswith(b"HTTP/1.1 200 "))

    def test_that_says_nothing(self):
        server, waiting = self.start_and_wait()
        self.fill(b"")
        self.assert_all_are_served(server, waiting)

    def test_that_has_had_an_answer(self):
        server, waiting = self.start_and_wait()
        for each in self.fill(b"HEAD /v1/server HTTP/1.1\r\nHost: x\r\n\r\n"):
            with contextlib.suppress(ConnectionResetError):
                each.recv(65536)  # some were ended for others already
        self.assert_all_are_served(server, waiting)

    def test_that_stops_in_a_head(self):
        server, waiting = self.start_and_wait()
        self.fill(b"GET /v1/server HTTP/1.1\r\nHo")
        self.assert_all_are_served(server, waiting)

    def test_that_stops_in_a_body(self):
        server, waiting = self.start_and_wait()
        self.fill(b"POST /v1/links HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n"
                  b"Content-Type: application/octet-stream\r\n\r\n" + bytes(10))
        self.assert_all_are_served(server, waiting)

    def test_one_of_it_more_takes_no_place_of_others(self):
        """Whatever the crowd opens anew ends what the crowd has."""
        server, waiting = self.start_and_wait()
        bob = [self.connect(BOB) for _ in range(5)]
        self.assertEqual([is_answered(each) for each in bob], [True] * 5)
        self.fill(b"")
        for _ in range(4):
            for address in CROWD:
                self.connect(address)
        self.assertEqual([is_answered(each) for each in bob], [True] * 5)
        self.assert_all_are_served(server, waiting)


class Waiting(Everywhere, unittest.TestCase):
    def feed(self, bucket, cursor):
        return (f"GET /v1/buckets/{bucket}/feed?after={cursor}&wait=60 HTTP/1.1\r\n"
                "Host: x\r\n\r\n").encode()

    def begin(self, *flags):
        server = self.start(ClockServer, *flags)
        bucket = joined(server)[0].bucket
        cursor = server.get(f"/v1/buckets/{bucket}/feed").headers["Reunion-Cursor"]
        return server, self.feed(bucket, cursor)

    def test_who_hangs_up_waits_no_more(self):
        """No clock moves, so nothing but the hanging up can end these waits."""
        server, request = self.begin("--waiters-max", "200", "--client-waiters-max", "0")
        waiting = [self.connect(ADA) for _ in range(200)]
        for each in waiting:
            each.sendall(request)
        server.wait_for_waiting(200)
        for each in waiting[:150]:
            each.close()
        server.wait_for_waiting(50)
        again = [self.connect(BOB) for _ in range(150)]
        for each in again:
            each.sendall(request)
        server.wait_for_waiting(200)
        # They are still told what is new.
        self.assertEqual(Identity().join(server).status, 201)
        for each in (*waiting[150:], *again):
            self.assertTrue(each.recv(65536).startswith(b"HTTP/1.1 200 "))

    def test_who_sends_much_behind_its_question_cannot_hide_that(self):
        """Behind more than the system takes for it the end of a connection would not come, so its
        wait ends at once. These connections do not end at all."""
        server, request = self.begin("--waiters-max", "200", "--client-waiters-max", "0")
        talkative = [self.connect(ADA) for _ in range(50)]
        for each in talkative:
            each.setblocking(False)
            with contextlib.suppress(BlockingIOError, ConnectionError):  # or it has ended
                each.sendall(request + b"x" * 1000000)
        for each in talkative:
            self.assertTrue(select.select([each], [], [], PATIENCE_S)[0])
        server.wait_for_waiting(0)
        later = self.connect(BOB)
        later.sendall(request)
        server.wait_for_waiting(1)

    def test_one_address_does_not_wait_for_all(self):
        server, request = self.begin("--waiters-max", "100", "--client-waiters-max", "10")
        waiting = [self.connect(ADA) for _ in range(50)]
        for each in waiting:
            each.sendall(request)
        server.wait_for_waiting(10)
        # Which ones wait is the threads' matter.
        refused = []
        while len(refused) < 40:
            readable = select.select(waiting, [], [], PATIENCE_S)[0]
            self.assertTrue(readable, f"{len(refused)} are refused")
            for each in readable:
                self.assertIn(b"too-many-waiting", each.recv(65536))
                waiting.remove(each)
                refused.append(each)
        bob = self.connect(BOB)
        bob.sendall(request)
        server.wait_for_waiting(11)
        # A wait that has ended makes room for the next.
        waiting[0].close()
        server.wait_for_waiting(10)
        # It is given back a moment after the wait's end.
        while True:
            refused[0].sendall(request)
            if not select.select(refused[:1], [], [], 1)[0]:
                break
            self.assertIn(b"too-many-waiting", refused[0].recv(65536))
        server.wait_for_waiting(11)


class Rates(Everywhere, unittest.TestCase):
    def post(self, source, path, body, key=None):
        connection = self.connect(source)
        authorization = f"Authorization: Bearer {key.hex()}\r\n" if key else ""
        connection.sendall((f"POST {path} HTTP/1.1\r\nHost: x\r\n{authorization}"
                            "Content-Type: application/octet-stream\r\nConnection: close\r\n"
                            f"Content-Length: {len(body)}\r\n\r\n").encode() + body)
        return int(connection.recv(65536).split(b" ")[1])

    def post_t1(self, source):
        identity = Identity()
        return self.post(source, "/v1/t1", identity.t1, identity.key)

    def post_link(self, source, number):
        return self.post(source, "/v1/links", number.to_bytes(256, "big"))

    def test_kinds_and_addresses_do_not_share(self):
        self.start(ClockServer, "--rate-t1-max", "5", "--rate-link-max", "7")
        self.assertEqual([self.post_t1(ADA) for _ in range(6)], [201] * 5 + [429])
        self.assertEqual([self.post_link(ADA, i) for i in range(8)], [201] * 7 + [429])
        self.assertTrue(is_answered(self.connect(ADA)))
        self.assertEqual(self.post_t1(BOB), 201)
        self.assertEqual(self.post_link(BOB, 100), 201)

    def test_t1s_in_one_body_count_each(self):
        self.start(ClockServer, "--rate-t1-max", "5")
        t1s = b"".join(Identity().t1 for _ in range(4))
        self.assertEqual(self.post(ADA, "/t1", t1s), 200)
        self.assertEqual(self.post(ADA, "/t1", t1s), 429)
        self.assertEqual(self.post_t1(ADA), 201)

    def get(self, source, path):
        connection = self.connect(source)
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        return int(connection.recv(65536).split(b" ")[1])

    def test_long_lists_of_the_reference(self):
        """At the default settings, with a clock that stands still."""
        server = self.start(ClockServer)
        asked = ["/t2", "/t3"] * 20
        self.assertEqual([self.get(ADA, path) for path in asked], [200] * 40)
        self.assertEqual([self.get(ADA, path) for path in ("/t2", "/t3")], [429] * 2)
        self.assertEqual([self.get(ADA, path) for path in ("/t1", "/v1/server")], [200] * 2)
        self.assertEqual(self.get(BOB, "/t2"), 200)
        server.advance(1)
        self.assertEqual([self.get(ADA, path) for path in asked[:11]], [200] * 10 + [429])

    def test_all_together(self):
        self.start(ClockServer, "--rate-all-t1-max", "3")
        self.assertEqual([self.post_t1(source) for source in (ADA, BOB, SITE[0], SITE[1])],
                         [201, 201, 201, 429])


if __name__ == "__main__":
    unittest.main(verbosity=2)
