"""The client behind proxies: what ends a wait, who answers in a server's place, who starts late."""

import contextlib
import json
import signal
import socket
import threading
import unittest

from gateway import Gateway
from harness import Server
from link_program import LINK, run
from odd_links import OddLinks
from odd_server import OddServer, description, posted, sound_routes
from ours import BUILD, client, revealed
from programs import PATIENCE_S, Program

CLIENT = BUILD / "client" / "reunion-client"


def come(name, url, *options, duration_s=600):
    return client(name, f"from {name}", "jelly", duration_s, "--server", url, *options)


def stay(name, url, *options):
    """Without a duration."""
    return Program(name, [CLIENT, "--msg", f"from {name}", "--passphrase", "jelly",
                          "--server", url, *options])


def without_stamps(line, status, headers, body):
    """As a server tells it that knows of none, so that nobody searches for one while waiting, which
    has waits of a second as well."""
    if line == "GET /v1/server":
        told = json.loads(body)
        del told["stamp"]
        body = json.dumps(told).encode()
    return status, headers, body


class LongPolls(unittest.TestCase):
    """What ends a feed that waits is nothing new, and the next waits are shorter."""

    def test_a_gateway_that_gives_up(self):
        for cut in (504, 502, "close", "reset"):
            with self.subTest(cut), Server() as server, Gateway(server, 2.2, cut) as gateway, \
                    contextlib.ExitStack() as stack:
                gateway.change = without_stamps
                a = stack.enter_context(come("Alice", gateway.url))
                gateway.wait_for_request("wait=1", 3)
                # Her own T1 is new at first; a connection that was kept is tried once more.
                feeds = gateway.feeds()
                self.assertIn(feeds.count(55), (2, 3), feeds)
                self.assertEqual(feeds, sorted(feeds, reverse=True))
                self.assertEqual(set(feeds), {55, 1})
                with come("Bob", server.url) as b:
                    a.wait_for_line("from Bob", "out")
                    b.wait_for_line("from Alice", "out")
                said = " ".join(line.text for line in a.lines if line.stream == "err")
                for word in ("does not answer", "cannot serve", "again", "back", "lost"):
                    self.assertNotIn(word, said)
                self.assertEqual(a.stop(), 0)

    def test_an_outage_is_one(self):
        """It is told once, and its end at once, though nothing is new then."""
        for how in (502, "reset"):
            with self.subTest(how), Server() as server, Gateway(server) as gateway, \
                    come("Alice", gateway.url) as a:
                gateway.wait_for_request("/feed")
                gateway.instead = lambda _, how=how: how
                with come("Bob", server.url):
                    a.wait_for_line("trying again")
                gateway.instead = lambda _: None
                a.wait_for_line("the server is back")
                self.assertEqual(sum("trying again" in line.text for line in a.lines), 1)

    def test_a_server_that_is_killed_as_a_request_waits(self):
        with Server() as server, Gateway(server) as gateway, come("Alice", gateway.url) as a:
            gateway.wait_for_request("/feed")
            server.kill()
            a.wait_for_line("the proxy is there, the server behind it is not (status 502)")
            server.start()
            # With another port; the gateway knows it.
            a.wait_for_line("the server is back")


class Late:
    """An address where nobody listens until `start`."""

    def __init__(self):
        self._bound = socket.socket()
        self._bound.bind(("127.0.0.1", 0))
        self.port = self._bound.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._bound.close()

    def serve(self, stack):
        self._bound.close()
        program = stack.enter_context(Program("server", [
            BUILD / "server" / "reunion-server", "--listen", f"127.0.0.1:{self.port}",
            "--metrics-listen", "none", "--db", ":memory:"]))
        program.wait_for_line('event="ready"')


