"""Whatever is sent, there is a clear answer, and the server goes on."""

import concurrent.futures
import os
import random
import socket
import unittest

from harness import Server
from rendezvous import RECORD_BYTES, T1_BYTES, Identity, joined

KEY = "ab" * 32


class BadInput(unittest.TestCase):
    def setUp(self):
        self.server = Server("--idle-max", 2)
        self.enterContext(self.server)

    def raw(self, data, half_close=True):
        """Send bytes as they are. Returns: all that comes back until the server closes."""
        with socket.create_connection((self.server.host, self.server.port), 60) as connection:
            answer = b""
            try:
                connection.sendall(data)
                if half_close:
                    connection.shutdown(socket.SHUT_WR)
                while piece := connection.recv(65536):
                    answer += piece
            except TimeoutError:
                raise
            except OSError:  # it has closed already
                pass
            return answer

    def status(self, *lines, body=b"", half_close=True):
        answer = self.raw("\r\n".join([*lines, "", ""]).encode("latin-1") + body, half_close)
        return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else None

    def assert_problem(self, answer, status, slug):
        self.assertEqual((answer.status, answer.problem), (status, slug))

    def test_bodies_of_wrong_lengths(self):
        ada, bob = joined(self.server, 2)
        for size in (0, 1, T1_BYTES - 1):
            self.assert_problem(self.server.post("/v1/t1", bytes(size), KEY), 400, "malformed-body")
        for size in (T1_BYTES + 1, 2 * T1_BYTES, 70_000, 5_000_000):
            self.assert_problem(self.post_unread("/v1/t1", size), 413, "too-large")
        path = f"/v1/buckets/{ada.bucket}/t2"
        for size in (0, 1, RECORD_BYTES - 1, RECORD_BYTES + 1):
            self.assert_problem(self.server.post(path, bytes(size), KEY), 400, "malformed-body")
        self.assert_problem(self.post_unread(path, 257 * RECORD_BYTES), 413, "too-large")
        self.assert_problem(self.post_unread("/t3", 4 * 1024 * 1024 + 1), 413, "too-large")
        self.assert_problem(self.post_unread("/v1/server", 5_000_000, "GET"), 413, "too-large")
        self.assertEqual(self.server.get(path).body, b"")
        self.assertEqual(len(self.server.get("/t1").body), 2 * T1_BYTES)

    def post_unread(self, path, size, method="POST"):
        """State a length; the body follows only if it is small enough to be read and dropped."""
        with self.server.connect() as connection:
            connection.putrequest(method, path)
            connection.putheader("Content-Length", str(size))
            connection.putheader("Authorization", f"Bearer {KEY}")
            connection.endheaders()
            if size <= 65536:
                connection.send(bytes(size))
            answer = connection.getresponse()
            body = answer.read()
            return type(self.server.get("/v1/server"))(answer.status, answer.headers, body)

    def test_a_small_body_that_is_refused_keeps_the_connection(self):
        with self.server.connect() as connection:
            for _ in range(5):
                answer = self.server.post("/v1/t1", bytes(1000), KEY, connection)
                self.assert_problem(answer, 413, "too-large")
                answer = self.server.post("/nothing", bytes(1000), KEY, connection)
                self.assert_problem(answer, 404, "not-found")
                self.assertEqual(Identity().join(self.server, connection=connection).status, 201)

    def test_bodies_without_a_length(self):
        self.assertEqual(self.status("POST /v1/t1 HTTP/1.1", "Host: x"), 411)
        self.assertEqual(self.status("POST /t1 HTTP/1.1", "Host: x"), 411)
        chunks = ("Host: x", "Transfer-Encoding: chunked")
        self.assertEqual(self.status("POST /v1/t1 HTTP/1.1", *chunks, body=b"0\r\n\r\n"), 411)
        self.assertEqual(self.status("GET /t1 HTTP/1.1", *chunks, body=b"0\r\n\r\n"), 411)
        both = self.status("POST /t1 HTTP/1.1", *chunks, "Content-Length: 5", body=b"0\r\n\r\n")
        self.assertIn(both, (400, 411))

    def test_media_types(self):
        for given, status in (("application/json", 415), ("application/octet-stream-x", 415),
                              ("", 415), ("application/octet-stream", 400),
                              ("Application/Octet-Stream; charset=x", 400)):
            answer = self.server.request("POST", "/v1/t1", b"x", {
                "Content-Type": given, "Authorization": f"Bearer {KEY}"})
            self.assertEqual(answer.status, status, given)
        for path in ("/v1/t1", "/v1/links", "/t1", "/t2", "/t3"):
            for given in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data"):
                answer = self.server.request("POST", path, os.urandom(192), {"Content-Type": given})
                self.assert_problem(answer, 415, "media-type")
        for path in ("/v1/t1", "/v1/links"):
            self.assert_problem(self.server.request("POST", path, os.urandom(256)), 415,
                                "media-type")
        # The reference's client states none, but every browser says for whom it posts.
        self.assertEqual(self.server.request("POST", "/t1", os.urandom(288)).status, 200)
        for browser in ({"Origin": self.server.url}, {"Sec-Fetch-Site": "same-origin"}):
            self.assert_problem(self.server.request("POST", "/t1", os.urandom(288), browser), 415,
                                "media-type")

    def test_pages_of_other_sites_cannot_have_browsers_post(self):
        octets = {"Content-Type": "application/octet-stream"}
        for path, size in (("/v1/t1", 288), ("/v1/links", 256), ("/t1", 288), ("/t2", 64)):
            for sent in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"},
                         {"Origin": "null"}):
                answer = self.server.request("POST", path, os.urandom(size), {**octets, **sent})
                self.assert_problem(answer, 403, "cross-site")
        self.assertEqual(self.server.get("/t1").body, b"")
        own = {"Origin": self.server.url, "Sec-Fetch-Site": "same-origin"}
        self.assertEqual(
            self.server.request("POST", "/v1/links", os.urandom(256), {**octets, **own}).status,
            201)

    def octets_with(self, path, *headers):
        """Post as many bytes as `path` takes. Returns: the status and the problem's name."""
        body = os.urandom({"/t1": 288, "/v1/links": 256}[path])
        lines = [f"POST {path} HTTP/1.1", f"Host: {self.server.host}:{self.server.port}",
                 f"Content-Length: {len(body)}", *headers, "", ""]
        answer = self.raw("\r\n".join(lines).encode() + body)
        problem = answer.partition(b"urn:reunion:problem:")[2].partition(b'"')[0]
        return int(answer.split(b" ")[1]), problem.decode()

    def test_one_foreign_header_suffices_and_none_may_come_twice(self):
        own, octets = self.server.url, "Content-Type: application/octet-stream"
        foreign = "https://evil.example"
        for path in ("/t1", "/v1/links"):
            for headers in ((f"Origin: {own}", f"Origin: {foreign}"),
                            (f"Origin: {foreign}", f"Origin: {own}"),
                            (f"Origin: {own}", f"origin: {own}"),
                            (f"Origin: {foreign}", "Sec-Fetch-Site: same-origin"),
                            ("Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: cross-site"),
                            ("Sec-Fetch-Site: same-site",),
                            (f"Origin: {own}", "Sec-Fetch-Site: same-site"),
                            (f"Referer: {foreign}/page",),
                            (f"Referer: {own}/", f"Referer: {foreign}/"),
                            (f"Origin: {own}", f"Referer: {foreign}/")):
                self.assertEqual(self.octets_with(path, octets, *headers), (403, "cross-site"),
                                 headers)
            for headers in ((), (f"Referer: {own}/page?x",), ("Sec-Fetch-Site: none",),
                            (f"Origin: {own}", "Sec-Fetch-Site: same-origin", f"Referer: {own}/")):
                self.assertIn(self.octets_with(path, octets, *headers)[0], (200, 201), headers)

    def test_pages_of_a_listed_origin_may_post(self):
        with Server("--page-origin", "https://page.example") as self.server:
            for headers in (("Origin: https://page.example", "Sec-Fetch-Site: same-site"),
                            ("Origin: https://page.example", "Sec-Fetch-Site: cross-site",
                             "Referer: https://page.example/x")):
                self.assertEqual(self.octets_with(
                    "/t1", "Content-Type: application/octet-stream", *headers)[0], 200, headers)
            self.assertEqual(self.octets_with(
                "/t1", "Content-Type: application/octet-stream", "Origin: https://page.example",
                "Origin: https://evil.example"), (403, "cross-site"))

    def test_two_types(self):
        right = "Content-Type: application/octet-stream"
        for path in ("/t1", "/v1/links"):
            for headers in ((right, "Content-Type: text/plain"),
                            ("Content-Type: text/plain", right), (right, right.lower())):
                self.assertEqual(self.octets_with(path, *headers), (415, "media-type"), headers)
        # With a page's address, the reference's endpoints want a type too.
        self.assertEqual(self.octets_with("/t1", f"Referer: {self.server.url}/"),
                         (415, "media-type"))

    def test_two_lengths_that_differ(self):
        """What one proxy takes for the body's end another takes for the next request's head."""
        head = ["POST /t1 HTTP/1.1", "Host: x", "Content-Type: application/octet-stream"]
        smuggled = b"GET /v1/server HTTP/1.1\r\nHost: x\r\n\r\n"
        for lengths in ((0, 5), (5, 0), (288, 289), (5, 5, 6)):
            lines = [*head, *(f"Content-Length: {length}" for length in lengths), "", ""]
            answer = self.raw("\r\n".join(lines).encode() + b"12345" + smuggled, False)
            self.assertEqual(answer.split(b" ")[1], b"400", lengths)
            self.assertIn(b"conflicting-lengths", answer)
            self.assertEqual(answer.count(b"HTTP/1.1 "), 1, lengths)
        body = os.urandom(288)
        self.assertEqual(self.status(*head, "Content-Length: 288", "Content-Length: 288",
                                     body=body), 200)

    def test_very_many_parameters(self):
        link = joined(self.server)[0].bucket
        for count in (5, 6, 100, 300, 1000):
            for query in ("&".join(f"a{i}={i}" for i in range(count)), "&" * count,
                          "wait=1" + "&" * count, "&".join(["wait=1"] * count)):
                self.assertEqual(self.status(f"GET /v1/buckets/{link}/feed?{query} HTTP/1.1",
                                             "Host: x"), 400, count)
        # One that is too long for the memory of a head is not read to its end. The connection is
        # closed with bytes unread, and the answer may be lost to that.
        self.assertIn(self.status("GET /v1/server?" + "&" * 20000 + " HTTP/1.1", "Host: x"),
                      (414, None))
        self.assertEqual(self.status("GET /v1/server HTTP/1.1", "Host: x"), 200)

    def test_paths(self):
        link = joined(self.server)[0].bucket
        for path in ("//", "/v1", "/v1/", "/v1/server/", "/v1/t1/", "/v1/buckets/", "/t4", "/t1/",
                     f"/v1/buckets/{link}/", f"/v1/buckets/{link}/t4", f"/v1/buckets/{link}/t1/x",
                     f"/v1/buckets//t1", "/v1/%73erver", "/../v1/server", "//v1/server"):
            self.assert_problem(self.server.get(path), 404, "not-found")
        for bad in ("x", link[:-1], link + "0", link.upper(), "%" + link[1:], link[:-1] + "g",
                    "0" * 5000):
            for path in (f"/v1/buckets/{bad}", f"/v1/buckets/{bad}/t1", f"/v1/buckets/{bad}/feed",
                         f"/v1/t1/{bad}"):
                self.assert_problem(self.server.get(path), 400, "malformed-id")
            self.assert_problem(self.server.get(f"/v1/buckets?after={bad}"), 400, "malformed-id")
            self.assert_problem(
                self.server.get(f"/v1/buckets/{link}/t2?to={bad}"), 400, "malformed-id")
            self.assert_problem(
                self.server.post(f"/v1/t1?bucket={bad}", bytes(288), KEY), 400, "malformed-id")

    def test_queries(self):
        link = joined(self.server)[0].bucket
        for query in ("x=1", "wait", "wait=", "wait=1&wait=1", "wait=1&x", "after=&x=&y=&z=&w=",
                      "wait=1;x=2", "a=1&b=2&c=3&d=4&wait=1"):
            answer = self.server.get(f"/v1/buckets/{link}/feed?{query}")
            self.assertEqual((answer.status, answer.problem), (400, "malformed-query"), query)
        self.assert_problem(self.server.get("/v1/server?x=1"), 400, "malformed-query")
        self.assert_problem(self.server.get("/t1?x=1"), 400, "malformed-query")

    def test_what_is_no_http(self):
        for data in (b"\x00" * 1000, os.urandom(1000), b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00\x01",
                     b"GET / HTTP/9.9\r\n\r\n", b"GET /v1/server HTTP/1.1\r\n\r\n",
                     b"POST /t1 HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
                     b"POST /t1 HTTP/1.1\r\nHost: x\r\nContent-Length: 1e3\r\n\r\n",
                     b"POST /t1 HTTP/1.1\r\nHost: x\r\n"
                     b"Content-Length: 99999999999999999999\r\n\r\n",
                     b"GET /v1/server HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 5000 + b"\r\n"):
            answer = self.raw(data)
            self.assertNotIn(b" 200 ", answer.split(b"\r\n")[0], data[:60])
            self.assertNotIn(b" 500 ", answer.split(b"\r\n")[0], data[:60])
        self.assertEqual(self.server.get("/healthz").status, 200)

    def test_random_requests(self):
        """Pieces of valid requests in any order; the seed is in the failure."""
        seed = random.randrange(1 << 32)
        dice = random.Random(seed)
        link = joined(self.server)[0].bucket
        pieces = [b"GET ", b"POST ", b"/v1/t1", b"/v1/buckets/", link.encode(), b"/feed", b"/t2",
                  b"?after=", b"?to=", b"&", b"=", b"00" * 24, b" HTTP/1.1\r\n", b"Host: x\r\n",
                  b"Content-Length: 96\r\n", b"Content-Length: 288\r\n", b"\r\n", b"\r\n\r\n",
                  b"Authorization: Bearer " + KEY.encode() + b"\r\n", b"\x00", b"%00", b" ",
                  b"Transfer-Encoding: chunked\r\n", bytes(96), bytes(288)]
        # All at once, as the library may notice the end of an unfinished request only by its limit
        # for idle connections.
        requests = [b"".join(dice.choices(pieces, k=dice.randrange(1, 20))) for _ in range(300)]
        with concurrent.futures.ThreadPoolExecutor(100) as pool:
            for answer in pool.map(self.raw, requests):
                self.assertNotIn(b"HTTP/1.1 5", answer, f"seed {seed}")
        self.assertEqual(self.server.get("/healthz").status, 200, f"seed {seed}")

    def test_a_sender_that_stops_in_the_middle(self):
        head = f"POST /v1/t1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\n" \
               "Content-Length: 288\r\n\r\n".encode()
        for part in (head[:20], head, head + bytes(100)):
            self.assertEqual(self.raw(part), b"")
        self.assertEqual(self.server.get("/v1/buckets").json()["buckets"], [])

    def test_a_slow_sender_hinders_nobody(self):
        with socket.create_connection((self.server.host, self.server.port), 60) as slow:
            identity = Identity()
            request = (f"POST /v1/t1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                       f"{identity.key.hex()}\r\nContent-Length: 288\r\n"
                       "Content-Type: application/octet-stream\r\n\r\n"
                       ).encode() + identity.t1
            for at in range(len(request)):
                slow.sendall(request[at:at + 1])
                if at % 50 == 0:
                    self.assertEqual(Identity().join(self.server).status, 201)
            self.assertTrue(slow.recv(1000).startswith(b"HTTP/1.1 201 "))

    def test_a_sender_that_never_ends_does_not_keep_the_server_from_stopping(self):
        with Server("--stop-wait-max", 1) as server:
            with socket.create_connection((server.host, server.port), 60) as slow:
                slow.sendall(f"POST /v1/t1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\n"
                             "Content-Length: 288\r\nExpect: 100-continue\r\n\r\n".encode())
                self.assertIn(b" 100 ", slow.recv(1000))
                self.assertEqual(server.stop(), 0)
            self.assertIn('level=warning event="some requests were cut off"', server.log())

    def test_requests_in_a_row_on_one_connection(self):
        one = b"GET /v1/server HTTP/1.1\r\nHost: x\r\n\r\n"
        self.assertEqual(self.raw(one * 20).count(b"HTTP/1.1 200 OK"), 20)

    def test_two_clients_with_the_same_t1(self):
        """However they race, one key wins, and the T1 stands once."""
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            for _ in range(20):
                t1 = os.urandom(T1_BYTES)
                answers = list(pool.map(
                    lambda key, t1=t1: self.server.post("/v1/t1", t1, key),
                    [os.urandom(32) for _ in range(8)]))
                statuses = sorted(answer.status for answer in answers)
                self.assertEqual(statuses, [201] + [403] * 7)
        self.assertEqual(len(self.server.get("/t1").body), 20 * T1_BYTES)


if __name__ == "__main__":
    unittest.main(verbosity=2)
