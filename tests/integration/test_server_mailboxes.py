"""Mailboxes of groups, seen by an independent client: over packets and over HTTP alike."""

import os
import pathlib
import tempfile
import threading
import unittest

import box_packet_peer as packets
import box_packet_server
import box_peer
import mailbox_peer as mailboxes
from harness import ClockServer, Server
from mailbox_peer import FULL, GONE, NOT_FOUND, SUCCESS, read_all
from programs import PATIENCE_S

HOUR_S, DAY_S = 3600, 86400
LIMITS = ("--mailboxes", "3", "--mailbox-copies-max", "4", "--mailbox-copy-life", "1d",
          "--mailbox-life", "2d")
PACKETS = ("--box-packets", "127.0.0.1:0")


class Case(unittest.TestCase):
    flags = LIMITS

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.start(ClockServer)

    def start(self, kind):
        self.server = self.enterContext(kind(*PACKETS, *self.flags, directory=self.folder))
        self.connect()

    def connect(self):
        self.peer = self.enterContext(box_packet_server.peer_of(self.server))
        self.public = box_peer.key_of_text(self.server.box("box-packets")[1])
        self.ways = [mailboxes.OverPackets(self.peer), mailboxes.OverHttp(self.server),
                     mailboxes.OverPackets(self.peer, packets.SHORT)]

    def deliver(self, way, key):
        """Returns: the copy, and the delivery, which was answered."""
        delivery, copy = mailboxes.delivery_to(key, self.public)
        self.assertEqual(way.deliver(delivery), SUCCESS)
        return copy, delivery

    def opened(self, way):
        key = os.urandom(32)
        self.assertEqual(way.open(key)[0], SUCCESS)
        return key

    def each_way(self):
        for way in self.ways:
            with self.subTest(way=type(way).__name__, size=getattr(way, "size", None)):
                yield way


