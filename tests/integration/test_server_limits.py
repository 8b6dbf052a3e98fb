"""The limits at the edge: each is reached, has a clear answer, and the server goes on."""

import contextlib
import functools
import hashlib
import json
import os
import pathlib
import select
import socket
import tempfile
import time
import unittest

from harness import ClockServer, Server
from programs import PATIENCE_S
from rendezvous import T1_BYTES, Identity, joined

KEY = "ab" * 32


def connect(server):
    return socket.create_connection((server.host, server.port), PATIENCE_S)


def read_to_end(connection):
    """All that comes until the server closes."""
    answer = b""
    with contextlib.suppress(ConnectionError):
        while piece := connection.recv(65536):
            answer += piece
    return answer


def problem_of(answer):
    """The status, headers and slug of one raw answer."""
    head, body = answer.split(b"\r\n\r\n", 1)
    status, *headers = head.decode().split("\r\n")
    headers = dict(header.split(": ", 1) for header in headers)
    assert headers["Content-Type"] == "application/problem+json", answer
    assert int(headers["Content-Length"]) == len(body), answer
    stated = json.loads(body)
    assert stated["status"] == int(status.split(" ")[1]), answer
    return stated["status"], headers, stated["type"].removeprefix("urn:reunion:problem:")


def head_of(path, length, key=KEY):
    return (f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
            "Content-Type: application/octet-stream\r\n"
            f"Content-Length: {length}\r\n\r\n").encode()


