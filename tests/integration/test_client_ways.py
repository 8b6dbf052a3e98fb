"""The ways to a server: TLS with authorities and pins, sockets, proxies, and what is refused."""

import pathlib
import signal
import socket
import ssl
import tempfile
import time
import unittest

from certificates import Authority, pin
from harness import ClockServer, Server
from odd_server import OddServer, description
from ours import BUILD, client, revealed
from programs import Program
from relay import Relay, Wire
from socks_server import SocksServer

LIFETIME_S = 24 * 60 * 60
KINDS = {"t1", "t2", "t3", "feed", "read"}
# What was read is asked for once more over one of its own, to be compared.
CIRCUITS = len(KINDS) + 1


def come(name, server, *options):
    return client(name, f"from {name}", "jelly", 600, "--server", server, *options)


class Case(unittest.TestCase):
    def assert_meet(self, a, b):
        a.wait_for_line("from Bob", "out")
        b.wait_for_line("from Alice", "out")
        self.assertEqual(revealed(a.lines), ["from Bob"])

    def assert_ends(self, program, code, said):
        with program:
            self.assertEqual(program.wait_for_end(), code, program.transcript())
            program.wait_for_line(said, "err")


class TlsFront:
    """TLS before a server."""

    def __init__(self, server, certificate, key, version=None):
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate, key)
        if version:
            self._context.set_ciphers("ALL:@SECLEVEL=0")
            self._context.minimum_version = self._context.maximum_version = version
        self._server = server
        self._relay = Relay(self._accept)

    def _accept(self, plain):
        secure = self._context.wrap_socket(plain, server_side=True)
        self.version = secure.version()
        server = socket.create_connection((self._server.host, self._server.port))
        return Wire(server, client=secure)

    def __enter__(self):
        self.version = None
        self.port = self._relay.start()
        self.url = f"https://127.0.0.1:{self.port}"
        return self

    def __exit__(self, *_):
        self._relay.stop()


class Tls(Case):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        folder = pathlib.Path(cls.folder.name)
        cls.authority, cls.other = Authority(folder, "authority"), Authority(folder, "other")
        cls.good = cls.authority.issue("good", "IP:127.0.0.1")
        cls.elsewhere = cls.authority.issue("elsewhere", "DNS:meet.example")
        cls.expired = cls.authority.issue("expired", "IP:127.0.0.1", days=-1)
        cls.pin, cls.other_pin = pin(cls.good[0]), pin(cls.elsewhere[0])
        cls.server = Server().start()

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        cls.folder.cleanup()

    def test_an_authority_of_ones_own_and_a_pin(self):
        with TlsFront(self.server, *self.good) as front, \
                come("Alice", front.url, "--cacert", self.authority.file) as a, \
                come("Bob", front.url, "--cacert", self.authority.file, "--pin",
                     f"{self.other_pin};{self.pin}") as b:
            self.assert_meet(a, b)
            self.assertIn(front.version, ("TLSv1.2", "TLSv1.3"))

    def test_what_is_not_to_be_trusted(self):
        """Nobody is asked, and nothing is sent."""
        untrusted = "certificate cannot be trusted"
        for certificate, options, code, said in [
                (self.good, (), 3, untrusted),
                (self.good, ("--cacert", self.other.file), 3, untrusted),
                (self.elsewhere, ("--cacert", self.authority.file), 3, untrusted),
                (self.expired, ("--cacert", self.authority.file), 3, untrusted),
                (self.good, ("--cacert", self.authority.file, "--pin", self.other_pin), 3,
                 "not the pinned one"),
                (self.good, ("--cacert", "/dev/null"), 2, "holds no certificate")]:
            with self.subTest(options=options, said=said), \
                    TlsFront(self.server, *certificate) as front:
                self.assert_ends(come("Alice", front.url, *options), code, said)

    def test_old_tls_is_refused(self):
        with TlsFront(self.server, *self.good, version=ssl.TLSVersion.TLSv1_1) as front:
            self.assert_ends(come("Alice", front.url, "--cacert", self.authority.file), 3,
                             "cannot be reached")
            self.assertIsNone(front.version)


