"""reunion-group: a group that grows, talks and shrinks, against an independent server of
mailboxes."""

import pathlib
import tempfile
import unittest

from group_program import GroupCase, Person
from harness import Server
from needed import lacks

try:
    from group_mailboxes import MailboxRelay
    LACKING = None
except ModuleNotFoundError as error:
    LACKING = f"{error} (Debian's package python3-nacl)"


def setUpModule():
    if LACKING:
        lacks(None, LACKING)


class Case(GroupCase, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server().start()

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.relay = self.enterContext(MailboxRelay((self.server.host, self.server.port)))

    def person(self, name):
        return Person(name, self.folder, self.relay.url)


class Groups(Case):
    def test_a_group_grows_and_talks(self):
        alice, bob, carol = (self.person(name) for name in ("alice", "bob", "carol"))
        self.create(alice)
        self.invite(alice, bob)
        self.send(alice, "before carol")
        self.assertEqual(self.heard(bob), [("alice", "before carol")])
        self.invite(bob, carol)
        self.heard(alice)
        self.send(carol, "hello")
        long = "long " * 300
        self.send(bob, long)
        self.assertEqual(self.heard(alice), [("carol", "hello"), ("bob", long)])
        self.assertEqual(self.heard(carol), [("bob", long)])
        self.assertEqual(self.heard(carol), [])
        shown = [self.members(each) for each in (alice, bob, carol)]
        self.assertEqual(shown, [(["alice", "bob", "carol"], shown[0][1])] * 3)


if __name__ == "__main__":
    unittest.main(verbosity=2)
