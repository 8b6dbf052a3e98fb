"""`reunion-client check`: what it says of servers that are well, away, odd or forged."""

import datetime
import email.utils
import gzip
import json
import pathlib
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import unittest

import odd_server
from gateway import Gateway
from harness import ClockServer, Server
from needed import needs
from odd_server import OddServer, bucket, description
from ours import BUILD, client
from programs import Program
from rendezvous import joined

CLIENT = BUILD / "client" / "reunion-client"


def check(url, *options):
    return subprocess.run([CLIENT, "check", "--server", url, "--jobs", "1", *options],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
                          timeout=240)


class Case(unittest.TestCase):
    def assert_wrong(self, url, code, about, *parts, options=()):
        done = check(url, *options)
        self.assertEqual(done.returncode, code, done)
        self.assertEqual(done.stdout.splitlines()[0], url)
        wrong, = [line for line in done.stdout.splitlines() if line.startswith("WRONG")]
        self.assertEqual(wrong.split()[1], about)
        # Nobody waits for a measurement while something is to be mended.
        self.assertNotIn("the engine is", done.stdout)
        for part in parts:
            self.assertIn(part, wrong)
        return wrong


class Well(Case):
    def test_a_server_that_is_well(self):
        with Server("--wait-max", 1) as server, \
                client("Bob", "x", "jelly", 600, "--server", server.url) as bob:
            link = bob.wait_for_line("waiting for others in bucket").text.split()[-1]
            for options in ((), ("--bucket", link)):
                done = check(server.url, *options)
                self.assertEqual(done.returncode, 0, done)
                name, *lines = done.stdout.splitlines()
                self.assertEqual(name, server.url)
                self.assertEqual([line.split()[:2] for line in lines], [
                    ["good", "server"], ["good", "clock"], ["good", "work"],
                    ["good", "limits"], ["good", "posting"], ["good", "bucket"],
                    ["good", "waiting"],
                    ["good", "speed"]])
                self.assertIn("a request may wait 1 s on the way", done.stdout)
                self.assertIn("1 of 64 participants are in it", done.stdout)
                self.assertRegex(done.stdout, r"takes about \d+\.\d s \(measured just now, give or "
                                              r"take \d+ %\)")

    def test_one_whose_clock_was_set_right(self):
        """It ran ahead, somebody came, and it was started again: nobody suspects it."""
        with ClockServer("--wait-max", "2") as server:
            server.step_wall(7200)
            joined(server)
            server.restart()
            server.let_time_pass()
            done = check(server.url)
            self.assertEqual(done.returncode, 0, done)
            with client("Bob", "x", "jelly", 600, "--server", server.url) as bob:
                bob.wait_for_line("waiting for others in bucket")
                done = check(server.url)
                self.assertEqual(done.returncode, 0, done)
                self.assertIn("1 of 64 participants are in it, and it takes more", done.stdout)

    def test_two_servers(self):
        with Server() as one, Server() as other:
            done = check(one.url, "--server", other.url)
            self.assertEqual(done.returncode, 0, done)
            self.assertEqual(done.stdout.count("good   server"), 2)
            for url in (one.url, other.url):
                self.assertIn(f"{url}\n", done.stdout)

    def test_for_programs(self):
        with Server() as server:
            done = check(server.url, "--json")
            told = [json.loads(line) for line in done.stdout.splitlines()]
            self.assertEqual([event["event"] for event in told],
                             ["start", *["check"] * 7, "end"])
            self.assertTrue(all(event["good"] for event in told[1:-1]))
            self.assertEqual([event.get("server") for event in told],
                             [None, *[server.url] * 6, None, None])
            self.assertEqual(told[-1]["code"], 0)

    def test_a_url_that_is_not_utf8(self):
        path = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory())) / "s"
        done = subprocess.run([CLIENT, "check", "--json", "--server", f"unix:{path}".encode() +
                               b"\xff\xc3\xb6"], stdin=subprocess.DEVNULL, capture_output=True,
                              check=False)
        told = [json.loads(line) for line in done.stdout.decode().splitlines()]
        self.assertEqual(told[1]["server"], f"unix:{path}???")

    def test_an_interrupt(self):
        with OddServer({}) as odd:
            odd.routes = {"GET /v1/server": odd.silence}
            with Program("check", [CLIENT, "check", "--server", odd.url]) as program:
                odd.wait_for_request("GET /v1/server")
                self.assertEqual(program.stop(signal.SIGINT), 130)


