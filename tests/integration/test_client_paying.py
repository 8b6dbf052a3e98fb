"""Clients at servers that ask for work, and at servers that lie about it."""

import json
import os
import signal
import time
import unittest

import link_program
import stamps
from harness import Server
from odd_server import OddServer, description, sound_routes
from ours import BUILD, client, revealed
from programs import PATIENCE_S, Program
from rendezvous import place_tag

CLIENT = BUILD / "client" / "reunion-client"
LISTEN = ("--listen", "127.0.0.1:5000")


def alice(*options):
    return client("Alice", "from Alice", "jelly", 600, *options)


def bob(*options):
    return client("Bob", "from Bob", "jelly", 600, *options)


class Paying(unittest.TestCase):
    def assert_met(self, a, b):
        a.wait_for_line("from Bob", "out")
        b.wait_for_line("from Alice", "out")
        self.assertEqual((revealed(a.lines), revealed(b.lines)), (["from Bob"], ["from Alice"]))

    def test_who_was_there_and_who_has_to_pay_meet(self):
        with Server("--t1-free", "1", *LISTEN) as server, alice() as a:
            a.wait_for_line("waiting for others")
            stamps.join_paying(server)
            with bob() as b:
                b.wait_for_line("it asks for about")
                self.assert_met(a, b)
                # At least 2^11 tries: less than 2^5 once in e^64 runs.
                bucket = b.wait_for_line("bucket").text.split()[-1]
                _, paid = stamps.read(server.get(f"/v1/buckets/{bucket}/stamps").body)
                efforts = sorted(effort for _, _, effort in paid.values())
                self.assertGreater(efforts[2], 32)

    def test_who_paid_nothing_raises_its_stamp_beside_the_rest(self):
        with Server(*LISTEN) as server, alice() as a:
            bucket = a.wait_for_line("bucket").text.split()[-1]
            deadline_s = time.monotonic() + PATIENCE_S
            effort = 0
            while effort < 1 << 12:
                self.assertLess(time.monotonic(), deadline_s)
                _, paid = stamps.read(server.get(f"/v1/buckets/{bucket}/stamps").body)
                (_, _, effort), = paid.values()
            # The bucket did not change, and others find it as before.
            with bob() as b:
                self.assert_met(a, b)

    def test_two_who_pay_meet_in_a_place(self):
        """Which asks for work of its own: nothing is asked for in the common one. A stamp is bound
        to the place, and the server tells its worth there."""
        tag = place_tag("37c3")
        with Server("--t1-free", "1", *LISTEN) as server:
            stamps.priced(server, tag)
            self.assertEqual(stamps.terms(server)["t1_effort"], 0)
            with alice("--place", "37c3") as a, bob("--place", "37c3") as b:
                for each in (a, b):
                    each.wait_for_line("it asks for about")
                self.assert_met(a, b)
                bucket = a.wait_for_line("bucket").text.split()[-1]
                _, paid = stamps.read(server.get(f"/v1/buckets/{bucket}/stamps").body)
                efforts = sorted(effort for _, _, effort in paid.values())
                # One of those before paid nothing; 2^11 tries find less than 2^5 once in e^64 runs.
                self.assertEqual((len(efforts), efforts[0]), (4, 0))
                self.assertGreater(efforts[2], 32)
            self.assertEqual(server.get("/v1/buckets").json()["buckets"], [])
            with alice("--place", "37c3", "--max-effort", "1") as a:
                self.assertEqual(a.wait_for_end(), 4)
                a.wait_for_line("more than the 1 that --max-effort allows", "err")

    def test_two_who_pay_meet(self):
        with Server("--t1-free", "1", *LISTEN) as server:
            stamps.priced(server)
            with alice() as a, bob() as b:
                self.assert_met(a, b)

    def test_it_is_an_event_as_well(self):
        with Server("--t1-free", "1", *LISTEN) as server:
            stamps.priced(server)
            with alice("--json") as a:
                line = json.loads(a.wait_for_line('"paying"', "out").text)
                self.assertIn(line["effort"], (16, 18))
                self.assertGreater(line["seconds"], 0)
                a.wait_for_line('"waiting"', "out")

    def test_more_than_may_be_paid_is_refused(self):
        with Server("--t1-free", "1", *LISTEN) as server:
            stamps.priced(server)
            with alice("--max-effort", "15") as a:
                self.assertEqual(a.wait_for_end(), 4)
                line = a.wait_for_line("more than the 15 that --max-effort allows", "err").text
                self.assertRegex(line, "it asks for 1[68] tries of work")
            with alice("--max-effort", "15", "--json") as a:
                self.assertEqual(a.wait_for_end(), 4)
                for name in ("refused", "ended"):
                    told = json.loads(a.wait_for_line(f'"event":"{name}"', "out").text)
                    self.assertEqual((told["reason"], told["effort_max"]), ("not-taken", 15))
                    self.assertIn(told["effort"], (16, 18))
                    self.assertTrue(told["detail"].endswith(
                        f"it asks for {told['effort']} tries of work, more than the 15 that "
                        "--max-effort allows"), told)

    def test_who_works_until_the_time_is_over_never_waited_for_others(self):
        asked = terms(t1_effort=1 << 17)
        for options in ((), ("--json",)):
            with OddServer({}) as odd:
                odd.routes = {**sound_routes(odd), "GET /v1/server": description(stamp=asked)}
                with client("Alice", "from Alice", "jelly", 3, "--server", odd.url,
                            *options) as a:
                    self.assertEqual(a.wait_for_end(), 1, a.transcript())
                    said = a.wait_for_line("before the program could wait for others; its own work",
                                           "out" if options else "err").text
                    self.assertNotIn("nobody else was there", a.transcript())
                    self.assertFalse([line for line in odd.asked if "POST /v1/t1" in line])
                    if options:
                        end = json.loads(said)
                        self.assertEqual((end["event"], end["outcome"]), ("end", "alone"))
                        self.assertTrue(end["detail"].startswith("nobody was met"), end)

    def test_who_waited_in_vain_is_told_that_nobody_was_there(self):
        with Server(*LISTEN), client("Alice", "from Alice", "jelly", 8, "--json") as a:
            self.assertEqual(a.wait_for_end(), 1, a.transcript())
            a.wait_for_line('"waiting"', "out")
            end = json.loads(a.wait_for_line('"event":"end"', "out").text)
            self.assertEqual(end["detail"], "nobody was met: nobody else was there")

    def test_who_works_can_be_stopped(self):
        with Server("--t1-free", "1", *LISTEN) as server:
            stamps.priced(server)
            with OddServer({}) as odd:
                asked = dict(terms(), t1_effort=1 << 17)
                odd.routes = {**sound_routes(odd), "GET /v1/server": description(stamp=asked)}
                with alice("--server", odd.url) as a:
                    a.wait_for_line("it asks for about")
                    self.assertEqual(a.stop(signal.SIGINT), 130)

    def test_check_says_what_is_asked(self):
        for free, part in (("0", "asks for none now"), ("1", "asks for 1[68] tries")):
            with Server("--t1-free", free, *LISTEN) as server:
                stamps.priced(server)
                with Program("check", [CLIENT, "check"]) as check:
                    check.wait_for_end()
                    self.assertRegex(check.transcript(), part)

    def test_links_are_paid_for(self):
        with Server("--t1-free", "1", *LISTEN) as server:
            for _ in range(64):
                self.assertEqual(stamps.post(server, "/v1/links", os.urandom(256)).status, 201)
            done = link_program.run("create", "--server", server.url, "https://example.org/x")
            self.assertEqual(done.returncode, 0, done)
            self.assertIn("it asks for about", done.stderr)
            invitation = done.stdout.splitlines()[0]
            opened = link_program.run("open", invitation)
            self.assertEqual(opened.stdout.split(), ["https://example.org/x"], opened)

    def test_more_than_may_be_paid_for_a_link_is_refused(self):
        """And nothing was posted; whoever allows as much as is asked is served."""
        with Server("--t1-free", "1") as server:
            for _ in range(64):
                self.assertEqual(stamps.post(server, "/v1/links", os.urandom(256)).status, 201)

            def create(*options):
                return link_program.run("create", "--server", server.url, *options, "x")
            done = create("--max-effort", "15")
            self.assertEqual((done.returncode, done.stdout), (4, ""), done)
            self.assertIn("16 tries of work, more than the 15 that --max-effort allows",
                          done.stderr)
            self.assertNotIn("it asks for about", done.stderr)
            told = json.loads(create("--max-effort", "15", "--json").stdout.splitlines()[1])
            self.assertEqual((told["event"], told["reason"]), ("refused", "not-taken"))
            self.assertIn("--max-effort", told["detail"])
            self.assertEqual(create("--max-effort", "16").returncode, 0)
            for wrong in ("0", "4294967296", "x"):
                self.assertEqual(create("--max-effort", wrong).returncode, 2)


