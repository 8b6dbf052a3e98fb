"""reunion-group through real mixes: two meet, become a group and write to each other."""

import pathlib
import tempfile
import unittest

from group_case import need_nacl
from group_program import GroupCase, Person, event_of

try:
    import box_packet_server
    import box_peer
    import mix_case
except ModuleNotFoundError:
    need_nacl()

INTERVAL = ("--interval", "50ms")


class ThroughMixes(GroupCase, mix_case.Mixes):
    count = 3

    def setUp(self):
        super().setUp()
        server = self.enterContext(box_packet_server.server("--mailboxes", "100"))
        (host, port), key = box_packet_server.address_of(server)
        self.net.add_server((host, port), key)
        self.start(flags=INTERVAL)
        url = f"box+udp://{host}:{port}#{box_peer.key_text(key)}"
        self.alice, self.bob = (
            Person(name, pathlib.Path(self.folder), url, ("--mixes", str(self.net.file)))
            for name in ("alice", "bob"))
        self.create(self.alice)
        self.invite(self.alice, self.bob)

    def next_message(self, person):
        """The last mix draws a batch for each copy, so it may come after the next look."""
        with person.start("listen", "club", *person.way, "--json") as listener:
            line = listener.wait_for(
                "a message", lambda lines: [line.text for line in lines
                                            if event_of(line.text).get("event") == "message"])[0]
        return event_of(line)["author_name"], event_of(line)["text"]

    def test_two_write_to_each_other(self):
        self.send(self.alice, "hello bob")
        self.assertEqual(self.next_message(self.bob), ("alice", "hello bob"))
        self.send(self.bob, "hello alice")
        self.assertEqual(self.next_message(self.alice), ("bob", "hello alice"))

    def test_one_mix_is_not_enough_to_write(self):
        """It would see who writes to whom."""
        done = self.alice.run("send", "club", *self.alice.way, "--route",
                              self.net.mixes[0]["name"], "--msg", "hello")
        self.assertEqual(done.returncode, 3, done)
        self.assertIn("a message needs two mixes", done.stderr)


class Options(GroupCase, unittest.TestCase):
    def test_one_way_or_the_other(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        person = Person("alice", folder, "box+udp://127.0.0.1:1#" + 43 * "A")
        for options, part in (((), "go through mixes, --mixes FILE"),
                              (("--direct", "--mixes", "x"), "do not go together"),
                              (("--direct", "--route", "a"), "--mixes")):
            done = person.run("create", "club", *options)
            self.assertEqual(done.returncode, 2, done)
            self.assertIn(part, done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
