"""reunion-group: its files, wishes it refuses, and servers that do not answer."""

import itertools
import pathlib
import stat
import tempfile
import unittest

from group_case import RelayCase, need_nacl
from group_program import Person


def setUpModule():
    need_nacl()


class Alone(RelayCase):
    """Each test has a folder of its own."""

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def person(self, name):
        return Person(name, self.folder, self.url)

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
                                (("create", "a\u202eb", "--direct"), "that others can see"),
                                (("create", "b", "--direct", "--as", "\u009b31mEve"),
                                 "that others can see"),
                                (("create", "b", "--direct", "--as", "alice\u200b"), "no width"),
                                (("create", b"\xff", "--direct"), "must be UTF-8"),
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
        self.answer_with(self.relay.ops.answer)
        done = alice.run("create", "club", "--direct")
        self.assert_refused(done, 3, "cannot open a mailbox", "does not know this request")
        self.assertEqual(self.assert_done(alice.run("list")), [])

    def answer_with(self, answer):
        """Until the end of the test."""
        usual, self.relay.answer = self.relay.answer, answer
        self.addCleanup(setattr, self.relay, "answer", usual)

    def test_a_server_that_is_silent_for_a_while_is_asked_again(self):
        """One request is sent four times before the silence is told."""
        alice = self.person("alice")
        self.create(alice)
        usual, numbers = self.relay.answer, itertools.count()
        self.answer_with(lambda q: usual(q) if next(numbers) >= 4 else None)
        done = alice.run("listen", "club", "--direct", "--once")
        self.assert_done(done)
        self.assertIn("no answer", done.stderr)
        self.assertIn("answers again", done.stderr)

    def assert_refused(self, done, code, *parts):
        self.assertEqual(done.returncode, code, done)
        for part in parts:
            self.assertIn(part, done.stderr)
        self.assertEqual(done.stdout, "")


if __name__ == "__main__":
    unittest.main(verbosity=2)