class Time(unittest.TestCase):
    """A request has to arrive, and an answer to be read, in a time that nothing prolongs."""

    def setUp(self):
        self.server = ClockServer("--request-time-max", 30, "--answer-time-max", "10m")
        self.enterContext(self.server)

    def pass_time(self, seconds, connection):
        """Let so many seconds pass until something comes on a connection. The server may be about
        to accept it, or to take note of its last answer's end, and then the time begins anew."""
        deadline_s = time.monotonic() + PATIENCE_S
        self.server.advance(seconds)
        while not select.select([connection], [], [], 0)[0]:
            self.assertLess(time.monotonic(), deadline_s)
            self.server.advance(seconds)

    def assert_timed_out(self, connection):
        status, headers, slug = problem_of(read_to_end(connection))
        self.assertEqual((status, slug), (408, "request-timeout"))
        self.assertEqual(headers["Connection"], "close")

    def test_whatever_trickles(self):
        request = head_of("/v1/t1", T1_BYTES) + os.urandom(T1_BYTES)
        with contextlib.ExitStack() as stack:
            slow = [(stack.enter_context(connect(self.server)), begin)
                    for begin in range(0, len(request) - 30, 8)]
            for connection, begin in slow:
                connection.sendall(request[:begin])
            # Each is somewhere else in its request, and sends on all the time.
            for second in range(29):
                for connection, begin in slow:
                    connection.sendall(request[begin + second:][:1])
                self.server.advance(1)
            self.assertEqual(Identity().join(self.server).status, 201)
            for connection, _ in slow:
                self.pass_time(1, connection)
                self.assert_timed_out(connection)
        self.assertEqual(Identity().join(self.server).status, 201)

    def test_from_the_last_answer_on(self):
        with connect(self.server) as connection:
            for _ in range(5):
                self.server.advance(29)
                connection.sendall(b"HEAD /v1/server HTTP/1.1\r\nHost: x\r\n\r\n")
                self.assertTrue(connection.recv(65536).startswith(b"HTTP/1.1 200 "))
            connection.sendall(b"GET /v1/server HT")
            self.pass_time(30, connection)
            self.assert_timed_out(connection)

    def test_silence_is_not_answered(self):
        """A client could take that for the answer to its next request."""
        with connect(self.server) as connection:
            connection.sendall(b"HEAD /v1/server HTTP/1.1\r\nHost: x\r\n\r\n")
            self.assertTrue(connection.recv(65536).startswith(b"HTTP/1.1 200 "))
            self.pass_time(30, connection)
            self.assertEqual(read_to_end(connection), b"")

    def test_a_wait_is_the_servers_own_time(self):
        ada, = joined(self.server)
        with connect(self.server) as connection:
            cursor = self.server.get(f"/v1/buckets/{ada.bucket}/feed").headers["Reunion-Cursor"]
            connection.sendall(f"GET /v1/buckets/{ada.bucket}/feed?after={cursor}&wait=60 "
                               "HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            self.server.wait_for_waiting(1)
            self.server.advance(59)
            self.server.advance(1)
            self.assertTrue(connection.recv(65536).startswith(b"HTTP/1.1 200 "))

    def test_an_answer_that_nobody_reads(self):
        """Far more than the buffers of both sides hold is asked for, and not read."""
        joined(self.server, 64)
        with socket.socket() as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.settimeout(PATIENCE_S)
            connection.connect((self.server.host, self.server.port))
            connection.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                while True:
                    connection.send(b"GET /t1 HTTP/1.1\r\nHost: x\r\n\r\n" * 1000)
            # The server may be about to answer still; then the time begins anew.
            ended = select.poll()
            ended.register(connection, 0)
            deadline_s = time.monotonic() + PATIENCE_S
            while not ended.poll(0):
                self.assertLess(time.monotonic(), deadline_s)
                self.server.advance(601)
        self.assertEqual(self.server.get("/v1/server").status, 200)


class Connections(unittest.TestCase):
    @staticmethod
    def wait_on_feed(stack, server, request, count):
        """A connection that waits, as the one that makes it so many. It is refused while the server
        has not noted the ends of answers to others."""
        deadline_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline_s:
            connection = stack.enter_context(connect(server))
            connection.sendall(request)
            while not select.select([connection], [], [], 0)[0]:
                if server.waiting() == count:
                    return connection
        raise AssertionError(f"{server.waiting()} requests wait, not {count}")

    def test_one_too_many_is_told_so(self):
        """Those who wait for an answer keep their places."""
        with ClockServer("--connections-max", 2) as server, contextlib.ExitStack() as stack:
            ada, = joined(server)
            cursor = server.get(f"/v1/buckets/{ada.bucket}/feed").headers["Reunion-Cursor"]
            feed = (f"GET /v1/buckets/{ada.bucket}/feed?after={cursor}&wait=60 HTTP/1.1\r\n"
                    "Host: x\r\n\r\n").encode()
            held = [self.wait_on_feed(stack, server, feed, count) for count in (1, 2)]
            for _ in range(200):
                with connect(server) as third:
                    third.sendall(b"GET /v1/server HTTP/1.1\r\nHost: x\r\n\r\n")
                    status, headers, slug = problem_of(read_to_end(third))
                    self.assertEqual((status, slug), (503, "too-many-connections"))
                    self.assertEqual(headers["Retry-After"], "1")
            # Those who were there are not touched, and a place that becomes free is given on.
            server.wait_for_waiting(2)
            held.pop().close()
            while not self.answers(server):
                pass
            server.wait_for_waiting(1)

    def test_one_too_many_ends_the_one_that_is_idle_longest(self):
        with Server("--connections-max", 2, "--threads", 1) as server, \
                contextlib.ExitStack() as stack:
            held = [stack.enter_context(connect(server))]
            self.assert_answered(held[0])
            held.append(stack.enter_context(connect(server)))
            for connection in reversed(held):
                self.assert_answered(connection)
            self.assertTrue(self.answers(server))
            self.assertEqual(read_to_end(held[1]), b"")
            held[0].sendall(b"HEAD /v1/server HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            self.assertTrue(read_to_end(held[0]).startswith(b"HTTP/1.1 200 "))

    def assert_answered(self, connection):
        connection.sendall(b"HEAD /v1/server HTTP/1.1\r\nHost: x\r\n\r\n")
        self.assertTrue(connection.recv(65536).startswith(b"HTTP/1.1 200 "))

    @staticmethod
    def answers(server):
        """The server may learn of an end a little later than the client."""
        with connect(server) as connection:
            connection.sendall(b"HEAD /v1/server HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            return read_to_end(connection).startswith(b"HTTP/1.1 200 ")


class Bodies(unittest.TestCase):
    def setUp(self):
        self.server = Server("--bodies-max", "64K", "--threads", 1)
        self.enterContext(self.server)

    def stalled(self, stack, length):
        """A connection whose request states a length and stops after a little of the body."""
        connection = stack.enter_context(connect(self.server))
        connection.sendall(head_of("/t1", length) + bytes(100))

    def test_what_was_announced_does_not_count(self):
        with contextlib.ExitStack() as stack:
            for _ in range(10):
                self.stalled(stack, 4_000_000)
            self.assertEqual(Identity().join(self.server).status, 201)

    def test_too_many_bytes_at_once(self):
        body = bytes(10 * T1_BYTES)
        with contextlib.ExitStack() as stack:
            # The server may get to them later than to the post after them.
            while (answer := self.server.post("/t1", body)).status == 200:
                self.stalled(stack, 65536)
            self.assertEqual((answer.status, answer.problem), (503, "too-many-bodies"))
            self.assertEqual(answer.headers["Retry-After"], "1")
            self.assertEqual(self.server.get("/v1/server").status, 200)
        while self.server.post("/t1", body).status == 503:
            pass

    def test_more_than_ever_fits(self):
        answer = self.server.post("/t1", bytes(70000))
        self.assertEqual((answer.status, answer.problem), (503, "too-many-bodies"))



class Rate(unittest.TestCase):
    """The test is a proxy, at a unix socket or on a listed address, for clients it makes up."""

    BURST = 4

    def start(self, *flags):
        server = ClockServer("--rate-max", 1, "--rate-burst", self.BURST, *flags)
        self.enterContext(server)
        return server

    @staticmethod
    def ask(connection, *headers):
        """One request with those lines in its head, and nothing that a library adds."""
        connection.sendall("\r\n".join(["GET /v1/server HTTP/1.1", "Host: x", *headers,
                                        "Connection: close", "", ""]).encode())
        return read_to_end(connection)

    def get(self, server, *headers):
        with connect(server) as connection:
            return self.ask(connection, *headers)

    def assert_through(self, answer):
        self.assertTrue(answer.startswith(b"HTTP/1.1 200 "), answer)

    def assert_burst_left(self, burst, ask, *headers):
        """So many requests get through, and those for which tokens come meanwhile, and no more."""
        begin_s = time.monotonic()
        through = 0
        while (answer := ask(*headers)).startswith(b"HTTP/1.1 200 "):
            through += 1
        status, headers, slug = problem_of(answer)
        self.assertEqual((status, slug, headers["Retry-After"]), (429, "too-many-requests", "1"))
        self.assertGreaterEqual(through, burst)
        self.assertLessEqual(through, burst + 1 + time.monotonic() - begin_s)

    def test_each_client_of_a_listed_proxy_has_its_own(self):
        server = self.start("--trusted-proxy", "127.0.0.0/8", "--trusted-proxy", "192.0.2.1")
        get = functools.partial(self.get, server)
        self.assert_burst_left(self.BURST, get, "X-Forwarded-For: 203.0.113.9")
        for same in ("X-Forwarded-For: 203.0.113.9", "Forwarded: for=203.0.113.9",
                     "X-Forwarded-For: 1.2.3.4, 203.0.113.9, 192.0.2.1",
                     # A proxy may add a line of its own instead of an entry.
                     "X-Forwarded-For: 198.51.100.7\r\nx-forwarded-for: 203.0.113.9"):
            self.assert_burst_left(0, get, same)
        self.assert_burst_left(self.BURST, get, "X-Forwarded-For: 203.0.113.8")
        server.advance(2)
        self.assert_burst_left(2, get, "X-Forwarded-For: 203.0.113.9")

    def test_a_network_of_version_6_is_one_client(self):
        server = self.start("--trusted-proxy", "127.0.0.1")
        get = functools.partial(self.get, server)
        for i in range(self.BURST):
            self.assert_through(get(f"X-Forwarded-For: 2001:db8:1:2::{i}"))
        self.assert_burst_left(0, get, "X-Forwarded-For: 2001:db8:1:2:ffff::")
        self.assert_burst_left(self.BURST, get, "X-Forwarded-For: 2001:db8:1:3::1")

    def test_what_is_spoilt_counts_for_the_proxy(self):
        server = self.start("--trusted-proxy", "127.0.0.1")
        get = functools.partial(self.get, server)
        self.assert_burst_left(self.BURST, get, "X-Forwarded-For: x")
        for spoilt in ("Forwarded: for=", "X-Forwarded-For: 1.2.3.4, unknown",
                       "X-Forwarded-For: 1.2.3.4\r\nForwarded: for=1.2.3.5"):
            self.assert_burst_left(0, get, spoilt)

    def test_a_refused_post_stores_nothing(self):
        server = self.start("--trusted-proxy", "127.0.0.1", "--rate-t1-max", self.BURST)
        client = {"X-Forwarded-For": "203.0.113.9"}
        posted = []
        while True:
            ada = Identity()
            answer = server.request("POST", "/v1/t1", ada.t1,
                                    {**client, "Authorization": f"Bearer {ada.key.hex()}",
                                     "Content-Type": "application/octet-stream"})
            if answer.status != 201:
                break
            posted.append(ada.t1)
        self.assertEqual((answer.status, answer.problem), (429, "too-many-requests"))
        self.assertEqual(server.get("/t1").body, b"".join(sorted(posted)))

    def test_this_machine_is_not_limited(self):
        """Whatever it says; but an operator with a proxy here is told once how to list it."""
        server = self.start()
        for _ in range(20):
            self.assert_through(self.get(server))
        self.assertEqual([line for line in server.log() if "trusted-proxy" in line], [])
        for _ in range(20):
            self.assert_through(self.get(server, "X-Forwarded-For: 203.0.113.9"))
        server.program.wait_for_line("trusted-proxy")
        self.assertEqual(len([line for line in server.log() if "trusted-proxy" in line]), 1)
        self.assertNotIn("203.0.113.9", "".join(server.log()))

    def test_no_limit(self):
        server = self.start("--rate-max", 0, "--trusted-proxy", "127.0.0.1")
        for _ in range(20):
            self.assert_through(self.get(server, "X-Forwarded-For: 203.0.113.9"))

    def test_a_unix_socket_is_trusted(self):
        with tempfile.TemporaryDirectory(prefix="reunion-") as directory:
            path = f"{directory}/socket"
            self.start("--listen", f"unix:{path}")

            def get(*headers):
                with socket.socket(socket.AF_UNIX) as connection:
                    connection.settimeout(PATIENCE_S)
                    connection.connect(path)
                    return self.ask(connection, *headers)
            for _ in range(20):  # as tor comes
                self.assert_through(get())
            self.assert_burst_left(self.BURST, get, "X-Forwarded-For: 203.0.113.9")

class Answers(unittest.TestCase):
    """Answers that nobody reads are bounded, each and in sum, and others are served meanwhile.

    The attack was 512 T1s without a key with 4 095 T2s each, and twelve `GET /t2` of 134 MB. Here
    are as many of them as two buckets take, 32 with 4 095 T2s: 8.4 MB without a bound.
    """

    T1S, T2S = 32, 4095

    @staticmethod
    def resident(server):
        status = (pathlib.Path("/proc") / str(server.program.process.pid) / "status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) << 10

    @staticmethod
    def narrow(server):
        """A connection on which the system takes little that nobody reads: a unix socket's."""
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(PATIENCE_S)
        connection.connect(str(server.directory / "narrow.sock"))
        return connection

    @staticmethod
    def server(directory, *flags):
        return Server("--t1-free", 0, "--listen", f"unix:{directory}/narrow.sock", *flags,
                      directory=directory)

    def flood(self, server):
        for _ in range(self.T1S // 16):
            t1s = [os.urandom(T1_BYTES) for _ in range(16)]
            server.post("/t1", b"".join(t1s))
            joined(server, 48)
            for t1 in t1s:
                sender = hashlib.blake2b(t1).digest()[:32]
                records = b"".join(sender + os.urandom(32) for _ in range(self.T2S))
                self.assertEqual(server.post("/t2", records).status, 200)

    def test_nobody_reads_and_others_are_served(self):
        with tempfile.TemporaryDirectory() as folder, self.server(folder) as server, \
                contextlib.ExitStack() as stack:
            self.flood(server)
            answer = server.get("/t2")
            self.assertTrue(900_000 < len(answer.body) <= 1 << 20, len(answer.body))
            before = self.resident(server)
            for _ in range(12):
                unread = stack.enter_context(self.narrow(server))
                unread.sendall(b"GET /t2 HTTP/1.1\r\nHost: x\r\n\r\n")
                self.assertTrue(select.select([unread], [], [], PATIENCE_S)[0])
                # Each of these is answered while the others are not read.
                self.assertEqual(server.get("/v1/server").status, 200)
                self.assertEqual(Identity().join(server).status, 201)
            self.assertLess(self.resident(server) - before, 64 << 20)

    def unread(self, stack, server, path, address=None):
        """Ask, and read nothing but the status, which is left there too."""
        connection = stack.enter_context(self.narrow(server))
        via = f"X-Forwarded-For: {address}\r\n" if address else ""
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n{via}\r\n".encode())
        self.assertTrue(select.select([connection], [], [], PATIENCE_S)[0])
        return int(connection.recv(12, socket.MSG_PEEK).split(b" ")[1])

    def unread_until_refused(self, stack, server, path):
        """Returns: how many were answered."""
        for answered in range(256):
            if (status := self.unread(stack, server, path)) != 200:
                self.assertEqual(status, 503)
                return answered
        raise AssertionError(f"GET {path} is never refused")

    def test_those_of_the_reference_and_long_ones_leave_room(self):
        """Nobody here has an address, so all are alike."""
        with tempfile.TemporaryDirectory() as folder, \
                self.server(folder, "--answers-max", "8M") as server, \
                contextlib.ExitStack() as stack:
            self.flood(server)
            for _ in range(64):
                link = server.post("/v1/links", os.urandom(256)).json()["link"]
            bucket = server.get("/v1/buckets").json()["buckets"][0]["link"]
            short = (f"/v1/links/{link}", f"/v1/buckets/{bucket}/t1")
            for path in short:
                self.assertGreater(len(server.get(path).body), 16000)
            self.assertEqual(self.unread_until_refused(stack, server, "/t2"), 4)
            self.unread_until_refused(stack, server, "/t1")
            first_feed = f"/v1/buckets/{bucket}/feed"
            for path in (*short, first_feed):
                self.assertEqual(server.get(path).status, 200, path)
            self.assertGreater(len(server.get(first_feed).body), 100_000)
            self.assertGreater(self.unread_until_refused(stack, server, first_feed), 4)
            for path in short:
                self.assertEqual(server.get(path).status, 200, path)

    def test_of_one_address_they_have_a_bound(self):
        with tempfile.TemporaryDirectory() as folder, \
                self.server(folder, "--answers-max", "16M") as server, \
                contextlib.ExitStack() as stack:
            self.flood(server)
            ada, bob = "203.0.113.9", "203.0.113.8"
            with contextlib.ExitStack() as adas:
                self.assertEqual([self.unread(adas, server, "/t2", ada) for _ in range(3)],
                                 [200, 200, 503])
                self.assertEqual(self.unread(stack, server, "/t2", bob), 200)
            # What its client hung up on is given back.
            deadline_s = time.monotonic() + PATIENCE_S
            while self.unread(stack, server, "/t2", ada) != 200:
                self.assertLess(time.monotonic(), deadline_s)

    def test_in_sum_they_have_a_bound(self):
        with tempfile.TemporaryDirectory() as folder, \
                self.server(folder, "--answers-max", "4M") as server, \
                contextlib.ExitStack() as stack:
            self.flood(server)
            refused = 0
            for _ in range(12):
                unread = stack.enter_context(self.narrow(server))
                unread.sendall(b"GET /t2 HTTP/1.1\r\nHost: x\r\n\r\n")
                self.assertTrue(select.select([unread], [], [], PATIENCE_S)[0])
                refused += unread.recv(16, socket.MSG_PEEK).startswith(b"HTTP/1.1 503")
            self.assertGreater(refused, 0)
            answer = server.get("/t2")
            self.assertEqual((answer.status, answer.problem), (503, "too-many-answers"))
            self.assertEqual(server.get("/v1/buckets").status, 200)
            stack.close()
            deadline_s = time.monotonic() + PATIENCE_S
            while server.get("/t2").status != 200:
                self.assertLess(time.monotonic(), deadline_s)


if __name__ == "__main__":
    unittest.main(verbosity=2)
