"""Work that is asked for, over HTTP: stamps, what they are refused for, what is told of them."""

import os
import unittest

from harness import ClockServer, Server
from programs import Program
from rendezvous import Identity, joined
from stamps import find, post, read, terms

FREE = 3
# A stamp worth so much is not taken for one of the hour before, which is worth more by chance.
CLEAR = 256


def join(server, identity, stamp=None, connection=None):
    answer = post(server, "/v1/t1", identity.t1, identity.key, stamp, connection)
    if answer.status in (200, 201):
        identity.bucket = answer.json()["link"]
    return answer


class Asked(unittest.TestCase):
    def setUp(self):
        self.server = self.enterContext(ClockServer("--t1-free", str(FREE)))

    def test_whoever_is_first_pays_nothing_and_whoever_comes_late_is_told_what(self):
        self.assertEqual(terms(self.server)["t1_effort"], 0)
        first = joined(self.server, FREE)
        asked = terms(self.server)
        self.assertEqual(asked["t1_effort"], 16)
        late = Identity()
        refused = join(self.server, late)
        self.assertEqual((refused.status, refused.problem), (429, "stamp"))
        told = refused.json()
        self.assertEqual({key: told[key] for key in ("challenge", "effort", "until")},
                         {"challenge": asked["challenge"], "effort": 16, "until": asked["until"]})
        self.assertGreater(int(refused.headers["Retry-After"]), 0)
        nonce, worth = find("r", late.t1, told["challenge"], CLEAR)
        self.assertEqual(join(self.server, late, nonce).status, 201)
        answer = self.server.get(f"/v1/t1/{late.id.hex()}")
        hour = asked["until"] // 3600 - 1
        self.assertEqual(answer.headers["Reunion-Stamp"], f"{nonce}; hour={hour}; effort={worth}; "
                                                          f"challenge={asked['challenge']}")
        unpaid = self.server.get(f"/v1/t1/{first[0].id.hex()}")
        self.assertIsNone(unpaid.headers["Reunion-Stamp"])
        # Who stands is never asked.
        self.assertEqual(join(self.server, first[0]).status, 200)

    def test_after_what_retry_after_says_nothing_is_asked(self):
        joined(self.server, FREE)
        wait_s = int(join(self.server, Identity()).headers["Retry-After"])
        self.server.advance(wait_s)
        self.assertEqual(join(self.server, Identity()).status, 201)

    def test_what_was_paid_is_told_of_a_bucket_and_of_all(self):
        free, = joined(self.server)
        late = Identity()
        asked = terms(self.server)
        nonce, worth = find("r", late.t1, asked["challenge"], CLEAR)
        join(self.server, late, nonce)
        challenges, paid = read(self.server.get(f"/v1/buckets/{late.bucket}/stamps").body)
        hour = asked["until"] // 3600 - 1
        self.assertEqual(challenges, {hour: asked["challenge"]})
        self.assertEqual(paid, {free.id: [0, "0" * 32, 0], late.id: [hour, nonce, worth]})
        told = self.server.get("/v1/buckets").json()["stamp"]
        self.assertEqual(told["effort"], 0)
        self.assertEqual((told["classes"][0], told["classes"][worth.bit_length()]), (1, 1))
        self.server.advance(3600)
        told = self.server.get("/v1/buckets").json()["stamp"]
        self.assertEqual((told["classes"][0], told["classes"][worth.bit_length() - 1]), (1, 1))

    def test_a_restart_keeps_challenges_and_what_is_asked(self):
        paid, free = Identity(), Identity()
        nonce, worth = find("r", paid.t1, terms(self.server)["challenge"], CLEAR)
        join(self.server, paid, nonce)
        joined(self.server, FREE - 1)
        for _ in range(2):
            another = Identity()
            nonce_of_another, _ = find("r", another.t1, terms(self.server)["challenge"], CLEAR)
            join(self.server, another, nonce_of_another)
        before, told = terms(self.server), self.server.get("/v1/buckets").json()["stamp"]
        early, _ = find("r", free.t1, before["challenge"], 64)
        self.server.restart()
        after = terms(self.server)
        self.assertGreater(after["t1_effort"], 0)
        if after["until"] == before["until"]:  # mostly: no hour has begun meanwhile
            self.assertEqual(after["challenge"], before["challenge"])
            self.assertEqual(self.server.get("/v1/buckets").json()["stamp"]["classes"],
                             told["classes"])
        self.assertEqual(join(self.server, free, early).status, 201)
        answer = self.server.get(f"/v1/t1/{paid.id.hex()}")
        self.assertIn(f"{nonce}; ", answer.headers["Reunion-Stamp"])

    def test_a_stamp_is_raised_by_its_poster_alone(self):
        ada, = joined(self.server, 1)
        challenge = terms(self.server)["challenge"]
        nonce, worth = find("r", ada.t1, challenge, CLEAR)
        self.assertEqual(join(self.server, ada, nonce).status, 200)
        better, more = find("r", ada.t1, challenge, 2 * worth)
        thief = Identity()
        thief.t1 = ada.t1
        self.assertEqual(join(self.server, thief, better).problem, "wrong-key")
        self.assertEqual(join(self.server, ada, better).status, 200)
        header = self.server.get(f"/v1/t1/{ada.id.hex()}").headers["Reunion-Stamp"]
        self.assertIn(f"effort={more};", header)
        join(self.server, ada, nonce)
        header = self.server.get(f"/v1/t1/{ada.id.hex()}").headers["Reunion-Stamp"]
        self.assertIn(f"effort={more};", header)

    def test_links_are_asked_for_work_as_well(self):
        for _ in range(64):
            self.assertEqual(post(self.server, "/v1/links", os.urandom(256)).status, 201)
        blob = os.urandom(256)
        refused = post(self.server, "/v1/links", blob)
        self.assertEqual((refused.status, refused.problem), (429, "stamp"))
        nonce, _ = find("l", blob, refused.json()["challenge"], refused.json()["effort"])
        self.assertEqual(post(self.server, "/v1/links", blob, stamp=nonce).status, 201)

    def test_reference_clients_are_refused_while_work_is_asked_for(self):
        joined(self.server, FREE - 1)
        t1 = os.urandom(288)
        self.assertEqual(self.server.post("/t1", t1).status, 200)
        refused = self.server.post("/t1", os.urandom(288))
        self.assertEqual((refused.status, refused.problem), (429, "stamp"))
        self.assertEqual(self.server.post("/t1", t1).status, 200)
        self.assertEqual(self.server.get("/t1").status, 200)

    def test_many_t1s_in_one_request_are_no_way_round(self):
        t1s = os.urandom(1100 * 288)
        self.assertEqual(self.server.post("/t1", t1s).problem, "stamp")
        self.assertEqual(self.server.get("/t1").body, b"")


