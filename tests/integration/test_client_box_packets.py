"""Servers that clients reach by packets of the box transport: meetings and links through the
independent server of packets, bad networks, and servers that lie or stay silent."""

import os
import signal
import socket
import unittest

import stamps
from harness import Server
from link_program import LinkCase, run
from meeting import MeetingCase, come
from needed import lacks
from ours import BUILD
from programs import Program

try:
    import box_packet_relay
    import box_packet_server
    import box_peer
    from box_packet_relay import (BUCKETS, DESCRIBE, FEED, POST_T1, POST_T2S, POST_T3S,
                                  READ_LINKS, READ_T1S, PacketRelay, Weather, number)
    LACKING = None
except ModuleNotFoundError as error:
    LACKING = f"{error} (Debian's package python3-nacl)"


def setUpModule():
    if LACKING:
        lacks(None, LACKING)


def url_of(server):
    (host, port), key = box_packet_server.address_of(server)
    return f"box+udp://{host}:{port}#{box_peer.key_text(key)}"


def stranger():
    return box_peer.key_text(box_peer.KeyPair().public)


class Case(MeetingCase, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server().start()

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()

    def relay(self, **options):
        return self.enterContext(PacketRelay((self.server.host, self.server.port), **options))


class Meetings(Case):
    def test_two_meet(self):
        """Everything in the name of a T1 has one key and one port, what everybody may ask another
        one; nobody's are like anybody else's."""
        relay = self.relay()
        with come("Alice", relay.url) as a, come("Bob", relay.url) as b:
            self.assert_meet(a, b)
        named = {POST_T1, POST_T2S, POST_T3S, FEED}
        of_t1 = {session for session, q in relay.asked if q[0] in named}
        of_all = {session for session, q in relay.asked if q[0] in (READ_T1S, BUCKETS)}
        self.assertEqual((len(of_t1), len(of_all), of_t1 & of_all), (2, 2, set()))
        ports = {}
        for (session, _), port in zip(relay.asked, relay.ports):
            ports.setdefault(session, set()).add(port)
        lasting = [ports[session] for session in of_t1 | of_all]
        self.assertEqual([len(each) for each in lasting], [1] * 4)
        self.assertEqual(len(set.union(*lasting)), 4)

    def test_whatever_way_the_others_come(self):
        relay = self.relay()
        with come("Alice", relay.url) as a, come("Bob", self.server.url) as b:
            self.assert_meet(a, b)

    def test_ipv6_and_a_place(self):
        relay = self.relay(host="::1")
        self.assertIn("[::1]", relay.url)
        with come("Alice", relay.url, "--place", "café") as a, \
                come("Bob", relay.url, "--place", "café") as b:
            self.assert_meet(a, b)

    def test_localhost_has_two_addresses(self):
        """Nobody listens at the first one, which is no reason to give up."""
        relay = self.relay()
        url = relay.url.replace("127.0.0.1", "localhost")
        with come("Alice", url) as a, come("Bob", relay.url) as b:
            self.assert_meet(a, b)

    def test_several_servers_in_one_run(self):
        relay = self.relay()
        with Server() as other, come("Alice", relay.url, "--server", other.url) as a:
            a.wait_for("both servers", lambda lines: sum(
                "waiting for others" in line.text for line in lines) == 2)
            with come("Bob", relay.url) as b:
                self.assert_meet(a, b)

    def test_a_server_that_is_named_twice(self):
        relay = self.relay()
        with come("Alice", relay.url, "--server", relay.url.replace("box+udp", "box")) as a:
            a.wait_for_line("is named twice", "err")
            self.assertEqual(a.wait_for_end(), 2)

    def test_a_bad_network(self):
        """Datagrams are lost, repeated, changed, and overtake each other."""
        relay = self.relay(weather=Weather(lost=0.05, repeated=0.2, changed=0.02, late_s=0.05))
        with come("Alice", relay.url) as a, come("Bob", relay.url) as b:
            self.assert_meet(a, b)

    def test_nobody_answers_for_a_while(self):
        relay = self.relay()
        with come("Alice", relay.url) as a:
            a.wait_for_line("waiting for others")
            relay.weather = Weather(lost=1)
            with come("Bob", relay.url) as b:
                b.wait_for_line("no answer", "err")
                relay.weather = Weather()
                self.assert_meet(a, b)


class RealServer(LinkCase, Case):
    """At a reunion-server that answers packets itself; more in test_client_box_packet_server.py."""

    @classmethod
    def setUpClass(cls):
        cls.server = box_packet_server.server().start()
        cls.url = url_of(cls.server)

    def test_a_newcomer_to_many(self):
        """T1s come in pages, in the feed as well; buckets are more than one."""
        posted = [os.urandom(288) for _ in range(70)]
        for t1 in posted:
            self.assertEqual(self.server.post("/v1/t1", t1, os.urandom(32)).status, 201)
        with come("Alice", self.url) as a, come("Bob", self.url) as b:
            self.assert_meet(a, b)

    def test_a_private_link_that_is_opened_over_http(self):
        invitation, = self.create(self.url, "https://chat.example")
        self.assert_opens(invitation, "https://chat.example", "--server", self.server.url)

    def test_a_link_at_a_server_whose_clock_is_off(self):
        """The reason is said, though only another request learns the server's time."""
        with box_packet_server.clock_server() as server:
            server.step_wall(7200)
            done = run("create", "--server", url_of(server), "https://chat.example")
            self.assert_ends(done, 4, "the future", "ahead of the clock here")

    def test_a_server_that_asks_for_work(self):
        with box_packet_server.server("--t1-free", "1") as server:
            url = url_of(server)
            stamps.priced(server)
            with come("Alice", url) as a:
                a.wait_for_line("s of work", "err")
                a.wait_for_line("waiting for others")
                with come("Bob", url) as b:
                    self.assert_meet(a, b)

    def test_check(self):
        with Program("check", [BUILD / "client" / "reunion-client", "check", "--server",
                               self.url]) as program:
            self.assertEqual(program.wait_for_end(), 0, program.transcript())
            for about in ("server", "key", "clock", "limits", "bucket"):
                program.wait_for_line(f"good   {about}", "out")


class Links(LinkCase, Case):
    def test_create_and_open(self):
        relay = self.relay()
        invitation, = self.create(relay.url, "https://chat.example")
        self.assertIn(relay.key, invitation)
        self.assert_opens(invitation, "https://chat.example")

    def test_it_is_read_whole(self):
        """Whichever of the 64 it is, all are read, in the same order."""
        relay = self.relay()
        invitation, = self.create(relay.url, "https://chat.example")
        before = len(relay.asked)
        self.assert_opens(invitation, "https://chat.example")
        asked = [q[33] for _, q in relay.asked[before:] if q[0] == READ_LINKS]
        self.assertEqual(asked, list(range(0, 64, 4)))

    def test_a_server_with_another_bucket_in_each_answer(self):
        relay = self.relay()
        invitation, = self.create(relay.url, "https://chat.example")

        def answer(q):
            p = relay.ops.answer(q)
            return p[:1] + number(int.from_bytes(p[1:13], "big") + q[33], 12) + p[13:]
        relay.answer = answer
        done = run("open", invitation)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("makes no sense", done.stderr)
        self.assertEqual(done.stdout, "")


class Silence(Case):
    def assert_said(self, url, *said):
        with come("Alice", url) as a:
            for part in said:
                a.wait_for_line(part, "err")
            self.assertNotEqual(a.stop(signal.SIGINT), 0)

    def test_nobody_listens(self):
        with socket.socket(type=socket.SOCK_DGRAM) as bound:
            bound.bind(("127.0.0.1", 0))
            port = bound.getsockname()[1]
        self.assert_said(f"box+udp://127.0.0.1:{port}#{stranger()}", "nobody listens there")

    def test_a_wrong_key(self):
        relay = self.relay()
        self.assert_said(relay.url.replace(relay.key, stranger()), "the key may be wrong")
        self.assertEqual(relay.asked, [])

    def test_a_name_that_there_is_not(self):
        self.assert_said(f"box+udp://nowhere.invalid#{stranger()}", "there is no such name")

    def test_garbage_is_no_answer(self):
        """Nor is an answer to something else, or one for somebody else."""
        relay = self.relay()
        other = box_peer.KeyPair()

        def spoil(datagram, forward):
            if len(datagram) == box_packet_relay.DATAGRAM_BYTES:
                for bad in (os.urandom(1232), datagram[:1231], datagram + b"x", b"",
                            os.urandom(16) + datagram[16:],
                            datagram[:32] + box_peer.seal(bytes(1184), bytes(24), other,
                                                          relay.own.public)):
                    forward(bad)
            forward(datagram)
        relay.weather.pass_on = spoil
        with come("Alice", relay.url) as a, come("Bob", relay.url) as b:
            self.assert_meet(a, b)

    def test_a_proxy(self):
        """Nothing goes around it."""
        relay = self.relay()
        with come("Alice", relay.url, "--proxy", "socks5h://127.0.0.1:9") as a:
            a.wait_for_line("box:// address", "err")
            self.assertEqual(a.wait_for_end(), 2)
        done = run("create", "--server", relay.url, "--proxy", "socks5h://127.0.0.1:9", "link")
        self.assertEqual(done.returncode, 2)
        self.assertIn("do not go through a proxy", done.stderr)
        self.assertEqual(relay.asked, [])

    def test_the_references_protocol(self):
        with come("Alice", f"box+udp://127.0.0.1#{stranger()}", "--reference") as a:
            a.wait_for_line("do not go together", "err")
            self.assertEqual(a.wait_for_end(), 2)


class Liars(Case):
    """They have the key; what they say is looked at all the same."""

    def relay_with(self, **lies):
        """`lies`: what is answered instead, by the op's name: bytes, or a function of q and p."""
        relay = self.relay()
        by_op = {getattr(box_packet_relay, name): lie for name, lie in lies.items()}

        def answer(q):
            lie = by_op.get(q[0])
            if lie is None:
                return relay.ops.answer(q)
            return lie(q, relay.ops.answer(q)) if callable(lie) else lie
        relay.answer = answer
        return relay

    def assert_said(self, said, *options, **lies):
        relay = self.relay_with(**lies)
        with come("Alice", relay.url, *options) as a:
            a.wait_for_line(said, "err")
            self.assertNotEqual(a.stop(signal.SIGINT), 0)
        return relay

    def test_descriptions(self):
        for lie in (b"\0", b"\0" + bytes(300), b"\x09", b"\xff",
                    lambda q, p: p[:-1], lambda q, p: p + b"\0"):
            with self.subTest(lie=lie):
                self.assert_said("the answer makes no sense", DESCRIBE=lie)
        self.assert_said("another version", DESCRIBE=lambda q, p: p[:1] + b"\2" + p[2:])
        self.assert_said("does not know this request", DESCRIBE=b"\7")

    def test_a_time_that_cannot_be(self):
        self.assert_said("makes no sense", DESCRIBE=lambda q, p:
                         p[:46] + b"\xff" * 8 + p[54:])

    def test_refusals_that_have_no_reason(self):
        for status in (b"\2", b"\3", b"\4", b"\5", b"\x08" + bytes(36)):
            with self.subTest(status=status):
                self.assert_said("the answer makes no sense", DESCRIBE=status)
        self.assert_said("work worth nothing", POST_T1=b"\x08" + bytes(36))

    def test_buckets(self):
        """A list that stands still; a bucket whose hash is not that of its id."""
        with come("Bob", self.server.url) as b:
            b.wait_for_line("waiting for others")
            for lie in (b"\0\1", lambda q, p: p[:1] + b"\1" + p[2:57] * 2):
                with self.subTest(lie=lie):
                    self.assert_said("not behind the one before", BUCKETS=lie)
            self.assert_said("link does not belong", POST_T1=lambda q, p:
                             p[:12] + bytes([p[12] ^ 1]) + p[13:])

    def test_another_bucket_than_the_one_named(self):
        self.assert_said("another bucket", "--bucket", "5" * 64, FIND=lambda q, p:
                         b"\0" + bytes(12) + b"\6" * 32 + bytes(2) + b"\0" + bytes(8))

    def test_t1s(self):
        """Pages without end: empty, repeated, or made up as long as there is somebody to read."""
        with come("Bob", self.server.url) as b:
            b.wait_for_line("waiting for others")
            bucket = self.server.get("/v1/buckets").json()["buckets"][0]
            other = (number(bucket["created"], 8) + number(bucket["seq"] + 1, 4))
            link = hashlib_link(other)
            listed = b"\0\0" + other + link + bytes(2) + b"\1" + number(bucket["expires"], 8)
            for lie, said in (
                    (b"\0\1\0", "not behind the one before"),
                    (lambda q, p: b"\0\1\0" + b"x" * 288, "not behind the one before"),
                    (self.endless, "more T1s than fit")):
                with self.subTest(said=said):
                    self.assert_said(said, BUCKETS=listed, READ_T1S=lie)

    @staticmethod
    def endless(q, _p):
        """A T1 behind the last one, as often as it is asked for: found by trying."""
        after = q[33:65]
        step = int.from_bytes(after[:2], "big") + 1
        while True:
            t1 = os.urandom(288)
            first = int.from_bytes(box_packet_relay.t1_id(t1)[:2], "big")
            if step <= first < step + 512:
                return b"\0\1\0" + t1

    def test_a_t1_with_another_id(self):
        """Of somebody whose T2 came alone, as from another bucket."""
        def without_t1s(_q, p):
            frames, rest = b"", p[17:]
            while rest:
                length = 289 if rest[0] == 1 else 65
                frames += b"" if rest[0] == 1 else rest[:length]
                rest = rest[length:]
            return p[:17] + frames
        relay = self.relay_with(FEED=without_t1s, FETCH_T1=lambda q, p: p[:33] + bytes(288))
        with come("Alice", relay.url) as a:
            a.wait_for_line("waiting for others")
            with come("Bob", self.server.url):
                a.wait_for_line("another T1 than the one asked for", "err")
                self.assertNotEqual(a.stop(signal.SIGINT), 0)

    def test_a_cursor_that_stands_still(self):
        self.assert_said("cursor does not move", FEED=lambda q, p:
                         b"\0" + q[33:49] + b"\1" + bytes(288))

    def test_frames_that_are_cut(self):
        self.assert_said("the answer makes no sense",
                         FEED=lambda q, p: b"\0" + bytes(16) + b"\1" + bytes(287))
        self.assert_said("the answer makes no sense",
                         FEED=lambda q, p: b"\0" + bytes(16) + b"\4" + bytes(64))

    def test_outcomes_that_are_too_few(self):
        with come("Bob", self.server.url) as b:
            b.wait_for_line("waiting for others")
            self.assert_said("what became of it", POST_T2S=b"\0")
            self.assert_said("the answer makes no sense", POST_T2S=b"\0\3")

    def test_a_cursor_that_is_forgotten(self):
        """The feed begins anew, and nobody misses anything."""
        relay = self.relay()
        forgotten = []

        def answer(q):
            if q[0] == FEED and q[33:49] != bytes(16) and not forgotten:
                forgotten.append(q)
                return b"\1"
            return relay.ops.answer(q)
        relay.answer = answer
        with come("Alice", relay.url) as a, come("Bob", relay.url) as b:
            self.assert_meet(a, b)
        self.assertTrue(forgotten)

    def test_asked_to_come_later(self):
        relay = self.relay()
        asked = []

        def answer(q):
            asked.append(q)
            return b"\6\0\1" if len(asked) < 3 else relay.ops.answer(q)
        relay.answer = answer
        with come("Alice", relay.url) as a, come("Bob", relay.url) as b:
            self.assert_meet(a, b)


def hashlib_link(binary_id):
    return box_packet_relay.t1_id(b"reunion-bucket-v1" + b"r" + binary_id)


class Check(Case):
    def assert_wrong(self, url, *said):
        with Program("check", [BUILD / "client" / "reunion-client", "check", "--server",
                               url]) as program:
            self.assertNotEqual(program.wait_for_end(), 0)
            for part in said:
                program.wait_for_line(part, "out")

    def test_a_wrong_key(self):
        """Silence is all that can be seen; what may be the reason is said."""
        relay = self.relay()
        self.assert_wrong(relay.url.replace(relay.key, stranger()), "WRONG  connection",
                          "the key may be wrong", "firewall")

    def test_a_clock_that_is_off(self):
        relay = self.relay()
        honest = relay.ops.answer

        def answer(q):
            p = honest(q)
            ahead = number(int.from_bytes(p[46:54], "big") + 3600, 8)
            return p[:46] + ahead + p[54:] if q[0] == DESCRIBE else p
        relay.answer = answer
        self.assert_wrong(relay.url, "WRONG  clock", "behind the server's")

    def test_what_is_no_server(self):
        relay = self.relay(answer=lambda q: b"\7")
        self.assert_wrong(relay.url, "WRONG  server")

    def test_a_bucket_that_is_not_there(self):
        relay = self.relay()
        with Program("check", [BUILD / "client" / "reunion-client", "check", "--server",
                               relay.url, "--bucket", "5" * 64]) as program:
            self.assertNotEqual(program.wait_for_end(), 0)
            program.wait_for_line("the server knows none with that link", "out")


class Interrupts(Case):
    """Each ends the program at once, whatever it waits for."""

    def test_while_nobody_answers(self):
        relay = self.relay(answer=lambda q: None)
        with come("Alice", relay.url) as a:
            relay.wait_for("the client", lambda: relay.asked)
            self.assertEqual(a.stop(signal.SIGINT), 130)

    def test_while_a_feed_waits(self):
        relay = self.relay()
        with come("Alice", relay.url) as a:
            relay.wait_for("a feed that waits",
                           lambda: any(q[0] == FEED and q[49] > 0 for _, q in relay.asked))
            self.assertEqual(a.stop(signal.SIGINT), 130)


if __name__ == "__main__":
    unittest.main(verbosity=2)