class Mailboxes(Case):
    def test_a_life(self):
        for way in self.each_way():
            key = self.opened(way)
            self.assertEqual(way.read(key), mailboxes.Page(False, 0, []))
            first, _ = self.deliver(way, key)
            second, _ = self.deliver(way, key)
            copies, cursor = read_all(way, key)
            self.assertEqual(copies, [first, second])
            self.assertEqual(way.remove(key, cursor), SUCCESS)
            self.assertEqual(way.remove(key, cursor), SUCCESS)
            self.assertEqual(read_all(way, key)[0], [])
            third, _ = self.deliver(way, key)
            self.assertEqual(read_all(way, key, cursor)[0], [third])
            self.assertEqual(way.close(key), SUCCESS)
            self.assertEqual(way.close(key), SUCCESS)
            for status in (way.open(key)[0], way.read(key), way.remove(key, cursor)):
                self.assertEqual(status, GONE)
            self.deliver(way, key)

    def test_an_unknown_one(self):
        for way in self.each_way():
            key = os.urandom(32)
            self.deliver(way, key)
            for status in (way.read(key), way.remove(key, 1), way.close(key)):
                self.assertEqual(status, NOT_FOUND)
            # What was sent before it was opened is not in it.
            self.assertEqual(way.open(key)[0], SUCCESS)
            self.assertEqual(way.read(key).copies, [])
            self.assertEqual(way.close(key), SUCCESS)

    def test_a_token_delivers_once(self):
        for way in self.each_way():
            key = self.opened(way)
            token = mailboxes.token_for(key, self.public)
            copies = [mailboxes.copy_for(token) for _ in range(2)]
            for copy in copies:
                again = mailboxes.delivery_of(token, copy, self.public)
                self.assertEqual(way.deliver(again), SUCCESS)
                self.assertEqual(way.deliver(again), SUCCESS)
            found, cursor = read_all(way, key)
            self.assertEqual(found, copies[:1])
            # Nor when the copy was removed; not even after a restart.
            self.assertEqual(way.remove(key, cursor), SUCCESS)
            self.assertEqual(way.deliver(again), SUCCESS)
            self.assertEqual(read_all(way, key)[0], [])
            self.assertEqual(way.close(key), SUCCESS)

    def test_what_does_not_open_is_answered_alike(self):
        for way in self.each_way():
            key = self.opened(way)
            token = mailboxes.token_for(key, self.public)
            good, _ = mailboxes.delivery_to(key, self.public)
            other = bytes(mailboxes.R_BYTES) + os.urandom(mailboxes.COPY_BYTES - 16)
            for wrong in (b"", b"x", good[:-1], good + b"x", os.urandom(656), bytes(1165),
                          mailboxes.delivery_of(token, other, self.public),
                          mailboxes.delivery_of(os.urandom(64), other, self.public)):
                self.assertEqual(way.deliver(wrong), SUCCESS, len(wrong))
            self.assertEqual(way.read(key).copies, [])
            self.assertEqual(way.close(key), SUCCESS)

    def test_a_full_one_takes_no_more_and_nobody_is_told(self):
        for way in self.ways[:2]:
            key = self.opened(way)
            copies = [self.deliver(way, key)[0] for _ in range(4)]
            _, late = self.deliver(way, key)
            found, cursor = read_all(way, key)
            self.assertEqual(found, copies)
            self.assertEqual(way.remove(key, cursor), SUCCESS)
            # A copy that was dropped has not used up its token.
            self.assertEqual(way.deliver(late), SUCCESS)
            self.assertEqual(len(read_all(way, key)[0]), 1)
            self.assertEqual(way.close(key), SUCCESS)

    def test_no_more_than_may_be_open(self):
        way, other = self.ways[:2]
        keys = [self.opened(way) for _ in range(3)]
        for each in (way, other):
            self.assertEqual(each.open(os.urandom(32))[0], FULL)
            self.assertEqual(each.open(keys[0])[0], SUCCESS)
        self.assertEqual(way.close(keys[0]), SUCCESS)
        self.opened(other)

    def test_an_answer_is_as_long_as_its_request_lets_it_be(self):
        long, _, short = self.ways
        key = self.opened(long)
        for _ in range(3):
            self.deliver(long, key)
        self.assertEqual(len(long.read(key).copies), 2)
        self.assertTrue(long.read(key).more)
        self.assertEqual(len(short.read(key).copies), 1)
        self.assertEqual(read_all(long, key), read_all(short, key))

    def test_copies_that_share_a_commit_all_come(self):
        way = self.ways[0]
        key = self.opened(way)
        sent = [mailboxes.delivery_to(key, self.public) for _ in range(4)]
        asked = [self.peer.send(bytes([mailboxes.DELIVER]) + delivery) for delivery, _ in sent]
        answered = set()
        while len(answered) < len(asked):
            datagram, _ = self.peer.socket.recvfrom(4096)
            answered.add(datagram[:16])
        self.assertEqual(answered, set(asked))
        self.assertEqual(sorted(read_all(way, key)[0]), sorted(copy for _, copy in sent))

    def test_time(self):
        for way in self.ways[:2]:
            key = self.opened(way)
            ends = way.open(key)[1]
            self.assertEqual(ends % HOUR_S, 0)
            self.deliver(way, key)
            cursor = way.read(key).cursor
            self.server.advance(DAY_S + HOUR_S)
            self.assertEqual(way.read(key).copies, [])
            self.assertGreater(way.open(key)[1], ends)
            later, delivery = self.deliver(way, key)
            self.assertEqual(read_all(way, key, cursor)[0], [later])
            self.server.advance(2 * DAY_S + HOUR_S)
            self.assertEqual(way.read(key), NOT_FOUND)
            # Opened again it is another; what a cursor of before names stays behind.
            self.assertEqual(way.open(key)[0], SUCCESS)
            self.assertEqual(way.deliver(delivery), SUCCESS)
            self.assertEqual(read_all(way, key, cursor)[0], [later])
            self.assertEqual(way.close(key), SUCCESS)

    def wait_in_mailbox(self, way, key, cursor):
        """Returns: a thread, and where its page will be."""
        pages = []
        thread = threading.Thread(
            target=lambda: pages.append(way.read(key, cursor, wait=60)), daemon=True)
        thread.start()
        self.server.wait_for_waiting(1)
        return thread, pages

    def test_who_waits_is_woken(self):
        other = self.ways[1]
        for way in self.ways[:2]:
            key = self.opened(other)
            thread, pages = self.wait_in_mailbox(way, key, 0)
            self.deliver(other, os.urandom(32))
            copy, _ = self.deliver(other, key)
            thread.join(PATIENCE_S)
            self.assertEqual(pages[0].copies, [copy])
            thread, pages = self.wait_in_mailbox(way, key, pages[0].cursor)
            self.server.advance(61)
            thread.join(PATIENCE_S)
            self.assertEqual(pages[0].copies, [])
            thread, pages = self.wait_in_mailbox(way, key, pages[0].cursor)
            self.assertEqual(other.close(key), SUCCESS)
            thread.join(PATIENCE_S)
            self.assertEqual(pages, [GONE])

    def test_the_newest_wait_of_a_session_replaces_the_older(self):
        way = self.ways[0]
        key = self.opened(way)
        q = bytes([mailboxes.READ]) + key + bytes(8) + b"\x3c"
        older = self.peer.send(q)
        self.server.wait_for_waiting(1)
        newer = self.peer.send(q)
        self.assertEqual(way.page_of(self.peer.receive(older)).copies, [])
        copy, _ = self.deliver(self.ways[1], key)
        self.assertEqual(way.page_of(self.peer.receive(newer)).copies, [copy])