class Unpaid(unittest.TestCase):
    def test_the_operator_may_take_reference_clients_all_the_same(self):
        with Server("--t1-free", str(FREE), "--reference-unpaid", "1") as server:
            joined(server, FREE)
            self.assertEqual(server.post("/t1", os.urandom(288)).status, 200)
            self.assertEqual(join(server, Identity()).problem, "stamp")


class Wrong(unittest.TestCase):
    def setUp(self):
        self.server = self.enterContext(ClockServer("--t1-free", str(FREE)))
        joined(self.server, FREE)

    def refused(self, identity, stamp):
        """A wrong stamp is answered, and the connection closed."""
        with self.server.connect() as connection:
            answer = join(self.server, identity, stamp, connection)
        self.assertEqual((answer.status, answer.problem), (400, "wrong-stamp"))
        self.assertEqual(answer.headers["Connection"], "close")

    def test_stamps_of_another_form(self):
        for stamp in ("", "0", "0" * 31, "0" * 33, "0" * 64, "g" * 32, "A" * 32, " " * 32,
                      "0x" * 16):
            self.refused(Identity(), stamp)
        answer = post(self.server, "/v1/links", os.urandom(256), stamp="12")
        self.assertEqual(answer.problem, "wrong-stamp")

    def outcomes(self, stamp_for):
        """Twelve stamps that are for something else. By chance one in eight of them is worth 16, as
        two challenges count, and is taken or asked for more."""
        refused = 0
        for _ in range(12):
            identity = Identity()
            nonce = stamp_for(identity)
            answer = join(self.server, identity, nonce)
            refused += (answer.status, answer.headers["Connection"]) == (400, "close")
        # Fewer than six once in ten thousand runs.
        self.assertGreaterEqual(refused, 6)

    def test_stamps_for_another_record(self):
        challenge = terms(self.server)["challenge"]
        self.outcomes(lambda _: find("r", os.urandom(288), challenge, 64)[0])

    def test_stamps_for_another_kind(self):
        challenge = terms(self.server)["challenge"]
        self.outcomes(lambda identity: find("l", identity.t1, challenge, 64)[0])

    def test_stamps_of_another_server(self):
        with Server("--t1-free", "1") as other:
            challenge = terms(other)["challenge"]
        self.assertNotEqual(challenge, terms(self.server)["challenge"])
        self.outcomes(lambda identity: find("r", identity.t1, challenge, 64)[0])

    def test_stamps_of_an_old_challenge(self):
        challenge = terms(self.server)["challenge"]
        self.server.advance(2 * 3600)
        joined(self.server, FREE)
        self.outcomes(lambda identity: find("r", identity.t1, challenge, 64)[0])

    def test_the_challenge_of_the_hour_before_counts(self):
        identity = Identity()
        nonce, _ = find("r", identity.t1, terms(self.server)["challenge"], 64)
        self.server.advance(3600)
        joined(self.server, 1)
        self.assertEqual(join(self.server, identity, nonce).status, 201)

    def test_a_stamp_worth_too_little_is_asked_for_more(self):
        joined_ids = []
        while terms(self.server)["t1_effort"] < 64:
            identity = Identity()
            nonce, _ = find("r", identity.t1, terms(self.server)["challenge"], 64)
            joined_ids.append(join(self.server, identity, nonce).status)
        self.assertEqual(set(joined_ids), {201})
        # By chance one stamp in 64 is worth enough under the challenge of the hour before.
        for _ in range(5):
            identity = Identity()
            worth = 64
            while worth >= 64:
                nonce, worth = find("r", identity.t1, terms(self.server)["challenge"], 16)
            refused = join(self.server, identity, nonce)
            if refused.status != 201:
                break
        self.assertEqual((refused.status, refused.problem), (429, "stamp"))
        self.assertGreaterEqual(refused.json()["effort"], 64)


class Settings(unittest.TestCase):
    def test_wrong_ones_are_named(self):
        for flag, value in (("--t1-free", "-1"), ("--t1-free", "many"),
                            ("--reference-unpaid", "2")):
            with Program("server", [Server.binary, "--check-config", flag, value]) as program:
                self.assertNotEqual(program.wait_for_end(), 0)
                self.assertIn(flag, program.transcript())

    def test_with_0_nothing_is_ever_asked(self):
        with Server("--t1-free", "0") as server:
            joined(server, 200)
            self.assertEqual(terms(server)["t1_effort"], 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