class Sockets(Case):
    def test_a_socket_of_this_machine(self):
        with Server() as server, tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "reunion.sock")
            relay = Relay(
                lambda _: Wire(socket.create_connection((server.host, server.port))), path)
            relay.start()
            encoded = str(path).replace("/", "%2F")
            with come("Alice", f"unix:{path}") as a, come("Bob", f"http+unix://{encoded}") as b:
                self.assert_meet(a, b)
            relay.stop()


class Proxies(Case):
    def test_each_kind_of_request_has_a_circuit_of_its_own(self):
        """And so have two runs."""
        with Server() as one, SocksServer(one.host, one.port) as socks:
            with come("Alice", "http://meet.onion", "--proxy", socks.url) as a, \
                    come("Bob", one.url) as b:
                self.assert_meet(a, b)
            kinds = socks.kinds()
            self.assertEqual(sorted(len(each) for each in kinds.values()), [1] * CIRCUITS)
            self.assertEqual(set.union(*kinds.values()), KINDS)
            for part in zip(*kinds):
                self.assertEqual(len(set(part)), CIRCUITS)  # names, and passwords
            for visit in socks.visits:
                self.assertTrue(visit.by_name)  # it was not looked up here
                self.assertEqual((visit.host, visit.port), ("meet.onion", 80))
            with come("Alice", "http://meet.onion", "--proxy", socks.url) as a, \
                    come("Bob", one.url) as b:
                self.assert_meet(a, b)
            again = {key: each for key, each in socks.kinds().items() if key not in kinds}
            self.assertEqual(sorted(len(each) for each in again.values()), [1] * CIRCUITS)

    def test_a_new_session_comes_from_somebody_else(self):
        """When a bucket is over, nothing that posted the old T1 posts the new one."""
        with ClockServer() as server, SocksServer(server.host, server.port) as socks:
            with come("Alice", "http://meet.onion", "--proxy", socks.url) as a:
                a.wait_for_line("waiting for others")
                before = {key for key, kinds in socks.kinds().items() if "t1" in kinds}
                server.advance(LIFETIME_S + 1)
                server.step_wall(-LIFETIME_S - 1)
                a.wait_for("another place", lambda lines: sum(
                    "waiting for others" in line.text for line in lines) == 2)
            after = {key for key, kinds in socks.kinds().items() if "t1" in kinds} - before
            self.assertEqual((len(before), len(after)), (1, 1))

    def test_a_proxy_of_http_sees_where_to_and_no_more(self):
        with Server() as server:
            asked = []

            def connect(peer):
                head = b""
                while not head.endswith(b"\r\n\r\n"):
                    head += peer.recv(1)
                asked.append(head)
                peer.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                return Wire(socket.create_connection((server.host, server.port)))
            relay = Relay(connect)
            proxy = f"http://127.0.0.1:{relay.start()}"
            with come("Alice", "http://meet.example", "--insecure-http", "--proxy", proxy) as a, \
                    come("Bob", server.url) as b:
                self.assert_meet(a, b)
            relay.stop()
            self.assertGreaterEqual(len(asked), len(KINDS))
            for head in asked:
                self.assertTrue(head.startswith(b"CONNECT meet.example:80 HTTP/1.1\r\n"), head)

    def test_the_environment_has_no_say(self):
        nowhere = "http://127.0.0.1:1"
        environment = {"http_proxy": nowhere, "ALL_PROXY": nowhere}
        with Server() as server, Program("Alice", [
                BUILD / "client" / "reunion-client", "--msg", "from Alice", "--passphrase", "jelly",
                "--server", server.url], env=environment) as a, come("Bob", server.url) as b:
            self.assert_meet(a, b)
        environment = {"no_proxy": "*", "NO_PROXY": "*"}
        with Server() as server, SocksServer(server.host, server.port) as socks, Program("Alice", [
                BUILD / "client" / "reunion-client", "--msg", "from Alice", "--passphrase", "jelly",
                "--server", "http://meet.onion", "--proxy", socks.url], env=environment) as a:
            a.wait_for_line("waiting for others")

    def test_a_proxy_that_is_not_there(self):
        with Server() as server:
            program = client("Alice", "from Alice", "jelly", 1, "--server", server.url,
                             "--insecure-http", "--proxy", "socks5h://127.0.0.1:1")
            self.assert_ends(program, 3, "cannot be reached")