def terms(**changed):
    return {"challenge": "ab" * 32, "t1_effort": 16, "link_effort": 0,
            "until": (int(time.time()) // 3600 + 1) * 3600, **changed}


def asking(challenge, effort):
    """The answer that asks for a stamp."""
    problem = {"type": "urn:reunion:problem:stamp", "title": "", "status": 429, "detail": "",
               "challenge": challenge, "effort": effort, "until": 7200}
    return (429, {}, json.dumps(problem).encode())


class Lies(unittest.TestCase):
    def test_a_challenge_for_each_client_is_refused(self):
        odd = self.enterContext(OddServer({}))
        odd.routes = {**sound_routes(odd), "GET /v1/server": lambda *_: description(
            stamp=terms(challenge=os.urandom(32).hex()))}
        with alice("--server", odd.url) as a:
            self.assertEqual(a.wait_for_end(), 4, a.transcript())
            a.wait_for_line("a challenge that others do not get", "err")
        with alice("--server", odd.url, "--json") as a:
            self.assertEqual(a.wait_for_end(), 4, a.transcript())
            for name in ("refused", "ended"):
                told = json.loads(a.wait_for_line(f'"event":"{name}"', "out").text)
                self.assertEqual(told["reason"], "nonsense")
                self.assertIn("a challenge that others do not get", told["detail"])
        self.assertEqual([line for line in odd.asked if "POST" in line], [])

    def test_an_effort_that_nobody_pays(self):
        odd = self.enterContext(OddServer({}))
        for effort in ((1 << 17) + 1, 2 ** 32 - 1):
            odd.routes = {**sound_routes(odd),
                          "GET /v1/server": description(stamp=terms(t1_effort=effort))}
            with alice("--server", odd.url) as a:
                self.assertEqual(a.wait_for_end(), 4, a.transcript())
                a.wait_for_line(f"asks for {effort} tries of work", "err")

    def test_more_is_asked_after_the_work_was_done(self):
        """Once it goes on; the same once more is nonsense, and not worked for without end."""
        odd = self.enterContext(OddServer({}))
        answers = [asking("ab" * 32, 1 << 13)]
        odd.routes = {**sound_routes(odd), "GET /v1/server": description(stamp=terms()),
                      "POST /v1/t1": lambda *_: answers.pop(0) if answers else
                      asking("ab" * 32, 16)}
        with alice("--server", odd.url) as a:
            a.wait_for_line("it asks again for work that was done", "err")
        self.assertEqual(answers, [])

    def test_terms_that_make_no_sense(self):
        for wrong in (terms(t1_effort=-1), terms(t1_effort="many"), terms(challenge="ab"),
                      {}, [], terms(t1_effort=2 ** 32)):
            odd = self.enterContext(OddServer({"GET /v1/server": description(stamp=wrong)}))
            with alice("--server", odd.url) as a:
                self.assertEqual(a.wait_for_end(), 3, a.transcript())
                a.wait_for_line("no REUNION server", "err")


if __name__ == "__main__":
    unittest.main(verbosity=2)