class Unreachable(Case):
    def test_nobody_listens(self):
        with socket.socket() as bound:
            bound.bind(("127.0.0.1", 0))
            self.assert_wrong(f"http://127.0.0.1:{bound.getsockname()[1]}", 3, "connection",
                              "nobody listens", "Is the server running")

    def test_a_proxy_that_is_not_there(self):
        with socket.socket() as bound:
            bound.bind(("127.0.0.1", 0))
            proxy = f"socks5h://127.0.0.1:{bound.getsockname()[1]}"
            self.assert_wrong("https://meet.example", 3, "connection", f"the proxy {proxy} cannot "
                              "be reached: nobody listens there", "Is the proxy running",
                              options=("--proxy", proxy))

    def test_sockets(self):
        """Nobody speaks of a port."""
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "file").touch()
            for name, said in (("none", "there is no such socket: No such file"),
                               ("file", "what is there is no socket")):
                line = self.assert_wrong(f"unix:{folder}/{name}", 3, "connection", said, "path")
                self.assertNotIn("port", line)

    def test_a_name_that_is_none(self):
        self.assert_wrong("https://no-such-name.invalid", 3, "connection", "spelt right")

    def test_something_else_listens(self):
        for answer, about in (((200, {}, b"<html>Welcome"), "server"), ((404, {}, b""), "server"),
                              ((503, {"Retry-After": "7"}, b""), "server"),
                              (b"SSH-2.0-OpenSSH_9\r\n", "connection")):
            with OddServer({"GET /v1/server": answer}) as odd:
                self.assert_wrong(odd.url, 3, about)

    def test_an_address_that_is_none(self):
        done = check("ftp://example.org")
        self.assertEqual((done.returncode, done.stdout), (2, ""))


