"""reunion-group: a group that grows, talks and shrinks, against our own server and an independent
one of mailboxes."""

import os
import pathlib
import signal
import stat
import tempfile
import unittest

from group_program import GROUP, GroupCase, Person, event_of
from harness import Server
from needed import lacks
from ours import BUILD
from terminal import Terminal

try:
    import box_packet_server
    import box_peer
    from group_mailboxes import MailboxRelay
    LACKING = None
except ModuleNotFoundError as error:
    LACKING = f"{error} (Debian's package python3-nacl)"

KILLER = BUILD / "tests" / "lib" / "libkill_at.so"


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

    @property
    def url(self):
        return self.relay.url

    def person(self, name):
        return Person(name, self.folder, self.url)

    def two(self):
        alice, bob = (self.person(name) for name in ("alice", "bob"))
        self.create(alice)
        self.invite(alice, bob)
        self.heard(alice)
        self.heard(bob)
        return alice, bob

    def three(self):
        alice, bob = self.two()
        carol = self.person("carol")
        self.invite(alice, carol)
        for person in (alice, bob, carol, alice, bob, carol):
            self.heard(person)
        return alice, bob, carol


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
        long = "\u00fc" * (18880 // 2)  # as long as may be, and longer where it is escaped
        self.send(bob, long)
        self.assertEqual(self.heard(alice), [("carol", "hello"), ("bob", long)])
        self.assertEqual(self.heard(carol), [("bob", long)])
        self.assertEqual(self.heard(carol), [])
        shown = [self.members(each) for each in (alice, bob, carol)]
        self.assertEqual(shown, [(["alice", "bob", "carol"], shown[0][1])] * 3)

    def test_who_is_removed_reads_and_writes_no_more(self):
        alice, bob, carol = self.three()
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

    def test_who_leaves_is_forgotten(self):
        alice, bob, carol = self.three()
        self.assert_done(carol.run("leave", "club", "--direct"))
        self.assertEqual(self.assert_done(carol.run("list")), [])
        self.assertEqual(list(carol.files.iterdir()), [])
        for person in (alice, bob, alice, bob):
            self.heard(person)
        self.assertEqual(self.members(alice)[0], ["alice", "bob"])
        self.assertEqual(self.members(alice), self.members(bob))


class AtOurServer(Groups):
    """The same with mailboxes of our own server, and no relay."""
    @classmethod
    def setUpClass(cls):
        cls.server = box_packet_server.server("--mailboxes", "1000",
                                              "--rate-mailbox-max", "0").start()

    @property
    def url(self):
        (host, port), key = box_packet_server.address_of(self.server)
        return f"box+udp://{host}:{port}#{box_peer.key_text(key)}"


class Gaps(Case):
    def test_what_is_missing_is_told(self):
        alice, bob = self.two()
        self.relay.dropped = lambda copy: True
        self.send(alice, "lost")
        self.relay.dropped = lambda copy: False
        self.send(alice, "not lost")
        self.assertEqual(self.heard(bob), [("alice", "not lost")])
        done = bob.run("members", "club", "--json")
        missing = {each["member_name"]: each["missing"] for each in self.events(done, "member")}
        self.assertEqual(missing, {"alice": 1, "bob": 0})


class Talking(Case):
    """Two in a group, listening, typing, killed."""

    def setUp(self):
        super().setUp()
        self.alice, self.bob = (self.person(name) for name in ("alice", "bob"))
        self.create(self.alice)
        self.invite(self.alice, self.bob)
        self.heard(self.alice)

    def test_a_listener_shows_what_comes_and_sends_what_is_typed(self):
        """Also while the other commands use the same group."""
        with Terminal(self.bob.command("listen", "club", "--direct"), env=self.bob.env) as bob, \
                self.alice.start("listen", "club", "--direct", "--json") as alice:
            self.send(self.alice, "do you hear me?")
            bob.read_until(b"<alice> do you hear me?")
            bob.type(b"I do\n")
            alice.wait_for_line('"text":"I do"', patience_s=15)
            os.kill(bob.process.pid, signal.SIGINT)
            self.assertEqual(bob.wait_for_end(), 130)
            self.assertEqual(alice.stop(signal.SIGINT), 130)

    def killed(self, person, number, *arguments):
        """Run, and die before a step. Returns: whether it did, and the lines that were printed."""
        with person.start(*arguments, env={"LD_PRELOAD": KILLER, "KILL_AT": str(number)}) as run:
            code = run.wait_for_end()
            return code == -signal.SIGKILL, [line.text for line in run.lines]

    def test_a_sender_is_killed_before_any_step(self):
        number, dead = 0, True
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
        self.assertEqual(self.missing_of_alice(), 0)

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


class Files(Case):
    def test_files_are_ones_own_and_can_be_sealed(self):
        alice = self.person("alice")
        seal = self.folder / "seal"
        seal.write_text("one word after another\n")
        self.assert_done(alice.run("create", "club/1", "--direct", "--seal-file", seal))
        self.assert_done(alice.run("create", "open", "--direct"))
        names = sorted(each.name for each in alice.files.iterdir() if each.suffix == ".group")
        self.assertEqual(names, ["club%2f1.group", "open.group"])
        for each in alice.files.iterdir():
            self.assertEqual(stat.S_IMODE(each.stat().st_mode), 0o600, each)
        self.assertEqual(stat.S_IMODE(alice.files.stat().st_mode), 0o700)
        self.assertEqual(self.assert_done(alice.run("list")), ["club/1  sealed", "open  1 member"])
        self.assert_done(alice.run("members", "club/1", "--seal-file", seal))
        self.assert_done(alice.run("members", "club/1", typed="one word after another\n"))
        seal.write_text("another\n")
        done = alice.run("members", "club/1", "--seal-file", seal)
        self.assert_refused(done, 2, "sealed with another passphrase")
        done = alice.run("members", "club/1", typed="")
        self.assert_refused(done, 2, "give --seal-file")

    def test_a_damaged_file_is_named(self):
        alice = self.person("alice")
        self.create(alice)
        file = alice.files / "club.group"
        content = bytearray(file.read_bytes())
        content[100] ^= 1
        file.write_bytes(content)
        self.assert_refused(alice.run("members", "club"), 2, "is damaged", str(file))

    def test_bad_wishes_are_refused(self):
        alice = self.person("alice")
        self.create(alice)
        for arguments, part in ((("send", "club"), "--direct"),
                                (("members", "other"), "there is no group other"),
                                (("create", "club", "--direct"), "a group club already"),
                                (("create", "x" * 33, "--direct"), "1 to 32 bytes"),
                                (("create", "a\nb", "--direct"), "control characters"),
                                (("send", "--direct"), "which group"),
                                (("remove", "club", "--direct"), "--member"),
                                (("remove", "club", "--direct", "--member", "eve"), "no member"),
                                (("send", "club", "--direct", "--msg", "x"), "nobody else"),
                                (("send", "club", "--direct", "--msg", "  "), "nothing but blanks"),
                                (("listen", "club", "--direct", "--server", "http://[::1]:1"),
                                 "box+udp://")):
            self.assert_refused(alice.run(*arguments), 2, part)

    def test_a_server_that_does_not_answer_is_told(self):
        alice = self.person("alice")
        self.create(alice)
        silent = self.relay.url.replace(f":{self.relay.port}#", ":1#")
        done = alice.run("listen", "club", "--direct", "--once", "--server", silent)
        self.assert_refused(done, 3, "cannot read a mailbox at", "nobody listens there")

    def test_a_server_without_mailboxes_is_told(self):
        alice = self.person("alice")
        self.relay.answer = self.relay.ops.answer
        done = alice.run("create", "club", "--direct")
        self.assert_refused(done, 3, "cannot open a mailbox", "does not know this request")
        self.assertEqual(self.assert_done(alice.run("list")), [])

    def assert_refused(self, done, code, *parts):
        self.assertEqual(done.returncode, code, done)
        for part in parts:
            self.assertIn(part, done.stderr)
        self.assertEqual(done.stdout, "")


if __name__ == "__main__":
    unittest.main(verbosity=2)