class Patience(unittest.TestCase):
    def test_a_server_that_starts_late(self):
        for start, said in ((come, "trying until the time of --duration is over"),
                            (stay, "trying for 30 s")):
            with contextlib.ExitStack() as stack, Late() as late:
                a = stack.enter_context(start("Alice", late.url))
                line = a.wait_for_line("cannot be reached yet (nobody listens there: Connection "
                                       "refused)").text
                self.assertIn(late.url, line)
                self.assertIn(said, line)
                late.serve(stack)
                a.wait_for_line("waiting for others")
                a.wait_for_line("the server is back")
                self.assertEqual(sum("yet" in each.text for each in a.lines), 1)

    def test_what_may_pass_at_first_contact(self):
        """A page of a proxy, a firewall's, a connection that breaks: until the server is there."""
        for how in (502, 403, "reset"):
            with self.subTest(how), Server() as server, Gateway(server) as gateway:
                gateway.instead = lambda _, how=how: how
                with come("Alice", gateway.url) as a:
                    self.assertIn(gateway.url, a.wait_for_line(" yet (").text)
                    gateway.instead = lambda _: None
                    a.wait_for_line("waiting for others")

    def test_every_kind_of_request_that_somebody_in_between_refuses(self):
        """Nothing is lost by it, and the two meet."""
        for part, how in (("POST /v1/t1", 403), ("GET /v1/buckets", 429), ("/feed", 503),
                          ("/t2", 404), ("/t3", 403)):
            with self.subTest(part=part, how=how), Server() as server, \
                    Gateway(server) as gateway, come("Bob", server.url) as b:
                b.wait_for_line("waiting for others")
                refused = []

                def refuse(line, part=part, how=how, refused=refused):
                    if part in line and len(refused) < 2:
                        refused.append(line)
                        return how
                    return None
                gateway.instead = refuse
                with come("Alice", gateway.url) as a:
                    a.wait_for_line("from Bob", "out")
                    b.wait_for_line("from Alice", "out")
                    self.assertEqual(revealed(a.lines), ["from Bob"])
                self.assertEqual(len(refused), 2)

    def test_what_is_certain_is_told_at_once(self):
        for answer, said in (
                ((302, {"Location": "https://login.example/x"}, b""), "https://login.example"),
                ((401, {}, b""), "asks for a user name and password"),
                ((407, {}, b""), "asks for a user name and password"),
                ((511, {}, b"<html>"), "asks for a login"),
                ((200, {}, b"<html>Welcome"), "a web page answers"),
                ((200, {"Content-Encoding": "gzip"}, b"\x1f\x8b"), "compressed on the way"),
                ((404, {}, b""), "status 404")):
            with OddServer({"GET /v1/server": answer}) as odd, come("Alice", odd.url) as a:
                self.assertEqual(a.wait_for_end(), 3, a.transcript())
                self.assertIn(odd.url, a.wait_for_line(said).text)
                self.assertEqual(len(odd.asked), 1)

    def test_patience_has_an_end(self):
        """With a duration when that is over, however short; that half a minute ends, the tests of
        meets and links show with a clock of their own."""
        with Late() as late, come("Alice", late.url, duration_s=1) as a, \
                come("Bob", late.url, "--json", duration_s=1) as b, \
                Program("Carol", [LINK, "create", "--server", late.url, "x"]) as c:
            self.assertEqual(a.wait_for_end(), 3)
            self.assertIn(late.url, a.wait_for_line("the server cannot be reached (nobody").text)
            self.assertNotIn("nobody was met", a.transcript())
            self.assertEqual(b.wait_for_end(), 3)
            for event in ("away", "ended"):
                told = json.loads(b.wait_for_line(f'"event":"{event}"', "out").text)
                self.assertEqual((told["reason"], told["detail"]), (
                    "unreachable",
                    f"at {late.url}: nobody listens there: Connection refused"))
            self.assertIn(late.url, c.wait_for_line("trying for 30 s").text)
            self.assertEqual(c.stop(signal.SIGINT), 130)

    def test_a_server_that_had_not_answered_when_time_was_over(self):
        with OddServer({}) as odd:
            odd.routes = {"GET /": lambda line, body: odd.stopping.wait(PATIENCE_S)}
            with come("Alice", odd.url, duration_s=1) as a:
                self.assertEqual(a.wait_for_end(), 3, a.transcript())
                self.assertIn(odd.url, a.wait_for_line("no answer before the time was over").text)

    def test_a_server_that_tells_what_holds_there_and_then_hangs(self):
        """At whatever is asked next; who was never listened to was not reached."""
        for hangs in ("GET /v1/b", "POST /v1/t1", "/feed"):
            with self.subTest(hangs), Server() as server, Gateway(server) as gateway:
                let_go = threading.Event()
                gateway.instead = lambda line, hangs=hangs, let_go=let_go: (
                    let_go.wait(PATIENCE_S) and 502 if hangs in line else None)
                with come("Alice", gateway.url, duration_s=6) as a:
                    gateway.wait_for_request(hangs)
                    self.assertEqual(a.wait_for_end(), 3, a.transcript())
                    line = a.wait_for_line("no answer before the time was over").text
                    self.assertIn(gateway.url, line)
                    self.assertNotIn("nobody was met", a.transcript())
                    let_go.set()