class Http(Case):
    def test_keys_and_queries(self):
        way = self.ways[1]
        key = self.opened(way)
        path, other = way.path(key), way.path(os.urandom(32))

        def refusal(method, path, key=key):
            headers = {"Authorization": f"Bearer {key.hex()}"} if key else {}
            answer = self.server.request(method, path, headers=headers)
            return answer.status, answer.problem

        for method, at in (("GET", path), ("DELETE", path),
                           ("DELETE", f"{path}/copies?to={1:016x}")):
            self.assertEqual(refusal(method, at, None), (401, "read-key-required"))
            self.assertEqual(refusal(method, at, os.urandom(32)), (403, "wrong-read-key"))
        self.assertEqual(refusal("GET", other), (403, "wrong-read-key"))
        self.assertEqual(refusal("POST", "/v1/mailboxes", b"short"), (401, "read-key-required"))
        self.assertEqual(refusal("GET", path + "00"), (400, "malformed-id"))
        self.assertEqual(refusal("GET", path[:-2]), (400, "malformed-id"))
        self.assertEqual(refusal("GET", f"{path}?after=1"), (400, "bad-cursor"))
        self.assertEqual(refusal("GET", f"{path}?wait=61"), (400, "malformed-query"))
        self.assertEqual(refusal("DELETE", f"{path}/copies"), (400, "malformed-query"))
        self.assertEqual(refusal("DELETE", f"{path}/copies?to=x"), (400, "bad-cursor"))
        allowed = self.server.request("PUT", path).headers["Allow"]
        self.assertEqual(allowed, "GET, HEAD, DELETE")
        too_long = self.server.post("/v1/deliveries", bytes(1166))
        self.assertEqual((too_long.status, too_long.problem), (413, "too-large"))
        foreign = self.server.request("DELETE", path, headers={
            "Authorization": f"Bearer {key.hex()}", "Origin": "https://elsewhere.example"})
        self.assertEqual((foreign.status, foreign.problem), (403, "cross-site"))

    def test_metrics_are_coarse(self):
        key = self.opened(self.ways[1])
        self.deliver(self.ways[1], key)
        with Server(*PACKETS, *self.flags, "--metrics-listen", "main") as other:
            text = other.get("/metrics").body.decode()
        for name in ("mailboxes", "mailbox_copies", "mailbox_bytes", "deliveries_total",
                     "copies_stored_total"):
            self.assertIn(f"\nreunion_{name} 0\n", text)


