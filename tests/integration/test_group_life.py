"""reunion-group: a group that grows, talks and shrinks, against our own server and an independent
one of mailboxes."""

import unittest

from group_case import OwnServerCase, RelayCase, need_nacl


def setUpModule():
    need_nacl()


class Life:
    """What holds at any server with mailboxes."""

    def grown(self, *names):
        """Persons with a group, the first of whom made it, and each invited the next one."""
        people = [self.person(name) for name in names]
        self.create(people[0])
        for inviter, newcomer in zip(people, people[1:]):
            self.invite(inviter, newcomer)
        return people

    def test_a_group_grows_talks_and_shrinks(self):
        alice, bob = self.grown("alice", "bob")
        self.send(alice, "before carol")
        self.assertEqual(self.heard(bob), [("alice", "before carol")])
        carol = self.person("carol")
        self.invite(bob, carol)
        self.heard(alice)
        self.send(carol, "hello")
        long = "\u00fc" * (18880 // 2)  # as long as may be, and longer where it is escaped
        self.send(bob, long)
        self.assertEqual(self.heard(alice), [("carol", "hello"), ("bob", long)])
        self.assertEqual(self.heard(carol), [("bob", long)])
        self.assertEqual(self.heard(carol), [])
        shown = [self.members(each) for each in (alice, bob, carol)]
        self.assertEqual(shown, [(["alice", "bob", "carol"], shown[0][1])] * 3)
        self.who_is_removed_reads_and_writes_no_more(alice, bob, carol)

    def who_is_removed_reads_and_writes_no_more(self, alice, bob, carol):
        self.assert_done(alice.run("remove", "club", "--member", "carol", "--direct"))
        done = bob.run("listen", "club", "--direct", "--once", "--json")
        removed = self.events(done, "removed")
        self.assertEqual([(each["author_name"], each["member_name"]) for each in removed],
                         [("alice", "carol")])
        self.heard(alice)
        self.send(bob, "without carol")
        self.send(carol, "from outside")
        self.assertEqual(self.heard(carol), [])
        self.assertEqual(self.heard(alice), [("bob", "without carol")])
        self.assertEqual(self.heard(bob), [])
        self.assertEqual(self.members(alice), self.members(bob))
        self.assertEqual(self.members(alice)[0], ["alice", "bob"])


class AtAnIndependentServer(Life, RelayCase):
    def test_who_leaves_is_forgotten(self):
        alice, bob, carol = self.grown("anna", "bert", "cleo")
        for person in (alice, bob, carol):
            self.heard(person)
        self.assert_done(carol.run("leave", "club", "--direct"))
        self.assertEqual(self.assert_done(carol.run("list")), [])
        self.assertEqual(list(carol.files.iterdir()), [])
        for person in (alice, bob, alice, bob):
            self.heard(person)
        self.assertEqual(self.members(alice)[0], ["anna", "bert"])
        self.assertEqual(self.members(alice), self.members(bob))


class AtOurServer(Life, OwnServerCase):
    pass


if __name__ == "__main__":
    unittest.main(verbosity=2)
