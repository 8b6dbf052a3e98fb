"""Feeds: waiting, cursors, and those who go away."""

import concurrent.futures
import socket
import threading
import unittest

from harness import ClockServer, Server
from rendezvous import Identity, feed, frames, joined


class Feed(unittest.TestCase):
    def setUp(self):
        self.server = ClockServer()
        self.enterContext(self.server)
        self.pool = self.enterContext(concurrent.futures.ThreadPoolExecutor(40))
        self.asked = 0

    def ask(self, link, after, wait=60):
        """A request that will wait."""
        connection = self.enterContext(self.server.connect())
        connection.request("GET", f"/v1/buckets/{link}/feed?after={after}&wait={wait}")
        return self.pool.submit(connection.getresponse)

    def waiting(self, link, after, count=1, wait=60):
        """So many more requests, which do wait when this returns."""
        answers = [self.ask(link, after, wait) for _ in range(count)]
        self.asked += count
        self.server.wait_for_waiting(self.asked)
        return answers

    def test_everything_in_turn(self):
        ada, bob = joined(self.server, 2)
        first = feed(self.server, ada.bucket, wait=60)
        self.assertEqual(sorted(frames(first.body)), sorted([(1, ada.t1), (1, bob.t1)]))
        cursor = first.headers["Reunion-Cursor"]
        nothing = feed(self.server, ada.bucket, cursor)
        self.assertEqual((nothing.status, nothing.body), (200, b""))
        self.assertEqual(nothing.headers["Reunion-Cursor"], cursor)
        t2, t3 = ada.record(bob), bob.record(ada)
        ada.send(self.server, 2, ada.bucket, t2)
        bob.send(self.server, 3, ada.bucket, t3)
        self.assertEqual(sorted(frames(feed(self.server, ada.bucket, cursor).body)),
                         [(2, t2), (3, t3)])

    def test_a_post_wakes_all_who_wait_in_its_bucket(self):
        ada, bob = joined(self.server, 2)
        cursor = feed(self.server, ada.bucket).headers["Reunion-Cursor"]
        answers = self.waiting(ada.bucket, cursor, 30)
        record = bob.record(ada)
        bob.send(self.server, 2, ada.bucket, record)
        for answer in answers:
            answer = answer.result(60)
            self.assertEqual((answer.status, frames(answer.read())), (200, [(2, record)]))

    def test_a_wait_ends(self):
        ada, = joined(self.server)
        cursor = feed(self.server, ada.bucket).headers["Reunion-Cursor"]
        longer, = self.waiting(ada.bucket, cursor)
        shorter, = self.waiting(ada.bucket, cursor, wait=20)
        self.server.advance(20)
        answer = shorter.result(60)
        self.assertEqual((answer.status, answer.read()), (200, b""))
        self.assertEqual(answer.headers["Reunion-Cursor"], cursor)
        self.assertFalse(longer.done())
        self.server.advance(40)
        self.assertEqual(longer.result(60).read(), b"")

    def test_a_wait_ends_with_its_bucket(self):
        ada, = joined(self.server)
        cursor = feed(self.server, ada.bucket).headers["Reunion-Cursor"]
        self.server.advance(86400 - 30)
        answer, = self.waiting(ada.bucket, cursor)
        self.server.advance(30)
        self.assertEqual(answer.result(60).status, 410)

    def test_the_real_clock_ends_a_wait_too(self):
        with Server() as server:
            ada, = joined(server)
            cursor = feed(server, ada.bucket).headers["Reunion-Cursor"]
            self.assertEqual(feed(server, ada.bucket, cursor, 1).body, b"")

    def test_stopping_answers_those_who_wait(self):
        ada, = joined(self.server)
        cursor = feed(self.server, ada.bucket).headers["Reunion-Cursor"]
        answers = self.waiting(ada.bucket, cursor, 10)
        self.assertEqual(self.server.stop(), 0)
        for answer in answers:
            answer = answer.result(60)
            self.assertEqual((answer.status, answer.read()), (200, b""))
            self.assertEqual(answer.headers["Connection"], "close")

    def test_those_who_go_away_while_waiting(self):
        ada, bob = joined(self.server, 2)
        cursor = feed(self.server, ada.bucket).headers["Reunion-Cursor"]
        request = (f"GET /v1/buckets/{ada.bucket}/feed?after={cursor}&wait=60 HTTP/1.1\r\n"
                   "Host: x\r\n\r\n").encode()
        for _ in range(50):
            with socket.create_connection((self.server.host, self.server.port)) as gone:
                gone.sendall(request)
        stays, = self.waiting(ada.bucket, cursor)
        record = bob.record(ada)
        self.assertEqual(bob.send(self.server, 2, ada.bucket, record).json()["stored"], 1)
        self.assertEqual(frames(stays.result(60).read()), [(2, record)])
        self.assertEqual(self.server.stop(), 0)

    def test_too_many_wait(self):
        with Server("--waiters-max", 2) as server:
            ada, = joined(server)
            cursor = feed(server, ada.bucket).headers["Reunion-Cursor"]
            path = f"/v1/buckets/{ada.bucket}/feed?after={cursor}&wait=60"
            # Which of the three is turned away depends on the threads; one is.
            connections = [self.enterContext(server.connect()) for _ in range(3)]
            turned_away = threading.Event()

            def ask(connection):
                connection.request("GET", path)
                answer = connection.getresponse()
                if answer.status == 503:
                    turned_away.set()
                return answer.status, answer.headers["Retry-After"], answer.read()

            answers = [self.pool.submit(ask, each) for each in connections]
            self.assertTrue(turned_away.wait(60))
            Identity().join(server, ada.bucket)
            results = sorted(answer.result(60)[:2] for answer in answers)
            self.assertEqual([status for status, _ in results], [200, 200, 503])
            self.assertEqual(results[2][1], "1")

    def test_cursors_of_elsewhere_give_everything(self):
        old = joined(self.server, 64)
        new, = joined(self.server)
        foreign = feed(self.server, old[0].bucket).headers["Reunion-Cursor"]
        self.assertEqual(frames(feed(self.server, new.bucket, foreign).body), [(1, new.t1)])
        # Of before a restart: the order is drawn anew, and a reader gets all of it.
        cursor = feed(self.server, old[0].bucket).headers["Reunion-Cursor"]
        before = frames(feed(self.server, old[0].bucket).body)
        self.server.restart()
        after = frames(feed(self.server, old[0].bucket, cursor).body)
        self.assertEqual(sorted(after), sorted(before))
        self.assertNotEqual(after, before)

    def test_malformed_cursors_and_waits(self):
        ada, = joined(self.server)
        cursor = feed(self.server, ada.bucket).headers["Reunion-Cursor"]
        for bad in ("", "0", cursor[:-1], cursor + "00", cursor.upper(), "x" * len(cursor),
                    "%30" + cursor[1:]):
            answer = feed(self.server, ada.bucket, bad)
            self.assertEqual((answer.status, answer.problem), (400, "bad-cursor"), bad)
        # One that is forged is none: all again, and no word of why.
        for at in range(0, len(cursor), 7):
            forged = cursor[:at] + format(int(cursor[at], 16) ^ 1, "x") + cursor[at + 1:]
            answer = feed(self.server, ada.bucket, forged)
            self.assertEqual((answer.status, frames(answer.body)), (200, [(1, ada.t1)]))
        for bad in ("", "-1", "+1", "01", "1.5", "61", "1s", "99999999999999999999", "%31"):
            answer = feed(self.server, ada.bucket, cursor, bad)
            self.assertEqual((answer.status, answer.problem), (400, "malformed-query"), bad)

    def test_a_long_feed_comes_in_pieces(self):
        with Server("--feed-answer-max", "1K") as server:
            everyone = joined(server, 10)
            told, cursor = [], None
            while True:
                answer = feed(server, everyone[0].bucket, cursor)
                if not answer.body:
                    break
                self.assertLessEqual(len(answer.body), 1024)
                told += frames(answer.body)
                cursor = answer.headers["Reunion-Cursor"]
            self.assertEqual(sorted(told), sorted((1, each.t1) for each in everyone))


if __name__ == "__main__":
    unittest.main(verbosity=2)
