"""What reference clients see of version 1's, and when: server/compat/view.h."""

import os
import unittest

from harness import ClockServer
from rendezvous import T1_BYTES, h, joined, split


class ReferenceView(unittest.TestCase):
    def setUp(self):
        self.server = ClockServer()
        self.enterContext(self.server)

    def sent(self, kind, ada, to):
        """A T2 or T3 from Ada by version 1. Returns: what the reference is to see of it."""
        record = ada.record(to)
        self.assertEqual(ada.send(self.server, kind, ada.bucket, record).json()["stored"], 1)
        return record[:32] + record[64:]

    def is_shown(self, kind, record):
        return record in split(self.server.get(f"/t{kind}").body, 64)

    def round_of(self, t1):
        """A reference client asks for T1s, as it does in every round."""
        self.server.advance(1)
        self.server.post("/t1", t1)
        self.server.advance(1)

    def working(self):
        """A reference client that has got somebody's T1 and works on it. Returns: its T1."""
        joined(self.server)
        t1 = os.urandom(T1_BYTES)
        self.round_of(t1)
        return t1

    def test_whoever_comes_while_it_works_is_shown_in_the_next_round(self):
        t1 = self.working()
        ada, = joined(self.server)
        records = [(kind, self.sent(kind, ada, h(t1))) for kind in (2, 3)]
        for kind, record in records:
            self.assertFalse(self.is_shown(kind, record))
        # A T2 of its own ends no round: the answer still belongs to this one.
        self.server.post("/t2", h(t1) + os.urandom(32))
        self.assertFalse(self.is_shown(*records[0]))
        self.round_of(t1)
        for kind, record in records:
            self.assertTrue(self.is_shown(kind, record))

    def test_who_does_not_work_gets_everything_at_once(self):
        t1 = os.urandom(T1_BYTES)
        self.round_of(t1)
        ada, = joined(self.server)
        self.assertTrue(self.is_shown(2, self.sent(2, ada, h(t1))))
        # A round that brings Ada's T1 makes it work, and Bob comes too late for that round.
        self.round_of(t1)
        bob, = joined(self.server)
        record = self.sent(2, bob, h(t1))
        self.assertFalse(self.is_shown(2, record))
        self.round_of(t1)
        self.assertTrue(self.is_shown(2, record))

    def test_who_was_there_before_is_shown(self):
        ada, = joined(self.server)
        t1 = self.working()
        self.assertTrue(self.is_shown(2, self.sent(2, ada, h(t1))))

    def test_nobody_waits_for_the_gone(self):
        t1 = self.working()
        ada, = joined(self.server)
        record = self.sent(2, ada, h(t1))
        self.server.advance(50)
        self.assertFalse(self.is_shown(2, record))
        self.server.advance(10)
        self.assertTrue(self.is_shown(2, record))

    def test_version_1_sees_it_at_once(self):
        t1 = self.working()
        ada, = joined(self.server)
        record = self.sent(2, ada, h(t1))
        self.assertFalse(self.is_shown(2, record))
        seen = self.server.get(f"/v1/buckets/{ada.bucket}/t2").body
        self.assertEqual(seen, record[:32] + h(t1) + record[32:])

    def test_others_are_not_held_back(self):
        t1 = self.working()
        ada, bob = joined(self.server, 2)
        self.assertTrue(self.is_shown(2, self.sent(2, bob, ada)))
        self.assertTrue(self.is_shown(3, self.sent(3, bob, ada)))
        # What reference clients post is shown to their kind as the reference's server would.
        newcomer = os.urandom(T1_BYTES)
        self.server.post("/t1", newcomer)
        record = h(newcomer) + os.urandom(32)
        self.server.post("/t2", record)
        self.assertTrue(self.is_shown(2, record))
        self.round_of(t1)

    def test_what_was_stored_before_a_restart_is_shown(self):
        t1 = self.working()
        ada, = joined(self.server)
        record = self.sent(2, ada, h(t1))
        self.assertFalse(self.is_shown(2, record))
        self.server.restart()
        self.assertTrue(self.is_shown(2, record))


if __name__ == "__main__":
    unittest.main(verbosity=2)