class Together(Case):
    flags = ("--mailboxes", "3", "--mailbox-bytes-max", "64K")

    def test_all_of_them_have_a_limit(self):
        way = self.ways[1]
        keys = [self.opened(way) for _ in range(2)]
        for key in keys:
            for _ in range(60):
                self.deliver(way, key)
        copies = [read_all(way, key)[0] for key in keys]
        self.assertEqual(len(copies[0]), 60)
        self.assertEqual(len(copies[0] + copies[1]), 65536 // 720)


class Rates(Case):
    flags = (*LIMITS, "--rate-all-delivery-max", "5", "--rate-all-mailbox-max", "2")

    def test_deliveries_and_new_mailboxes_have_rates(self):
        delivery, _ = mailboxes.delivery_to(os.urandom(32), self.public)
        for _ in range(5):
            self.assertEqual(self.ways[1].deliver(delivery), SUCCESS)
        answer = self.server.post("/v1/deliveries", delivery)
        self.assertEqual((answer.status, answer.problem), (429, "too-many-requests"))
        # Packets are counted apart.
        q = bytes([mailboxes.DELIVER]) + delivery
        statuses = [self.peer.ask(q).status for _ in range(6)]
        self.assertEqual(statuses, [packets.SUCCESS] * 5 + [packets.NOT_NOW])
        for way in self.ways[:2]:
            for _ in range(2):
                way.open(bytes(32))
        answer = self.ways[1].ask("POST", "/v1/mailboxes", bytes(32))
        self.assertEqual((answer.status, answer.problem), (429, "too-many-requests"))


class Off(Case):
    flags = ()

    def test_there_are_none_unless_asked_for(self):
        for op in range(16, 21):
            self.assertEqual(self.peer.ask(bytes([op]) + bytes(41)).status, packets.UNKNOWN_OP)
        for method, path in (("POST", "/v1/mailboxes"), ("POST", "/v1/deliveries"),
                             ("GET", "/v1/mailboxes/" + 32 * "0"),
                             ("DELETE", f"/v1/mailboxes/{32 * '0'}/copies")):
            answer = self.server.request(method, path)
            self.assertEqual((answer.status, answer.problem), (404, "not-found"))
        paths = self.server.get("/v1/openapi.json").json()["paths"]
        self.assertEqual([path for path in paths if "mailbox" in path or "deliver" in path], [])


class Durability(Case):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.start(Server)

    def test_it_outlives_restarts_and_kills(self):
        way = self.ways[1]
        kept, closed = self.opened(way), self.opened(way)
        first, delivery = self.deliver(way, kept)
        cursor = way.read(kept).cursor
        second, _ = self.deliver(way, kept)
        self.assertEqual(way.remove(kept, cursor), SUCCESS)
        self.assertEqual(way.close(closed), SUCCESS)
        for end in (self.server.kill, self.server.stop):
            end()
            self.server.start()
            self.assertEqual(read_all(way, kept)[0], [second])
            self.assertEqual(way.deliver(delivery), SUCCESS)
            self.assertEqual(read_all(way, kept)[0], [second])
            self.assertEqual(way.open(closed)[0], GONE)
        # Numbers go on when all copies are gone.
        last = way.read(kept).cursor
        self.assertEqual(way.remove(kept, last), SUCCESS)
        self.server.kill()
        self.server.start()
        third, _ = self.deliver(way, kept)
        self.assertEqual(read_all(way, kept, last)[0], [third])
        self.assertNotIn(first, [third])

    def test_killed_while_copies_come_it_has_what_was_answered(self):
        self.server.stop()
        self.flags = ("--mailboxes", "3")
        self.start(Server)
        way = self.ways[1]
        key = self.opened(way)
        answered, sent = [], []
        enough = threading.Event()

        def send():
            while True:
                delivery, copy = mailboxes.delivery_to(key, self.public)
                sent.append(copy)
                try:
                    answer = self.server.post("/v1/deliveries", delivery)
                except OSError:
                    return
                except Exception as error:  # the connection ended in the middle of an answer
                    if "http" in type(error).__module__:
                        return
                    raise
                if answer.status == 204:
                    answered.append(copy)
                if len(answered) >= 40:
                    enough.set()

        threads = [threading.Thread(target=send, daemon=True) for _ in range(4)]
        for thread in threads:
            thread.start()
        self.assertTrue(enough.wait(PATIENCE_S))
        self.server.kill()
        for thread in threads:
            thread.join(PATIENCE_S)
        self.server.start()
        found = read_all(way, key)[0]
        self.assertEqual(len(found), len(set(found)))
        self.assertLessEqual(set(answered), set(found))
        self.assertLessEqual(set(found), set(sent))


class Forgetting(Case):
    def on_disk(self, *secrets):
        content = b"".join(path.read_bytes() for path in self.folder.iterdir())
        return [secret[16:48] in content for secret in secrets]

    def settle(self):
        """What is due is done."""
        self.server.advance(1)

    def test_nothing_is_left_on_disk(self):
        way = self.ways[1]
        removed, closed, expired = (self.opened(way) for _ in range(3))
        copies = [self.deliver(way, key)[0] for key in (removed, closed, expired)]
        self.assertEqual(self.on_disk(*copies), [True] * 3)
        self.assertEqual(way.remove(removed, way.read(removed).cursor), SUCCESS)
        self.settle()
        self.assertEqual(self.on_disk(*copies), [False, True, True])
        self.assertEqual(way.close(closed), SUCCESS)
        self.settle()
        self.assertEqual(self.on_disk(*copies), [False, False, True])
        self.server.advance(DAY_S + HOUR_S)
        self.assertEqual(self.on_disk(*copies), [False] * 3)
        content = b"".join(path.read_bytes() for path in self.folder.iterdir())
        self.assertIn(mailboxes.mailbox_id(removed), content)
        self.assertNotIn(copies[0][:16], content)
        self.server.advance(2 * DAY_S)
        content = b"".join(path.read_bytes() for path in self.folder.iterdir())
        self.assertNotIn(mailboxes.mailbox_id(removed), content)
        # A read key is never there.
        self.assertFalse(any(key in content for key in (removed, closed, expired)))


if __name__ == "__main__":
    unittest.main(verbosity=2)
