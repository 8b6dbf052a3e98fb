"""What strangers do to a server at default settings, and what people with real clients get then.

Each attack is of the size at which it once kept everybody from meeting.
"""

import contextlib
import hashlib
import math
import os
import select
import socket
import unittest

import stamps
from harness import Server
from link_program import LinkCase
from ours import client, revealed
from programs import PATIENCE_S
from rendezvous import T1_BYTES, feed, frames, h, joined, split

DEFAULT = ("--t1-free", 64)  # asked for here, as other tests' servers never ask


def meet(case, server, *options):
    """Two people meet at a server."""
    with client("Alice", "from Alice", "jelly", 600, "--server", server.url, *options) as a, \
            client("Bob", "from Bob", "jelly", 600, "--server", server.url, *options) as b:
        a.wait_for_line("from Bob", "out")
        b.wait_for_line("from Alice", "out")
        case.assertEqual((revealed(a.lines), revealed(b.lines)), (["from Bob"], ["from Alice"]))


class InOneRequest(LinkCase, unittest.TestCase):
    """Very many buckets were opened, and clients refuse high numbers."""

    def test_eleven_hundred_t1s(self):
        with Server(*DEFAULT) as server:
            self.assertEqual(server.post("/t1", os.urandom(1100 * T1_BYTES)).status, 200)
            bucket, = server.get("/v1/buckets").json()["buckets"]
            # A quarter of one bucket, so that nobody is asked for work either.
            self.assertEqual((bucket["seq"], bucket["count"]), (0, 16))
            self.assertEqual(stamps.terms(server)["t1_effort"], 0)
            meet(self, server)

    def test_sixteen_hundred_links(self):
        """64 are taken; all others are asked for work, which an honest creator does."""
        with Server(*DEFAULT) as server, server.connect() as connection:
            taken = 0
            for _ in range(1600):
                answer = stamps.post(server, "/v1/links", os.urandom(256), connection=connection)
                if answer.status == 201:
                    taken += 1
                    self.assertEqual(answer.json()["seq"], 0)
                else:
                    self.assertEqual((answer.status, answer.problem), (429, "stamp"))
            self.assertEqual(taken, 64)
            invitation, = self.create(server.url, "https://chat.example/x")
            self.assert_opens(invitation, "https://chat.example/x")


class Unread(unittest.TestCase):
    """512 T1s without a key, each with 4 095 T2s, and answers of 134 MB that nobody reads.

    Of the T1s 16 stand: the reference's endpoints have a quarter of each bucket, open one in a
    request and none while one takes more. To have another bucket opened takes 48 T1s with keys, at
    which work is asked for (64 have come), and then these endpoints take none. So of 2 096 640 T2s
    65 520 stand, 4.2 MB of answers, of which each gives 1 MiB.
    """

    T1S, T2S, READERS = 512, 4095, 12

    def flood(self, server):
        t1s = [os.urandom(T1_BYTES) for _ in range(self.T1S)]
        standing = split(server.post("/t1", b"".join(t1s)).body, T1_BYTES)
        self.assertEqual(len(standing), 16)
        joined(server, 48)
        for t1 in t1s:
            if t1 not in standing:
                self.assertIn(server.post("/t1", t1).status, (200, 429))
        # While time passes some more are free.
        self.assertIn(len(server.get("/t1").body) // T1_BYTES, range(64, 72))
        for t1 in t1s:
            sender = hashlib.blake2b(t1).digest()[:32]
            answer = server.post("/t2", b"".join(sender + os.urandom(32) for _ in range(self.T2S)))
            self.assertEqual(answer.status, 200)
            # Those whose sender stands nowhere are dropped.
            if t1 not in standing:
                break

    def test_nobody_reads(self):
        with Server(*DEFAULT) as server, contextlib.ExitStack() as stack:
            self.flood(server)
            for _ in range(self.READERS):
                unread = stack.enter_context(socket.create_connection((server.host, server.port)))
                unread.sendall(b"GET /t2 HTTP/1.1\r\nHost: x\r\n\r\n")
                self.assertTrue(select.select([unread], [], [], PATIENCE_S)[0])
                self.assertEqual(server.get("/v1/server").status, 200)
            meet(self, server)


class Order(unittest.TestCase):
    """A newcomer does not learn in what order records came that each had a commit of its own.

    In a random order of n the pairs that are inverted have the mean n(n-1)/4 and the variance
    n(n-1)(2n+5)/72, and their distribution is normal but for its tails, which are lighter. Beyond
    five deviations is one in 1.7 million, so three lists raise a false alarm in 580 000 runs once.
    The order of arrival, and its opposite, are 7.7 deviations off with 30, and 14 with 90.
    """

    T1S, T2S, DEVIATIONS = 30, 90, 5

    @staticmethod
    def deviations(arrived, shown):
        """How far the number of inverted pairs is from its mean, in standard deviations."""
        places = [shown.index(each) for each in arrived]
        n = len(places)
        inverted = sum(places[i] > places[j] for j in range(n) for i in range(j))
        return (inverted - n * (n - 1) / 4) / math.sqrt(n * (n - 1) * (2 * n + 5) / 72)

    def assert_no_order(self, arrived, shown):
        self.assertEqual(sorted(arrived), sorted(shown))
        self.assertLess(abs(self.deviations(arrived, shown)), self.DEVIATIONS)

    def test_a_newcomer_sees_none(self):
        with Server(*DEFAULT) as server, server.connect() as connection:
            people = joined(server, self.T1S)
            link = people[0].bucket
            sent = []
            for number in range(self.T2S):
                # Each writes to the three behind them, in turns that repeat nothing.
                sender = people[number % self.T1S]
                to = people[(number + 1 + number // self.T1S) % self.T1S]
                sent.append(sender.record(to))
                answer = sender.send(server, 2, link, sent[-1], connection=connection)
                self.assertEqual(answer.json()["stored"], 1)
            seen = frames(feed(server, link).body)
            self.assert_no_order([each.t1 for each in people],
                                 [record for kind, record in seen if kind == 1])
            self.assert_no_order(sent, [record for kind, record in seen if kind == 2])
            self.assert_no_order(sent, split(server.get(f"/v1/buckets/{link}/t2").body, 96))

    def test_the_order_of_arrival_would_be_noticed(self):
        for count in (self.T1S, self.T2S):
            arrived = [h(bytes([number])) for number in range(count)]
            for shown in (arrived, arrived[::-1]):
                self.assertGreater(abs(self.deviations(arrived, shown)), self.DEVIATIONS)


if __name__ == "__main__":
    unittest.main(verbosity=2)
