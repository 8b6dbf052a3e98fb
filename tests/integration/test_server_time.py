"""What time does to buckets; the clocks are the test's."""

import concurrent.futures
import time
import unittest

from harness import ClockServer
from links import leave, places
from rendezvous import Identity, feed, frames, joined


class Time(unittest.TestCase):
    def setUp(self):
        self.server = ClockServer()
        self.enterContext(self.server)

    def test_a_bucket_closes_and_then_dies(self):
        ada, = joined(self.server)
        self.server.advance(3599)
        self.assertEqual(Identity().join(self.server, ada.bucket).status, 201)
        self.server.advance(1)
        self.assertFalse(self.server.get(f"/v1/buckets/{ada.bucket}").json()["open"])
        late = Identity().join(self.server, ada.bucket)
        self.assertEqual((late.status, late.problem), (409, "bucket-closed"))
        bob, = joined(self.server)
        self.assertNotEqual(bob.bucket, ada.bucket)
        self.server.advance(86400 - 3601)
        self.assertEqual(self.server.get(f"/v1/t1/{ada.id.hex()}").status, 200)
        self.server.advance(1)
        for path in ("", "/t1", "/t2", "/t3", "/feed"):
            answer = self.server.get(f"/v1/buckets/{ada.bucket}{path}")
            self.assertEqual((answer.status, answer.problem), (410, "bucket-gone"), path)
        for answer in (Identity().join(self.server, ada.bucket),
                       bob.send(self.server, 2, ada.bucket, bob.record(ada))):
            self.assertEqual((answer.status, answer.problem), (410, "bucket-gone"))
        self.assertEqual(self.server.get(f"/v1/t1/{ada.id.hex()}").problem, "unknown-t1")
        links = [each["link"] for each in self.server.get("/v1/buckets").json()["buckets"]]
        self.assertEqual(links, [bob.bucket])
        # A page that ended with it has nothing behind it.
        after = self.server.get(f"/v1/buckets?after={ada.bucket}").json()
        self.assertEqual((after["buckets"], after["more"]), ([], False))

    def test_the_closed_list_says_until_when_it_may_be_kept(self):
        ada, = joined(self.server)
        path = f"/v1/buckets/{ada.bucket}/t1"
        self.assertIsNone(self.server.get(path).headers["ETag"])
        self.server.advance(3600)
        kept = self.server.get(path).headers["Cache-Control"]
        self.assertEqual(kept, f"public, immutable, max-age={86400 - 3600}")

    def test_the_same_t1_in_a_later_life(self):
        ada, = joined(self.server)
        first = ada.bucket
        self.server.advance(86400)
        self.assertEqual(ada.join(self.server).status, 201)
        self.assertNotEqual(ada.bucket, first)

    def test_records_of_a_sender_that_is_gone_stay(self):
        ada, = joined(self.server)
        self.server.advance(3600)
        bob, = joined(self.server)
        record = ada.record(bob)
        ada.send(self.server, 2, bob.bucket, record)
        self.server.advance(86400 - 3600)
        self.assertEqual(self.server.get(f"/v1/buckets/{bob.bucket}/t2").body, record)
        gone = ada.send(self.server, 3, bob.bucket, ada.record(bob))
        self.assertEqual((gone.status, gone.problem), (404, "unknown-sender"))

    def test_the_clock_steps_back(self):
        """By no more than clocks differ: ids do not go back, what is closed stays closed."""
        everyone = joined(self.server, 64)
        tag = self.server.get(f"/v1/buckets/{everyone[0].bucket}/t1").headers["ETag"]
        self.server.step_wall(-30)
        first, = joined(self.server)
        joined(self.server, 63)
        second, = joined(self.server)
        buckets = self.server.get("/v1/buckets").json()["buckets"]
        self.assertEqual([each["link"] for each in buckets],
                         [second.bucket, first.bucket, everyone[0].bucket])
        self.assertEqual([each["created"] for each in buckets], [buckets[0]["created"]] * 3)
        self.assertEqual([each["seq"] for each in buckets], [2, 1, 0])
        self.server.restart()
        again = self.server.get(f"/v1/buckets/{everyone[0].bucket}/t1")
        self.assertEqual(again.headers["ETag"], tag)
        third, = joined(self.server)
        self.assertEqual(third.bucket, second.bucket)

    def assert_bucket_is_of_now(self, identity, server=None):
        """As a client and `check` judge it."""
        server = server or self.server
        now = server.get("/v1/buckets").json()["buckets"]
        self.assertEqual([each["link"] for each in now if each["open"]], [identity.bucket])
        for each in now:
            self.assertLessEqual(each["created"], time.time() + 60)
            self.assertLess(each["seq"], 16)

    def test_the_clock_is_set_back_by_hours(self):
        """What is from the future takes nothing more and is not shown; a new one opens."""
        self.server.step_wall(7200)
        ada, bob = joined(self.server, 2)
        _, (links,) = leave(self.server)
        self.server.step_wall(-7200)
        self.server.program.wait_for_line('event="buckets from the future are closed"')
        ahead = self.server.get(f"/v1/buckets/{ada.bucket}").json()
        self.assertFalse(ahead["open"])
        refused = Identity().join(self.server, ada.bucket)
        self.assertEqual((refused.status, refused.problem), (409, "bucket-closed"))
        carol, = joined(self.server)
        self.assertNotEqual(carol.bucket, ada.bucket)
        self.assert_bucket_is_of_now(carol)
        self.assertNotEqual(leave(self.server)[1], [links])
        # Whoever is in it goes on.
        self.assertEqual(ada.send(self.server, 2, ada.bucket, ada.record(bob)).status, 200)
        self.assertEqual(feed(self.server, ada.bucket).status, 200)
        # It lives for its lifetime by the clock as it is now, and no cache keeps it for longer.
        self.assertLessEqual(ahead["expires"], int(time.time()) + 86400)
        kept = self.server.get(f"/v1/buckets/{ada.bucket}/t1").headers["Cache-Control"]
        self.assertLessEqual(int(kept.split("max-age=")[1]), 86400)
        self.server.advance(86400 - 10)
        self.assertEqual(self.server.get(f"/v1/buckets/{ada.bucket}").status, 200)
        self.assertEqual(len(places(self.server, links)), 64)
        self.server.advance(10)
        self.assertEqual(self.server.get(f"/v1/buckets/{ada.bucket}").status, 410)
        self.assertEqual(self.server.get(f"/v1/links/{links}").status, 410)
        self.assertEqual(self.server.get(f"/v1/t1/{ada.id.hex()}").status, 404)

    def test_started_again_with_the_right_time(self):
        self.server.step_wall(7200)
        everyone = joined(self.server, 65)
        _, (links,) = leave(self.server)
        self.server.restart()
        self.server.program.wait_for_line('event="buckets from the future are closed"')
        carol, = joined(self.server)
        self.assertNotIn(carol.bucket, {each.bucket for each in everyone})
        self.assert_bucket_is_of_now(carol)
        self.assertNotEqual(leave(self.server)[1], [links])
        for each in everyone:
            self.assertEqual(self.server.get(f"/v1/t1/{each.id.hex()}").body, each.t1)
        # The order in the database is that of the ids, so it opens once more.
        self.server.restart()
        dave, = joined(self.server)
        self.assertEqual(dave.bucket, carol.bucket)
        self.server.advance(86400)
        for each in everyone[::64]:
            self.assertEqual(self.server.get(f"/v1/buckets/{each.bucket}").status, 410)

    def test_started_again_twice(self):
        """The end that the first start with the right time gave is kept."""
        self.server.step_wall(7200)
        ada, = joined(self.server)
        _, (links,) = leave(self.server)
        self.server.restart()
        self.server.program.wait_for_line('event="buckets from the future are closed"')

        def ends():
            return self.server.get(f"/v1/buckets/{ada.bucket}").json()["expires"]
        first = ends()
        self.server.restart()
        self.server.step_wall(1800)
        self.assertEqual(ends(), first)
        # Then its id is of the past, and it would live for two hours longer by that.
        self.server.step_wall(86400 - 1800 + 60)
        self.assertEqual(self.server.get(f"/v1/buckets/{ada.bucket}").status, 410)
        self.assertEqual(self.server.get(f"/v1/links/{links}").status, 410)

    def test_whoever_waits_in_one_of_the_future(self):
        """A feed goes on."""
        self.server.step_wall(7200)
        ada, bob = joined(self.server, 2)
        self.server.step_wall(-7200)
        cursor = feed(self.server, ada.bucket).headers["Reunion-Cursor"]
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(
                feed, self.server, ada.bucket, cursor, 60)
            self.server.wait_for_waiting(1)
            record = ada.record(bob)
            ada.send(self.server, 2, ada.bucket, record)
            self.assertEqual(frames(waiting.result().body), [(2, record)])

    def test_the_clock_leaps(self):
        ada, = joined(self.server)
        self.server.step_wall(10 * 86400)
        self.assertEqual(self.server.get(f"/v1/buckets/{ada.bucket}").status, 410)
        bob, = joined(self.server)
        self.assertEqual(feed(self.server, bob.bucket).status, 200)

    def test_expired_while_down(self):
        ada, = joined(self.server)
        self.server.restart()
        self.server.advance(86400)
        # The restarted process has its own clock again; only the file can know.
        self.server.restart()
        self.assertEqual(self.server.get(f"/v1/buckets/{ada.bucket}").status, 404)


if __name__ == "__main__":
    unittest.main(verbosity=2)
