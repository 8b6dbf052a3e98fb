"""The endpoints of the Python reference, and how its clients and ours share a bucket."""

import os
import unittest

from harness import ClockServer, Server
from rendezvous import EVERYBODY, T1_BYTES, feed, frames, h, joined, split


class Reference(unittest.TestCase):
    def setUp(self):
        self.server = Server("--reference-records-max", 5)
        self.enterContext(self.server)

    def post(self, path, body=b""):
        answer = self.server.request("POST", path, body)
        self.assertEqual((answer.status, answer.headers["Content-Type"]),
                         (200, "application/octet-stream"))
        return answer.body

    def joined(self):
        """A T1 as a reference client posts it. Returns: its id."""
        t1 = os.urandom(T1_BYTES)
        self.assertIn(t1, split(self.post("/t1", t1), T1_BYTES))
        return h(t1)

    def test_sets_of_records(self):
        t1s = sorted(os.urandom(T1_BYTES) for _ in range(5))
        self.assertEqual(self.post("/t1"), b"")
        self.assertEqual(self.post("/t1", b"".join(t1s[:3])), b"".join(t1s[:3]))
        self.assertEqual(self.post("/t1", b"".join(t1s[::-1] + t1s)), b"".join(t1s))
        self.assertEqual(self.server.get("/t1").body, b"".join(t1s))
        records = sorted(h(t1) + os.urandom(32) for t1 in t1s)
        for path in ("/t2", "/t3"):
            self.assertEqual(self.post(path, b"".join(records[:2])), b"".join(records[:2]))
            self.assertEqual(self.post(path, b"".join(records)), b"".join(records))
            self.assertEqual(self.server.get(path).body, b"".join(records))

    def test_lengths_that_are_no_multiple_store_nothing(self):
        sender = self.joined()
        for path, size in (("/t1", 288), ("/t2", 64), ("/t3", 64)):
            before = self.server.get(path).body
            for wrong in (1, size - 1, size + 1, 3 * size + 7):
                self.assertEqual(self.post(path, sender + bytes(wrong - 32) if wrong > 32
                                           else bytes(wrong)), before)

    def test_only_keyless_senders_and_not_too_much(self):
        sender = self.joined()
        ada, = joined(self.server)
        self.assertEqual(self.post("/t2", os.urandom(64) + ada.id + os.urandom(32)), b"")
        records = [sender + os.urandom(32) for _ in range(8)]
        kept = split(self.post("/t2", b"".join(records)), 64)
        self.assertEqual(sorted(kept), sorted(records[:5]))
        # What is kept stays, over and over; the cap is for each kind.
        self.assertEqual(split(self.post("/t2", b"".join(records)), 64), kept)
        self.assertEqual(len(split(self.post("/t3", b"".join(records)), 64)), 5)
        self.server.restart()
        self.assertEqual(split(self.post("/t2", b"".join(records)), 64), kept)

    def test_a_keyless_t1_has_no_voice_in_version_1(self):
        t1 = os.urandom(T1_BYTES)
        self.post("/t1", t1)
        taken = self.server.post("/v1/t1", t1, os.urandom(32))
        self.assertEqual((taken.status, taken.problem), (403, "wrong-key"))
        ada, = joined(self.server)
        forged = self.server.post(f"/v1/buckets/{ada.bucket}/t2", h(t1) + ada.id + bytes(32),
                                  bytes(32))
        self.assertEqual((forged.status, forged.problem), (403, "wrong-key"))

    def test_a_t1_of_version_1_stays_keyed(self):
        ada, = joined(self.server)
        self.assertEqual(self.post("/t1", ada.t1), ada.t1)
        self.assertEqual(ada.join(self.server).status, 200)
        self.assertEqual(self.post("/t2", ada.id + bytes(32)), b"")

    def test_both_kinds_of_client_in_one_bucket(self):
        guest = self.joined()
        ada, = joined(self.server)
        link = ada.bucket
        # Version 1 sees the reference's records as addressed to everybody …
        unaddressed = guest + os.urandom(32)
        self.post("/t2", unaddressed)
        whole = guest + EVERYBODY + unaddressed[32:]
        self.assertIn((2, whole), frames(feed(self.server, link).body))
        self.assertEqual(self.server.get(f"/v1/buckets/{link}/t2?to={ada.id.hex()}").body, whole)
        # … and may answer it up to 64 times, as each answer of theirs has its own place …
        answers = [ada.record(guest) for _ in range(65)]
        receipt = ada.send(self.server, 3, link, *answers).json()
        self.assertEqual((receipt["stored"], receipt["refused"]),
                         (64, [{"index": 64, "reason": "taken"}]))
        self.assertEqual(ada.send(self.server, 3, link, *answers[:64]).json()["duplicate"], 64)
        # … but sends it one T2.
        receipt = ada.send(self.server, 2, link, ada.record(guest), ada.record(guest)).json()
        self.assertEqual((receipt["stored"], len(receipt["refused"])), (1, 1))
        # The reference sees version 1's records without addressee.
        seen = split(self.server.get("/t3").body, 64)
        self.assertEqual(seen, sorted(each[:32] + each[64:] for each in answers[:64]))

    def test_only_the_newest_buckets_are_shown(self):
        with Server("--reference-buckets", 2) as server:
            everyone = joined(server, 3 * 64)
            shown = set(split(server.get("/t1").body, T1_BYTES))
            self.assertEqual(shown, {each.t1 for each in everyone[64:]})

    def test_an_answer_has_a_bound_and_all_of_it_comes_in_turn(self):
        """More than one answer may have: other ones are in those of every two seconds."""
        with ClockServer("--reference-answer-max", "64K") as server:
            t1s = [os.urandom(T1_BYTES) for _ in range(4)]
            server.post("/t1", b"".join(t1s))
            sent = {h(t1) + os.urandom(32) for t1 in t1s for _ in range(600)}
            server.post("/t2", b"".join(sent))
            seen = set()
            for _ in range(200):
                answer = split(server.get("/t2").body, 64)
                self.assertLessEqual(len(answer), 1024)
                self.assertEqual(answer, sorted(answer))
                seen |= set(answer)
                if seen == sent:
                    break
                server.advance(2)
            self.assertEqual(seen, sent)

    def test_one_body_opens_one_bucket_and_takes_a_quarter_of_it(self):
        t1s = {os.urandom(T1_BYTES) for _ in range(1100)}

        def counts():
            return [each["count"] for each in self.server.get("/v1/buckets").json()["buckets"]]
        kept = set(split(self.post("/t1", b"".join(t1s)), T1_BYTES))
        self.assertEqual((len(kept), kept - t1s, counts()), (16, set(), [16]))
        self.assertEqual(set(split(self.post("/t1", b"".join(t1s)), T1_BYTES)), kept)
        # Those of version 1 fill it, and then there is a quarter of another.
        joined(self.server, 48)
        kept = split(self.post("/t1", b"".join(t1s)), T1_BYTES)
        self.assertEqual((len(kept), counts()), (80, [16, 64]))
        self.server.restart()
        self.post("/t1", b"".join(t1s))
        self.assertEqual(counts(), [16, 64])


if __name__ == "__main__":
    unittest.main(verbosity=2)