class Refusals(Case):
    def test_http_is_for_this_machine(self):
        for server, said in [("http://meet.example", "--insecure-http"),
                             ("http://192.0.2.1:5000", "--insecure-http"),
                             ("http://meet.onion", "--proxy"),
                             ("https://user:secret@meet.example", "--server")]:
            with self.subTest(server=server):
                program = come("Alice", server)
                self.assert_ends(program, 2, said)
                self.assertNotIn("secret", program.transcript().replace(server, ""))

    def test_a_redirect_is_an_answer_like_any_other(self):
        with Server() as server, OddServer({
                "GET /": (302, {"Location": f"{server.url}/v1/server"}, b"")}) as odd:
            self.assert_ends(come("Alice", odd.url), 3, "no REUNION server")


class SeveralServers(Case):
    def test_one_is_away_and_the_other_serves(self):
        with Server() as server, Server() as away:
            away.kill()
            with come("Alice", away.url, "--server", server.url) as a, \
                    come("Bob", server.url) as b:
                self.assert_meet(a, b)
                a.wait_for_line(f"at {away.url}: the server cannot be reached")
                self.assertEqual(a.stop(signal.SIGTERM), 0)
            away.start()

    def test_who_is_met_at_both_is_told_once(self):
        with Server() as one, Server() as two, \
                come("Alice", one.url, "--server", two.url) as a, \
                come("Bob", one.url, "--server", two.url) as b, come("Carol", two.url) as c:
            for program in (a, b):
                program.wait_for_line("from Carol", "out")
            c.wait_for_line("from Alice", "out")
            c.wait_for_line("from Bob", "out")
            a.wait_for_line("from Bob", "out")
            b.wait_for_line("from Alice", "out")
            self.assertEqual(sorted(revealed(a.lines)), ["from Bob", "from Carol"])
            self.assertEqual(sorted(revealed(b.lines)), ["from Alice", "from Carol"])

    def test_what_is_asked_of_two_servers_comes_from_two(self):
        """One run, one proxy: no name or password is used at both."""
        with Server() as server, SocksServer(server.host, server.port) as socks, \
                come("Alice", "http://one.onion", "--server", "http://two.onion", "--proxy",
                     socks.url) as a:
            a.wait_for_line("at http://one.onion: waiting", "err")
            a.wait_for_line("at http://two.onion: waiting", "err")
            of_each = {}
            for visit in socks.visits:
                of_each.setdefault(visit.host, set()).update([visit.name, visit.password])
            self.assertEqual(set(of_each), {"one.onion", "two.onion"})
            self.assertFalse(of_each["one.onion"] & of_each["two.onion"])

    def test_the_same_one_twice_is_refused(self):
        key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
        for one, again in (("http://127.0.0.1:1", "http://127.0.0.1:1"),
                           ("http://127.0.0.1:1", "http://127.0.0.1:1/"),
                           (f"box://meet.example#{key}", f"box://meet.example:5443#{key}"),
                           (f"box://meet.example#{key}", f"box://[::1]:1#{key}")):
            self.assert_ends(come("Alice", one, "--server", again), 2, "named twice")


class RetryAfter(Case):
    def test_a_server_that_is_busy_is_left_in_peace(self):
        """As long as it asks for; what its answer may say is tested in tests/unit/transport."""
        asked = []

        def serve(_, __):
            asked.append(time.monotonic())
            return (503, {"Retry-After": "1"}, b"") if len(asked) == 1 else description()
        with OddServer({"GET /v1/server": serve}) as odd, come("Alice", odd.url):
            odd.wait_for_request("POST /v1/t1")
        self.assertGreaterEqual(asked[1] - asked[0], 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