class Links(unittest.TestCase):
    def test_a_server_that_cannot_serve_for_a_while(self):
        odd = OddLinks()
        for part in ("POST /v1/links", "GET /v1/links"):
            for how in ((502, {}, b"<html>"), b""):
                odd.posted.clear()
                refused = []
                with OddServer({}) as server:
                    whole = odd.routes()

                    def answer(line, body, whole=whole, refused=refused, part=part, how=how):
                        if line.startswith(part) and not refused:
                            refused.append(line)
                            return how
                        route = max((each for each in whole if line.startswith(each)), key=len)
                        made = whole[route]
                        return made(line, body) if callable(made) else made
                    server.routes = {"GET ": answer, "POST ": answer}
                    made = run("create", "--server", server.url, "https://chat.example/x")
                    self.assertEqual(made.returncode, 0, made)
                    # A connection that was kept is tried again without a word.
                    said = f"at {server.url}: the server" in made.stderr and " yet (" in made.stderr
                    self.assertTrue(said or how == b"", made)
                    self.assertEqual(len(refused), 1)
                    refused.clear()
                    told = run("open", made.stdout.strip())
                    self.assertEqual((told.returncode, told.stdout),
                                     (0, "https://chat.example/x\n"))


class Connect(unittest.TestCase):
    """What proxies say instead of connecting."""

    def proxy(self, answer, scheme):
        """A proxy that reads something and answers; of SOCKS after a greeting that is taken."""
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)

        def serve():
            with contextlib.suppress(OSError):
                while True:
                    peer, _ = listener.accept()
                    with peer, contextlib.suppress(OSError):
                        for each in answer:
                            peer.recv(4096)
                            peer.sendall(each)
                        peer.recv(4096)
        threading.Thread(target=serve, daemon=True).start()
        return f"{scheme}://127.0.0.1:{listener.getsockname()[1]}"

    def assert_said(self, proxy, said, certain=False):
        with come("Alice", "https://meet.example", "--proxy", proxy) as a:
            line = a.wait_for_line(said).text
            self.assertIn("https://meet.example", line)
            if certain:
                self.assertEqual(a.wait_for_end(), 3)
            else:
                self.assertIn("trying until", line)

    def test_one_that_is_not_there(self):
        """Not the server is said to be away."""
        with Late() as late:
            for proxy in (f"socks5h://127.0.0.1:{late.port}", late.url):
                self.assert_said(proxy, f"the proxy {proxy} cannot be reached: nobody listens")

    def test_http(self):
        for status, said, certain in ((407, "user name and password (status 407)", True),
                                      (403, "does not allow connections there (status 403)", False),
                                      (502, "does not reach the server (status 502)", False)):
            answer = f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n".encode()
            self.assert_said(self.proxy([answer], "http"), said, certain)

    def test_socks(self):
        taken = [b"\x05\x02", b"\x01\x00"]
        for code, said in ((1, "general SOCKS server failure"), (2, "not allowed by its rules"),
                           (3, "network unreachable"), (4, "host unreachable"),
                           (5, "connection refused"), (6, "TTL expired"),
                           (7, "command not supported"), (8, "address type not supported"),
                           (0xf0, "a code of its own")):
            reply = bytes([5, code, 0, 1]) + bytes(6)
            self.assert_said(self.proxy([*taken, reply], "socks5h"), said)
        self.assert_said(self.proxy([b"\x05\xff"], "socks5h"), "does not take the random name",
                         True)
        self.assert_said(self.proxy([b"HTTP/1.1 400 Bad\r\n\r\n"], "socks5h"), "no SOCKS 5 proxy",
                         True)


class Posts(unittest.TestCase):
    def test_a_write_key_that_is_taken_away(self):
        with Server() as server, Gateway(server) as gateway:
            gateway.taken = {"authorization"}
            with come("Alice", gateway.url) as a:
                self.assertEqual(a.wait_for_end(), 4, a.transcript())
                self.assertIn(gateway.url, a.wait_for_line("takes the Authorization header").text)

    def test_a_refusal_of_the_server_itself_ends_it(self):
        problem = b'{"type": "urn:reunion:problem:wrong-key"}'
        with OddServer({}) as odd:
            odd.routes = {**sound_routes(odd), "POST /v1/t1": (403, {}, problem)}
            with come("Alice", odd.url) as a:
                self.assertEqual(a.wait_for_end(), 4, a.transcript())
                odd.routes = {"GET /v1/server": description(), "POST /v1/t1": posted()}


if __name__ == "__main__":
    unittest.main(verbosity=2)