class Between(Case):
    """What lies between here and the server."""

    def setUp(self):
        self.server = self.enterContext(Server("--wait-max", 3))
        self.gateway = self.enterContext(Gateway(self.server))

    def wait_for_bob(self):
        bob = self.enterContext(client("Bob", "x", "jelly", 600, "--server", self.server.url))
        bob.wait_for_line("waiting for others")

    def lines(self, about):
        done = check(self.gateway.url)
        self.assertEqual(done.returncode, 0, done)
        return [line for line in done.stdout.splitlines() if line.split()[1:2] == [about]]

    def test_a_proxy_whose_server_is_down(self):
        self.server.kill()
        self.assert_wrong(self.gateway.url, 3, "server", "the proxy is there, the server behind it "
                          "is not (status 502)")
        self.server.start()

    def test_how_long_a_request_may_wait(self):
        self.wait_for_bob()
        self.assertIn("a request may wait 3 s", self.lines("waiting")[0])
        for cut, said in ((504, "answers with status 504"), (502, "answers with status 502"),
                          ("close", "closes the connection"), ("reset", "closes the connection")):
            self.gateway.limit_s, self.gateway.cut = 1.2, cut
            line, = self.lines("waiting")
            self.assertRegex(line, r"lets a request wait \d+\.\d s and then " + said)
            self.assertRegex(line, r"ask again every \d+ s")

    def test_a_cache_that_answers_instead(self):
        now = int(time.time())
        routes = {"GET /v1/server": description(),
                  "GET /v1/buckets": {"buckets": [bucket(now - now % 3600)], "more": False},
                  "GET /v1/buckets/": (200, {"Reunion-Cursor": "c"}, b"")}
        with OddServer(routes) as odd:
            self.assert_wrong(odd.url, 3, "waiting", "had an empty answer after 0.", "cache")

    def test_headers_that_are_taken_away(self):
        self.wait_for_bob()
        for name, about in (("authorization", "posting"), ("reunion-cursor", "waiting")):
            self.gateway.taken = {name}
            self.assert_wrong(self.gateway.url, 3, about, name.title(), "must pass it on")
        self.gateway.taken = {"content-type"}
        # Of answers that does no harm; a request without it is refused.
        self.assert_wrong(self.gateway.url, 3, "posting", "Content-Type of requests")
        self.gateway.taken = set()
        self.gateway.change = lambda line, status, headers, body: (
            status, {name: value for name, value in headers.items()
                     if name not in ("Content-Type", "Date")}, body)
        self.assertIn("Content-Type away; that does no harm", self.lines("headers")[0])
        self.assertIn("has no Date", self.lines("clock")[0])

    def test_answers_that_are_compressed_or_altered(self):
        self.wait_for_bob()
        for part, about in (("/v1/server", "server"), ("/feed", "waiting"), ("/t1", "records")):
            def packed(line, status, headers, body, part=part):
                if line.startswith("GET") and part in line.partition("?")[0]:
                    return (status, {**headers, "Content-Encoding": "gzip"}, gzip.compress(body))
                return (status, headers, body)
            self.gateway.change = packed
            self.assert_wrong(self.gateway.url, 3, about, "compressed on the way")
        self.gateway.change = lambda line, status, headers, body: (
            (status, headers, body + b"!") if line.endswith("/t1") else (status, headers, body))
        self.assert_wrong(self.gateway.url, 3, "records", "alters answers")

    def test_who_stands_in_the_servers_place(self):
        for answer, *said in (
                ((302, {"Location": "https://login.example/x"}, b""), "https://login.example",
                 "not followed"),
                ((308, {"Location": "https://other.example"}, b""), "https://other.example"),
                ((401, {}, b""), "user name and password"),
                ((407, {}, b""), "a proxy there asks for a user name"),
                ((511, {}, b"<html>"), "asks for a login"), ((403, {}, b"<html>"), "forbids"),
                ((200, {}, b"<html>Log in"), "captive portal"), ((429, {}, b""), "too many"),
                ((504, {}, b""), "does not answer in time"),
                ((503, {}, b"<html>"), "the server behind it is not")):
            with OddServer({"GET /v1/server": answer}) as odd:
                self.assert_wrong(odd.url, 3, "server", *said)

    def test_posts_that_do_not_arrive_whole(self):
        for status, slug, said in ((401, "key-required", "Authorization away"),
                                   (415, "media-type", "Content-Type of requests"),
                                   (411, "length-required", "Content-Length away"),
                                   (400, "malformed-body", "alters what is sent"),
                                   (503, "unavailable", "takes nothing now")):
            problem = json.dumps({"type": f"urn:reunion:problem:{slug}"}).encode()
            with OddServer({"GET /v1/server": description(), "POST /v1/t1": (status, {}, problem),
                            "GET /v1/buckets": {"buckets": [], "more": False}}) as odd:
                self.assert_wrong(odd.url, 3, "posting", said)

    def test_posts_that_something_refuses(self):
        self.gateway.instead = lambda line: 403 if line.startswith("POST") else None
        self.assert_wrong(self.gateway.url, 3, "posting", "forbids the request (status 403)")
        self.gateway.instead = lambda line: 405 if line.startswith("POST") else None
        self.assert_wrong(self.gateway.url, 3, "posting", "status 405")

    def test_nothing_is_stored(self):
        self.lines("posting")
        self.assertEqual(self.server.get("/v1/buckets").json()["buckets"], [])


