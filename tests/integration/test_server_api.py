"""The HTTP API of the server, call by call."""

import os
import unittest

from harness import Server
from rendezvous import (
    EVERYBODY, RECORD_BYTES, T1_BYTES, Identity, bucket_link, feed,
    frames, h, joined, place_tag, split)

UNKNOWN = "0" * 64


class Api(unittest.TestCase):
    def setUp(self):
        self.server = Server()
        self.enterContext(self.server)

    def test_server_tells_what_it_is(self):
        told = self.server.get("/v1/server").json()
        self.assertEqual(told["record_bytes"], {"t1": 288, "t2": 96, "t3": 96})
        self.assertEqual(told["bucket_capacity"], 64)
        self.assertEqual((told["open_window_s"], told["lifetime_s"]), (3600, 86400))
        self.assertEqual(told["salt"], "00" * 32)
        self.assertEqual(told["limits"]["wait_s_max"], 60)

    def test_a_t1_gets_a_bucket(self):
        ada = Identity()
        answer = ada.join(self.server)
        told = answer.json()
        self.assertEqual(answer.status, 201)
        self.assertEqual(told["t1_id"], ada.id.hex())
        self.assertEqual(told["link"], bucket_link(told["created"], told["seq"]))
        self.assertEqual(told["id"], f"{told['created']}-{told['seq']}")
        self.assertEqual((told["seq"], told["count"], told["open"]), (0, 1, True))
        self.assertEqual(told["expires"], told["created"] + 86400)
        fetched = self.server.get(f"/v1/t1/{ada.id.hex()}")
        self.assertEqual((fetched.body, fetched.headers["Reunion-Bucket"]), (ada.t1, told["link"]))
        del told["t1_id"]
        self.assertEqual(self.server.get(f"/v1/buckets/{ada.bucket}").json(), told)
        listed = self.server.get("/v1/buckets").json()
        self.assertEqual((listed["buckets"], listed["more"]), ([told], False))

    def test_the_same_t1_again(self):
        ada = Identity()
        first = ada.join(self.server).json()
        again = ada.join(self.server)
        self.assertEqual((again.status, again.json()), (200, first))
        # Whatever bucket it names: it stands where it stands.
        self.assertEqual(ada.join(self.server, UNKNOWN).json(), first)
        thief = self.server.post("/v1/t1", ada.t1, os.urandom(32))
        self.assertEqual((thief.status, thief.problem), (403, "wrong-key"))

    def test_a_t1_needs_a_key(self):
        for key in (None, "", "12", "AB" * 32, "ab" * 31, "ab" * 33, "gg" * 32):
            answer = self.server.post("/v1/t1", os.urandom(T1_BYTES), key)
            self.assertEqual((answer.status, answer.problem), (401, "key-required"), key)
            self.assertEqual(answer.headers["WWW-Authenticate"], "Bearer")

    def test_a_named_bucket_is_joined_until_it_is_full(self):
        ada, = joined(self.server)
        answers = [Identity().join(self.server, ada.bucket) for _ in range(63)]
        self.assertEqual({answer.status for answer in answers}, {201})
        self.assertEqual({answer.json()["link"] for answer in answers}, {ada.bucket})
        self.assertEqual([answer.json()["open"] for answer in answers][-2:], [True, False])
        late = Identity().join(self.server, ada.bucket)
        self.assertEqual((late.status, late.problem), (409, "bucket-full"))
        self.assertEqual(ada.join(self.server, ada.bucket).status, 200)
        elsewhere = Identity().join(self.server).json()
        self.assertNotEqual(elsewhere["link"], ada.bucket)
        unknown = Identity().join(self.server, UNKNOWN)
        self.assertEqual((unknown.status, unknown.problem), (404, "unknown-bucket"))

    def test_buckets_come_in_pages_newest_first(self):
        joined(self.server, 66 * 64)
        first = self.server.get("/v1/buckets").json()
        second = self.server.get(f"/v1/buckets?after={first['buckets'][-1]['link']}").json()
        buckets = first["buckets"] + second["buckets"]
        self.assertEqual((first["more"], second["more"], len(buckets)), (True, False, 66))
        order = [(each["created"], each["seq"]) for each in buckets]
        self.assertEqual(order, sorted(order, reverse=True))
        self.assertEqual({each["count"] for each in buckets}, {64})
        self.assertEqual(self.server.get(f"/v1/buckets?after={UNKNOWN}").problem, "unknown-bucket")

    def test_t1s_of_a_bucket(self):
        everyone = joined(self.server, 3)
        path = f"/v1/buckets/{everyone[0].bucket}/t1"
        answer = self.server.get(path)
        in_order = b"".join(each.t1 for each in sorted(everyone, key=lambda each: each.id))
        self.assertEqual(answer.body, in_order)
        self.assertEqual((answer.headers["Cache-Control"], answer.headers["ETag"]),
                         ("no-store", None))
        everyone += joined(self.server, 61)
        answer = self.server.get(path)
        in_order = b"".join(each.t1 for each in sorted(everyone, key=lambda each: each.id))
        self.assertEqual(answer.body, in_order)
        self.assertRegex(answer.headers["Cache-Control"],
                         r"^public, immutable, max-age=8[2-6]\d\d\d$")
        tag = answer.headers["ETag"]
        self.assertRegex(tag, '^"[0-9a-f]{64}"$')
        for given in (tag, "*", f'"other", W/{tag}'):
            same = self.server.get(path, **{"If-None-Match": given})
            self.assertEqual((same.status, same.body, same.headers["ETag"]), (304, b"", tag))
        self.assertEqual(self.server.get(path, **{"If-None-Match": '"other"'}).status, 200)

    def test_records_between_two(self):
        ada, bob = joined(self.server, 2)
        link = ada.bucket
        sent = ada.record(bob)
        receipt = ada.send(self.server, 2, link, sent)
        self.assertEqual((receipt.status, receipt.json()),
                         (200, {"stored": 1, "duplicate": 0, "refused": []}))
        self.assertEqual(ada.send(self.server, 2, link, sent).json()["duplicate"], 1)
        # A T3 between the same two is another place.
        self.assertEqual(ada.send(self.server, 3, link, sent).json()["stored"], 1)
        mixed = ada.send(self.server, 2, link, ada.record(ada), sent, ada.record(bob),
                         ada.record(Identity()), ada.record(EVERYBODY)).json()
        self.assertEqual((mixed["stored"], mixed["duplicate"]), (0, 1))
        self.assertEqual(mixed["refused"], [
            {"index": 0, "reason": "own"},
            {"index": 2, "reason": "taken"},
            {"index": 3, "reason": "unknown-addressee"},
            {"index": 4, "reason": "unknown-addressee"},
        ])
        answered = bob.record(ada)
        bob.send(self.server, 2, link, answered)
        both = self.server.get(f"/v1/buckets/{link}/t2")
        self.assertEqual(sorted(split(both.body, RECORD_BYTES)), sorted([sent, answered]))
        self.assertIsNone(both.headers["Reunion-Cursor"])
        to_ada = self.server.get(f"/v1/buckets/{link}/t2?to={ada.id.hex()}")
        self.assertEqual(to_ada.body, answered)
        self.assertEqual(self.server.get(f"/v1/buckets/{link}/t3").body, sent)
        self.assertEqual(self.server.get(f"/v1/buckets/{link}/t2?to={UNKNOWN}").body, b"")

    def test_the_same_record_twice_in_one_request(self):
        ada, bob = joined(self.server, 2)
        record = ada.record(bob)
        told = ada.send(self.server, 2, ada.bucket, record, record, ada.record(bob)).json()
        self.assertEqual((told["stored"], told["duplicate"]), (1, 1))
        self.assertEqual(told["refused"], [{"index": 2, "reason": "taken"}])

    def test_who_may_post_records(self):
        ada, bob, eve = joined(self.server, 3)
        link = ada.bucket
        forged = ada.send(self.server, 2, link, ada.record(bob), key=eve.key)
        self.assertEqual((forged.status, forged.problem), (403, "wrong-key"))
        stranger = Identity()
        unknown = stranger.send(self.server, 2, link, stranger.record(bob))
        self.assertEqual((unknown.status, unknown.problem), (404, "unknown-sender"))
        two = ada.send(self.server, 2, link, ada.record(bob), eve.record(bob))
        self.assertEqual((two.status, two.problem), (400, "mixed-senders"))
        nobody = self.server.post(f"/v1/buckets/{link}/t2", ada.record(bob))
        self.assertEqual((nobody.status, nobody.problem), (401, "key-required"))
        elsewhere = ada.send(self.server, 2, UNKNOWN, ada.record(bob))
        self.assertEqual((elsewhere.status, elsewhere.problem), (404, "unknown-bucket"))
        self.assertEqual(self.server.get(f"/v1/buckets/{link}/t2").body, b"")

    def test_a_sender_may_stand_in_another_bucket(self):
        old = joined(self.server, 64)
        newcomer, = joined(self.server)
        self.assertNotEqual(newcomer.bucket, old[0].bucket)
        record = newcomer.record(old[5])
        self.assertEqual(newcomer.send(self.server, 2, old[0].bucket, record).json()["stored"], 1)
        # The place of a record is the bucket of its addressee.
        wrong = newcomer.send(self.server, 2, newcomer.bucket, newcomer.record(old[6])).json()
        self.assertEqual(wrong["refused"], [{"index": 0, "reason": "unknown-addressee"}])
        told = frames(feed(self.server, old[0].bucket).body)
        self.assertIn((2, record), told)
        self.assertEqual(len(told), 65)

    def test_heads_and_methods(self):
        ada, = joined(self.server)
        for path in ("/v1/server", f"/v1/buckets/{ada.bucket}/t1", "/v1/buckets", "/healthz",
                     f"/v1/buckets/{ada.bucket}/feed", "/t1"):
            whole, head = self.server.get(path), self.server.request("HEAD", path)
            self.assertEqual((whole.status, head.status, head.body), (200, 200, b""), path)
            self.assertEqual(head.headers["Content-Length"], str(len(whole.body)), path)
        for method, path, allowed in (
                ("PUT", "/v1/server", "GET, HEAD"), ("GET", "/v1/t1", "POST"),
                ("OPTIONS", f"/v1/buckets/{ada.bucket}/t2", "GET, HEAD, POST"),
                ("DELETE", "/t2", "GET, HEAD, POST"), ("BREW", "/healthz", "GET, HEAD")):
            answer = self.server.request(method, path)
            self.assertEqual((answer.status, answer.problem), (405, "method-not-allowed"), path)
            self.assertEqual(answer.headers["Allow"], allowed)

    def test_health_is_a_write(self):
        answer = self.server.get("/healthz")
        self.assertEqual((answer.status, answer.json()), (200, {"status": "ok"}))

    def test_lists_come_in_pages_of_one_moment(self):
        with Server("--feed-answer-max", "1K") as server:
            ada, *others = joined(server, 40)
            sent = [ada.record(each) for each in others]
            ada.send(server, 2, ada.bucket, *sent[:30])
            path = f"/v1/buckets/{ada.bucket}/t2"
            page = server.get(path)
            told, cursors = split(page.body, RECORD_BYTES), []
            ada.send(server, 2, ada.bucket, *sent[30:])
            while cursor := page.headers["Reunion-Cursor"]:
                self.assertLessEqual(len(page.body), 1024)
                cursors.append(cursor)
                page = server.get(f"{path}?after={cursor}")
                told += split(page.body, RECORD_BYTES)
            self.assertEqual(sorted(told), sorted(sent[:30]))
            self.assertEqual(len(cursors), 2)
            self.assertEqual(len(set(cursors)), 2)
            # A cursor is for one list; elsewhere it is none.
            again = server.get(f"{path}?to={others[0].id.hex()}&after={cursors[0]}")
            self.assertEqual(again.body, sent[0])
            bad = server.get(f"{path}?after={cursors[0][1:]}")
            self.assertEqual((bad.status, bad.problem), (400, "bad-cursor"))

    def test_places_have_buckets_of_their_own(self):
        cafe = place_tag("the cafe\u0301")
        self.assertEqual(cafe, place_tag("the café"))
        ada, = joined(self.server)
        bob, carl = joined(self.server, 2, place=cafe)
        told = self.server.get(f"/v1/buckets?place={cafe.hex()}").json()["buckets"]
        self.assertEqual([(each["link"], each["count"], each["place"]) for each in told],
                         [(bob.bucket, 2, cafe.hex())])
        self.assertEqual(bob.bucket,
                         bucket_link(told[0]["created"], told[0]["seq"], place=cafe))
        self.assertNotIn(bob.bucket, [each["link"] for each in
                                      self.server.get("/v1/buckets").json()["buckets"]])
        self.assertEqual(self.server.get(f"/v1/buckets?place={'0' * 64}").body,
                         self.server.get("/v1/buckets").body)
        self.assertEqual(self.server.get(f"/v1/buckets?place={'1' * 64}").json()["buckets"], [])
        self.assertEqual(self.server.get("/v1/buckets?place=1").problem, "malformed-id")
        # Records go from one place to no other, and a bucket is named with its place.
        answer = bob.send(self.server, 2, bob.bucket, bob.record(carl)).json()
        self.assertEqual(answer["stored"], 1)
        for sender, to in ((ada, bob), (bob, ada)):
            answer = sender.send(self.server, 2, to.bucket, sender.record(to)).json()
            self.assertEqual(answer["refused"], [{"index": 0, "reason": "other-place"}])
        self.assertEqual(Identity().join(self.server, bob.bucket).problem, "unknown-bucket")
        self.assertEqual(Identity().join(self.server, bob.bucket, place=cafe).status, 201)
        # The reference's endpoints see the common place alone.
        self.assertNotIn(bob.t1, split(self.server.get("/t1").body, T1_BYTES))
        with Server("--places-max", "1") as server:
            joined(server, place=cafe)
            refused = Identity().join(server, place=place_tag("elsewhere"))
            self.assertEqual((refused.status, refused.problem), (503, "too-many-places"))
            self.assertGreater(int(refused.headers["Retry-After"]), 80000)

    def test_answers_do_not_tell_arrival_order(self):
        everyone = joined(self.server, 40)
        orders = [
            [h(t1) for t1 in split(self.server.get(path).body, T1_BYTES)]
            for path in (f"/v1/buckets/{everyone[0].bucket}/t1", "/t1")]
        self.assertEqual(orders[0], sorted(each.id for each in everyone))
        self.assertEqual(sorted(orders[1]), orders[0])
        self.assertNotEqual(orders[1], [each.id for each in everyone])
        ada = everyone[0]
        sent = [ada.record(each) for each in everyone[1:]]
        for record in sent:
            ada.send(self.server, 2, ada.bucket, record)
        listed = split(self.server.get(f"/v1/buckets/{ada.bucket}/t2").body, RECORD_BYTES)
        self.assertEqual(sorted(listed), sorted(sent))
        self.assertNotEqual(listed, sent)
        # Nor does a feed, to who was not there when they came.
        told = [record for kind, record in frames(feed(self.server, ada.bucket).body) if kind == 2]
        self.assertEqual(sorted(told), sorted(sent))
        self.assertNotEqual(told, sent)
        ada.send(self.server, 3, ada.bucket, *sent)
        told = [record for kind, record in frames(feed(self.server, ada.bucket).body) if kind == 3]
        self.assertEqual(sorted(told), sorted(sent))
        self.assertNotEqual(told, sent)


if __name__ == "__main__":
    unittest.main(verbosity=2)
