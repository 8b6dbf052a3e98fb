"""reunion-group: two in a group, who listen, type, are killed, and lose a message."""

import os
import signal
import unittest

from group_case import RelayCase, need_nacl
from group_program import event_of
from ours import BUILD
from terminal import Terminal

KILLER = BUILD / "tests" / "lib" / "libkill_at.so"


def setUpModule():
    need_nacl()


class Talking(RelayCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.alice, cls.bob = (cls.person(name) for name in ("alice", "bob"))
        case = cls()
        case.create(cls.alice)
        case.invite(cls.alice, cls.bob)

    def setUp(self):
        """Nothing is on its way."""
        for person in (self.alice, self.bob, self.alice, self.bob):
            self.heard(person)

    def test_what_is_missing_is_told(self):
        alice, bob = self.alice, self.bob
        self.heard(bob)
        before = self.missing_of_alice()
        self.relay.dropped = lambda copy: True
        self.send(alice, "lost")
        self.relay.dropped = lambda copy: False
        self.send(alice, "not lost")
        self.assertEqual(self.heard(bob), [("alice", "not lost")])
        self.assertEqual(self.missing_of_alice(), before + 1)

    def test_a_listener_shows_what_comes_and_sends_what_is_typed(self):
        """Also while the other commands use the same group."""
        with Terminal(self.bob.command("listen", "club", "--direct"), env=self.bob.env) as bob, \
                self.alice.start("listen", "club", "--direct", "--json") as alice:
            self.send(self.alice, "do you hear me?")
            bob.read_until(b"<alice> do you hear me?")
            bob.type(b"I do\n")
            alice.wait_for_line('"text":"I do"')
            os.kill(bob.process.pid, signal.SIGINT)
            self.assertEqual(bob.wait_for_end(), 130)
            self.assertEqual(alice.stop(signal.SIGINT), 130)

    def killed(self, person, number, *arguments):
        """Run, and die before a step. Returns: whether it did, and the lines that were printed."""
        with person.start(*arguments, env={"LD_PRELOAD": KILLER, "KILL_AT": str(number)}) as run:
            code = run.wait_for_end()
            return code == -signal.SIGKILL, [line.text for line in run.lines]

    def test_a_sender_is_killed_before_any_step(self):
        number, dead, missing = 0, True, self.missing_of_alice()
        while dead:
            number += 1
            dead, _ = self.killed(self.alice, number, "send", "club", "--direct", "--msg",
                                  f"text {number}")
        self.assertGreater(number, 4)
        self.send(self.alice, "last")
        heard = self.heard(self.bob)
        self.assertEqual(len(heard), len(set(heard)), heard)
        self.assertIn(("alice", f"text {number}"), heard)
        self.assertEqual(heard[-1], ("alice", "last"))
        self.assertEqual(self.missing_of_alice(), missing)

    def missing_of_alice(self):
        done = self.bob.run("members", "club", "--json")
        return next(each["missing"] for each in self.events(done, "member")
                    if each["member_name"] == "alice")

    def test_a_listener_is_killed_before_any_step(self):
        """What was not printed whole comes again; what is printed twice is what was being printed.
        """
        number, dead = 0, True
        while dead:
            number += 1
            self.send(self.alice, f"text {number}")
            dead, first = self.killed(self.bob, number, "listen", "club", "--direct", "--once",
                                      "--json")
            told = [event["text"] for event in map(event_of, first)
                    if event.get("event") == "message"]
            again = [text for _, text in self.heard(self.bob)]
            self.assertIn(told + again, ([f"text {number}"], [f"text {number}"] * 2))
            if dead is False:
                self.assertEqual((told, again), ([f"text {number}"], []))
        self.assertGreater(number, 6)


if __name__ == "__main__":
    unittest.main(verbosity=2)