class Refused(Case):
    def assert_bucket(self, *parts, options=(), **changed):
        with OddServer({}) as odd:
            odd.routes = {"GET /v1/server": description(),
                          "GET /v1/buckets": {"buckets": [bucket(**changed)], "more": False},
                          "GET /v1/buckets/": bucket(**changed)}
            self.assert_wrong(odd.url, 4, "bucket", *parts, options=options)

    def test_buckets_that_cannot_be_everybodys(self):
        hour = odd_server.this_hour()
        self.assert_bucket("future", created=hour + 7200)
        self.assert_bucket("too old", created=hour - 108000)
        self.assert_bucket("beginning of a window", created=hour + 1)
        self.assert_bucket("does not belong", created=hour, link="11" * 32)

    def test_named_buckets(self):
        link = odd_server.link_of(int(time.time()), 0)
        for status, part in ((404, "none with that link"), (410, "past its lifetime")):
            with OddServer({"GET /v1/server": description(),
                            "GET /v1/buckets/": (status, {}, b"")}) as odd:
                self.assert_wrong(odd.url, 4, "bucket", part, options=("--bucket", link))

    def test_a_clock_that_is_off(self):
        for off_s, part in ((3600, "behind"), (-3600, "ahead")):
            date = email.utils.formatdate(time.time() + off_s, usegmt=True)
            body = json.dumps(description()).encode()
            with OddServer({"GET /v1/server": (200, {"Date": date}, body),
                            "GET /v1/buckets": {"buckets": [], "more": False}}) as odd:
                self.assert_wrong(odd.url, 4, "clock", part, "Set the clock")


class Certificates(Case):
    """A listener that does no more than show a certificate."""

    def setUp(self):
        needs(self, "openssl")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=self.folder)

    def sign(self, begin, end):
        """A certificate of its own key with these times, which only `openssl ca` can set."""
        (self.folder / "index").touch()
        (self.folder / "ca.conf").write_text(
            "[ca]\ndefault_ca = d\n[d]\ndatabase = index\nnew_certs_dir = .\n"
            "rand_serial = yes\nunique_subject = no\ndefault_md = sha256\n"
            "policy = p\ncopy_extensions = copy\n"
            "[p]\ncommonName = supplied\n")
        self.openssl("ca", "-batch", "-selfsign", "-config", "ca.conf", "-keyfile", "key",
                     "-in", "request", "-out", "certificate", "-startdate", begin,
                     "-enddate", end, "-notext")

    def show(self, name, days_from=-1, days_to=1):
        """The address of a listener whose certificate, signed by itself, is for `name`."""
        self.openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                     "-nodes", "-keyout", "key", "-out", "request", "-subj", f"/CN={name}",
                     "-addext", f"subjectAltName=DNS:{name}")
        now = datetime.datetime.now(datetime.timezone.utc)
        self.sign(*((now + datetime.timedelta(days=days)).strftime("%Y%m%d%H%M%SZ")
                    for days in (days_from, days_to)))
        files = [self.folder / part for part in ("key", "certificate")]
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(files[1], files[0])
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)

        def serve():
            while True:
                try:
                    connection, _ = listener.accept()
                    with connection:
                        context.wrap_socket(connection, server_side=True).close()
                except ssl.SSLError:
                    pass
                except OSError:
                    return
        threading.Thread(target=serve, daemon=True).start()
        return f"https://localhost:{listener.getsockname()[1]}", files[1]

    def test_signed_by_nobody_known(self):
        url, _ = self.show("localhost")
        self.assert_wrong(url, 3, "connection", "certificate", "No authority known here",
                          "--cacert")

    def test_for_another_name(self):
        url, certificate = self.show("elsewhere.example")
        self.assert_wrong(url, 3, "connection", "another name",
                          options=("--cacert", certificate))

    def test_another_key_than_the_pinned_one(self):
        url, certificate = self.show("localhost")
        self.assert_wrong(url, 3, "connection", "pin", options=(
            "--cacert", certificate, "--pin", "sha256//" + "A" * 43 + "="))

    def test_times(self):
        for days, part in (((-3, -2), "expired"), ((2, 3), "not valid yet")):
            url, certificate = self.show("localhost", *days)
            self.assert_wrong(url, 3, "connection", part, options=("--cacert", certificate))


if __name__ == "__main__":
    unittest.main(verbosity=2)
