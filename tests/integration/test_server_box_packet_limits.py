"""What the server does with packets that nobody should send, and how much one address may take.

Runs in a network namespace of its own, in which this machine has addresses that are not loopback.
"""

import os
import subprocess
import unittest

import box_packet_peer as packets
import box_packet_server
from harness import ClockServer, Server
from programs import PATIENCE_S
from rendezvous import Identity, feed, joined
from test_server_metrics import parse

ADA, BOB, ADA6 = "192.0.2.1", "192.0.2.2", "2001:db8:1::1"
NARROW = "192.0.2.3"
DESCRIBE = bytes([packets.DESCRIBE])
HSALSA20_OF_ZEROS = "351f86faa3b988468a850122b65b0acece9c4826806aeee63de9c0da2bd7f91e"
# Of order 1, 2, 4 and 8 (Bernstein, "Curve25519", and its twist), with some that are not reduced.
SMALL_ORDER = [bytes.fromhex(text) for text in (
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]


def setUpModule():
    for address in (ADA, BOB, NARROW, ADA6):
        length = 128 if ":" in address else 32
        subprocess.run(["ip", "address", "add", f"{address}/{length}", "dev", "lo"], check=True)


def samples(server):
    """The metrics, made anew."""
    server.advance(61)
    return parse(server.get("/metrics").body.decode())


class Silence(unittest.TestCase):
    """One thread takes packets in turn: when a good one is answered those before it are done. The
    system keeps some dozens for it and drops the rest, so no test sends more at once."""

    def setUp(self):
        self.server = self.enterContext(box_packet_server.clock_server("--metrics-listen", "main"))
        self.peer = self.enterContext(box_packet_server.peer_of(self.server))

    def send(self, datagram):
        self.peer.socket.sendto(datagram, self.peer.address)

    def assert_silent(self):
        """Nothing was answered but this."""
        self.assertEqual(self.peer.ask(DESCRIBE).status, packets.SUCCESS)

    def dropped(self, reason):
        return samples(self.server)[f'reunion_packets_dropped_total{{reason="{reason}"}}']

    def test_other_sizes(self):
        good, _ = self.peer.session.request(DESCRIBE)
        sizes = [0, 1, 31, 48, 530, 578, 893, 895, 1184, 1231, 1233, 1280, 1500, 9000]
        for size in sizes:
            self.send((good + os.urandom(9000))[:size])
            self.send(os.urandom(size))
            self.assert_silent()
        self.assertEqual(self.dropped("size"), len(sizes) * 2 // 16 * 16)

    def test_garbage(self):
        for size in (packets.LONG, packets.SHORT):
            for _ in range(16):
                self.send(os.urandom(size))
                self.send(bytes(size))
                self.send(self.peer.session.own.public + os.urandom(size - 32))
                self.assert_silent()
        self.assertEqual(self.dropped("unreadable"), 96)

    def test_a_bit_flipped_in_any_byte(self):
        good, _ = self.peer.session.request(DESCRIBE)
        for at in range(packets.LONG):
            self.send(good[:at] + bytes([good[at] ^ 1 << at % 8]) + good[at + 1:])
            if at % 40 == 39:
                self.assert_silent()
        self.assert_silent()

    def test_the_filling_is_not_read(self):
        for filling in (bytes(316), bytes([255]) * 316):
            datagram, a = self.peer.session.request_of(
                packets.padded(DESCRIBE, 514), packets.SHORT, filling=filling)
            self.send(datagram)
            self.assertEqual(self.peer.receive(a, packets.SHORT).status, packets.SUCCESS)
        short, _ = self.peer.session.request(DESCRIBE, packets.SHORT)
        for at in range(packets.SHORT - 316):
            self.send(short[:at] + bytes([short[at] ^ 0x10]) + short[at + 1:])
            if at % 40 == 39:
                self.assert_silent()
        self.assert_silent()

    def test_lengths_that_there_are_not(self):
        for size, most in ((packets.LONG, 1166), (packets.SHORT, 512)):
            for length in (0, most + 1, 65535):
                self.send(self.peer.session.request_of(
                    length.to_bytes(2, "big") + DESCRIBE + bytes(most - 1), size)[0])
            full, a = self.peer.session.request_of(
                most.to_bytes(2, "big") + DESCRIBE + bytes(most - 1), size)
            self.send(full)
            self.assertEqual(self.peer.receive(a, size).status, packets.MALFORMED)
        # What is behind the text is not looked at.
        datagram, a = self.peer.session.request_of(b"\0\1" + DESCRIBE + os.urandom(1165))
        self.send(datagram)
        self.assertEqual(self.peer.receive(a).status, packets.SUCCESS)

    def test_keys_of_small_order(self):
        """Their product with any secret is zeros, so everybody knows the key (HSalsa20 of that)."""
        shared = bytes.fromhex(HSALSA20_OF_ZEROS)
        for public in SMALL_ORDER:
            self.peer.session.own.public, own = public, self.peer.session.own.public
            self.peer.session.shared, kept = shared, self.peer.session.shared
            self.send(self.peer.session.request(DESCRIBE)[0])
            self.peer.session.own.public, self.peer.session.shared = own, kept
        self.assert_silent()

    def test_a_packet_for_a_mix(self):
        for length in (0, 1160, 5):
            self.peer.send(bytes([32]) + os.urandom(length))
        self.assert_silent()

    def test_what_is_counted(self):
        for _ in range(16):
            self.peer.ask(DESCRIBE)
            self.peer.ask(bytes([99]))
            self.peer.ask(bytes([packets.FETCH_T1]) + os.urandom(32))
            self.peer.ask(bytes([packets.FEED]))
        seen = samples(self.server)
        for route, status in (("about", "2xx"), ("none", "4xx"), ("read", "4xx"), ("feed", "4xx")):
            self.assertEqual(seen[f'reunion_requests_total{{route="{route}",status="{status}"}}'],
                             16, route)


class Reflection(unittest.TestCase):
    """Whoever forges an address has each byte of an answer paid by one of a request."""

    def test_no_answer_is_longer_than_its_request(self):
        with box_packet_server.server() as server, box_packet_server.peer_of(server) as peer:
            ada, *others = joined(server, 30)
            for each in others:
                each.send(server, 2, ada.bucket, each.record(ada))
            link = bytes.fromhex(ada.bucket)
            server.post("/v1/links", os.urandom(256))
            links = bytes.fromhex(server.get("/v1/links").json()["link"])
            new = Identity()
            bodies = {
                0: b"", packets.DESCRIBE: b"",
                packets.POST_T1: packets.post_t1(new.key, new.t1)[1:],
                packets.FETCH_T1: ada.id, packets.BUCKETS: packets.NONE, packets.FIND: link,
                packets.READ_T1S: link + packets.NONE, packets.READ_STAMPS: link + packets.NONE,
                packets.POST_T2S: packets.post_records(2, ada.key, ada.id, link, *(
                    each.id + os.urandom(32) for each in others[:6]))[1:],
                packets.POST_T3S: ada.key, packets.FEED: packets.feed(link, ada.id)[1:],
                packets.READ_LINKS: links + b"\0", packets.POST_LINK: os.urandom(256) + bytes(16),
                packets.PLACE_BUCKETS: bytes(64), 16: bytes(32), 19: os.urandom(400), 200: b"x"}
            for op, body in bodies.items():
                for size in (packets.LONG, packets.SHORT):
                    datagram, a = peer.session.request(bytes([op]) + body, size)
                    peer.socket.sendto(datagram, peer.address)
                    answer, _ = peer.socket.recvfrom(65536)
                    self.assertEqual(len(answer), len(datagram), op)
                    self.assertEqual(answer[:16], a)
                    self.assertLessEqual(peer.session.open_answer(answer, a, size)[0], 8)
            self.assertEqual(peer.ask(DESCRIBE).status, packets.SUCCESS)


class Addresses(unittest.TestCase):
    def start(self, *flags, kind=ClockServer):
        server = self.enterContext(kind(
            "--listen", "0.0.0.0:0", "--box-packets", "0.0.0.0:0", "--box-packets", "[::]:0",
            *flags))
        lines = [line for line in server.log() if "serving=box-packets" in line]
        self.ports = {"[::]" in line: int(line.split(" key=")[0].rsplit(":", 1)[1])
                      for line in lines}
        self.http = int(next(line for line in server.log() if "address=0.0.0.0:" in line
                             and "serving=api" in line).rsplit(":", 1)[1])
        _, self.key = box_packet_server.address_of(server)
        self.server = server
        return server

    def peer(self, source, to=None):
        to = to or source
        return self.enterContext(packets.Peer((to, self.ports[":" in to]), self.key,
                                              timeout_s=PATIENCE_S, source=(source, 0)))

    def test_answers_come_from_where_requests_went(self):
        self.start(kind=Server)
        for source, to in ((ADA, ADA), (ADA, BOB), ("127.0.0.1", "127.0.0.2"), ("127.0.0.3", ADA),
                           ("::1", "::1"), ("::1", ADA6), (ADA6, ADA6)):
            peer = self.peer(source, to)
            self.assertEqual(peer.ask(DESCRIBE).status, packets.SUCCESS)
            self.assertEqual(peer.came_from[:2], peer.address)

    def many_at_once(self, peer):
        """Requests that come together are answered together, each with an answer of its own."""
        asked = {peer.send(DESCRIBE) for _ in range(30)}
        answered = set()
        for _ in asked:
            datagram, _ = peer.socket.recvfrom(4096)
            a = datagram[:16]
            self.assertEqual(peer.session.open_answer(datagram, a)[0], packets.SUCCESS)
            answered.add(a)
        self.assertEqual(answered, asked)

    def test_answers_to_several_at_once(self):
        self.start(kind=Server)
        two = self.peer(ADA), self.peer(ADA)
        for peer in two:
            self.many_at_once(peer)
        asked = [(peer, peer.send(DESCRIBE)) for _ in range(10) for peer in two]
        for peer, a in asked:
            self.assertEqual(peer.receive(a).status, packets.SUCCESS)

    def test_a_way_that_is_too_narrow_for_segments(self):
        """Where the system does not cut one message into datagrams each is sent by itself."""
        subprocess.run(["ip", "route", "replace", "table", "local", "local", NARROW, "dev", "lo",
                        "src", NARROW, "mtu", "lock", "1000"], check=True)
        self.start(kind=Server)
        self.many_at_once(self.peer(NARROW))

    def test_rates_are_apart_from_those_of_connections(self):
        """Anybody can send packets under somebody's address: that takes nothing from whoever
        connects from there."""
        server = self.start("--rate-max", 1, "--rate-burst", 4)
        peer = self.peer(ADA)
        for _ in range(4):
            self.assertEqual(peer.ask(DESCRIBE).status, packets.SUCCESS)
        self.assertEqual(peer.ask(DESCRIBE).retry_s, 1)
        server.host, server.port = ADA, self.http

        def get():
            with server.connect() as connection:
                connection.source_address = (ADA, 0)
                return server.request("GET", "/v1/server", connection=connection).status
        self.assertEqual([get() for _ in range(5)], [200] * 4 + [429])
        self.assertEqual(self.peer(BOB).ask(DESCRIBE).status, packets.SUCCESS)
        server.advance(1)
        self.assertEqual(peer.ask(DESCRIBE).status, packets.SUCCESS)
        self.assertEqual(peer.ask(b"\xff").status, packets.NOT_NOW)

    def test_only_who_has_had_an_answer_at_an_address_waits_there(self):
        """A cursor is good where it was sent to: from elsewhere it is the beginning."""
        self.start()
        identity, = joined(self.server)
        asked = packets.feed(bytes.fromhex(identity.bucket), identity.id)
        cursor, records = self.peer(ADA).ask(asked).feed()
        self.assertEqual(records, [(1, identity.t1)])
        elsewhere = self.peer(BOB)
        waiting = packets.feed(bytes.fromhex(identity.bucket), identity.id, cursor, 60)
        other, records = elsewhere.ask(waiting).feed()
        self.assertEqual(records, [(1, identity.t1)])
        self.assertNotEqual(other, cursor)
        elsewhere.send(packets.feed(bytes.fromhex(identity.bucket), identity.id, other, 60))
        self.server.wait_for_waiting(1)

    def test_what_somebody_else_sends_again_ends_no_wait(self):
        self.start()
        identity, = joined(self.server)
        ada, recorder = self.peer(ADA), self.peer(BOB)
        cursor, _ = ada.ask(packets.feed(bytes.fromhex(identity.bucket), identity.id)).feed()
        datagram, a = ada.session.request(
            packets.feed(bytes.fromhex(identity.bucket), identity.id, cursor, 60))
        ada.socket.sendto(datagram, ada.address)
        self.server.wait_for_waiting(1)
        recorder.socket.sendto(datagram, recorder.address)
        self.assertEqual(len(recorder.socket.recvfrom(65536)[0]), len(datagram))
        new, = joined(self.server)
        self.assertEqual(ada.receive(a).feed()[1], [(1, new.t1)])

    def test_refusals_are_counted(self):
        server = self.start("--rate-max", 1, "--rate-burst", 1, "--client-waiters-max", 1,
                            "--metrics-listen", "main")
        peer = self.peer(ADA)
        self.assertEqual(peer.ask(DESCRIBE).status, packets.SUCCESS)
        for _ in range(16):
            self.assertEqual(peer.ask(DESCRIBE).status, packets.NOT_NOW)
        server.host, server.port = "127.0.0.1", self.http
        seen = samples(server)
        self.assertEqual(seen['reunion_refused_total{problem="too-many-requests"}'], 16)
        self.assertEqual(seen['reunion_requests_total{route="about",status="4xx"}'], 16)

    def test_t1s_and_links_have_rates_of_their_own(self):
        self.start("--rate-t1-max", 2, "--rate-link-max", 1)
        peer = self.peer(ADA)
        for _ in range(2):
            new = Identity()
            self.assertEqual(peer.ask(packets.post_t1(new.key, new.t1)).status, packets.SUCCESS)
        self.assertGreaterEqual(peer.ask(packets.post_t1(new.key, new.t1)).retry_s, 29)
        link = bytes([packets.POST_LINK]) + os.urandom(256) + bytes(16)
        self.assertEqual(peer.ask(link).status, packets.SUCCESS)
        self.assertEqual(peer.ask(link).status, packets.NOT_NOW)
        self.assertEqual(peer.ask(DESCRIBE).status, packets.SUCCESS)

    def test_new_sessions_have_a_rate(self):
        """Each takes the server an X25519, before it is known whether the packet is any good."""
        server = self.start("--rate-max", 1, "--rate-burst", 4)
        known = self.peer(ADA)
        self.assertEqual(known.ask(DESCRIBE).status, packets.SUCCESS)
        server.advance(1)
        for _ in range(4):
            known.socket.sendto(os.urandom(packets.LONG), known.address)
        new = self.peer(ADA)
        a = new.send(DESCRIBE)
        self.assertEqual(known.ask(DESCRIBE).status, packets.SUCCESS)
        new.socket.setblocking(False)
        with self.assertRaises(BlockingIOError):
            new.receive(a)
        new.socket.settimeout(PATIENCE_S)
        self.assertEqual(self.peer(BOB).ask(DESCRIBE).status, packets.SUCCESS)
        server.advance(1)
        self.assertEqual(new.ask(DESCRIBE).status, packets.SUCCESS)

    def wait(self, peer, identity):
        cursor, _ = peer.ask(packets.feed(bytes.fromhex(identity.bucket), identity.id)).feed()
        return peer.send(packets.feed(bytes.fromhex(identity.bucket), identity.id, cursor, 60))

    def test_one_address_may_wait_so_often(self):
        server = self.start("--client-waiters-max", 2)
        identity, = joined(server)
        for count in (1, 2):
            self.wait(self.peer(ADA), identity)
            server.wait_for_waiting(count)
        third = self.peer(ADA)
        self.assertEqual(third.receive(self.wait(third, identity)).status, packets.NOT_NOW)
        self.wait(self.peer(BOB), identity)
        server.wait_for_waiting(3)
        server.advance(60)
        server.wait_for_waiting(0)
        self.wait(third, identity)
        server.wait_for_waiting(1)

    def test_all_may_wait_so_often(self):
        server = self.start("--waiters-max", 2)
        identity, = joined(server)
        for count in (1, 2):
            self.wait(self.peer("127.0.0.1"), identity)
            server.wait_for_waiting(count)
        third = self.peer("127.0.0.1")
        self.assertEqual(third.receive(self.wait(third, identity)).retry_s, 1)
        # Over connections as many may wait besides.
        server.host, server.port = "127.0.0.1", self.http
        cursor = feed(server, identity.bucket).headers["Reunion-Cursor"]
        path = f"/v1/buckets/{identity.bucket}/feed?after={cursor}&wait=60"
        with server.connect() as one, server.connect() as two, server.connect() as beyond:
            for count, connection in enumerate((one, two), 3):
                connection.request("GET", path)
                server.wait_for_waiting(count)
            self.assertEqual(server.request("GET", path, connection=beyond).status, 503)

    def test_more_sessions_than_keys_are_kept(self):
        """The one that was used least recently is agreed on again."""
        self.start()
        first = self.peer("127.0.0.1")
        self.assertEqual(first.ask(DESCRIBE).status, packets.SUCCESS)
        other = self.peer("127.0.0.1")
        for _ in range(4200):
            other.session = packets.Session(self.key)
            other.ask(DESCRIBE)
        self.assertEqual(first.ask(DESCRIBE).status, packets.SUCCESS)


if __name__ == "__main__":
    unittest.main(verbosity=2)
