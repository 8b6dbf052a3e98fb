"""The packets of the server's box transport, seen by an independent client: each op against what
HTTP tells of the same server."""

import os
import unittest

import box_packet_peer as packets
import box_packet_server
import rendezvous
import stamps
from links import leave, places, post_link
from rendezvous import Identity, joined

SIZES = (packets.LONG, packets.SHORT)
ROOM = {packets.LONG: 1182, packets.SHORT: 844}


def link_of(identity):
    return bytes.fromhex(identity.bucket)


def op(number, *fields):
    return bytes([number]) + b"".join(fields)


def as_http(bucket):
    """A bucket of HTTP's JSON as packets have it."""
    created, sequence = bucket["id"].split("-")
    return packets.Bucket(int(created), int(sequence), bytes.fromhex(bucket["link"]),
                          bucket["count"], bucket["open"], bucket["expires"])


class Packets(unittest.TestCase):
    flags = ()

    def setUp(self):
        self.server = self.enterContext(box_packet_server.clock_server(*self.flags))
        self.peer = self.enterContext(box_packet_server.peer_of(self.server))

    def ask(self, q, size=packets.LONG):
        return self.peer.ask(q, size)

    def post(self, identity, bucket=packets.NONE, stamp=bytes(16), place=packets.NONE):
        return self.ask(packets.post_t1(identity.key, identity.t1, bucket, stamp, place))

    def buckets(self):
        return self.server.get("/v1/buckets").json()["buckets"]

    def fill(self, links):
        """As many buckets of places, newest last, each with a T1; all in one place."""
        place = os.urandom(32)
        for _ in range(links):
            joined(self.server, place=place)
            self.server.advance(3600)
        return place


class Reading(Packets):
    flags = ("--lifetime", "48h")

    def test_describe(self):
        told = self.server.get("/v1/server").json()
        for size in SIZES:
            seen = self.ask(op(packets.DESCRIBE), size).description()
            self.assertEqual(
                (seen["version"], seen["capacity"], seen["open_window"], seen["lifetime"],
                 seen["wait_max"], seen["salt"].hex(), seen["challenge"].hex(), seen["t1_effort"],
                 seen["link_effort"]),
                (1, told["bucket_capacity"], told["open_window_s"], told["lifetime_s"],
                 told["limits"]["wait_s_max"], told["salt"], told["stamp"]["challenge"],
                 told["stamp"]["t1_effort"], told["stamp"]["link_effort"]))
        self.server.advance(1000)
        self.assertEqual(self.ask(op(packets.DESCRIBE)).description()["now"], seen["now"] + 1000)

    def test_fetch_t1(self):
        ada, = joined(self.server)
        for size in SIZES:
            body = self.ask(op(packets.FETCH_T1, ada.id), size).success
            self.assertEqual(body, link_of(ada) + ada.t1)
        self.assertEqual(self.ask(op(packets.FETCH_T1, os.urandom(32))).status, packets.NOT_FOUND)

    def test_find_bucket(self):
        ada, = joined(self.server)
        bucket, = self.buckets()
        self.assertEqual(self.ask(op(packets.FIND, link_of(ada))).bucket(), as_http(bucket))
        self.assertEqual(self.ask(op(packets.FIND, os.urandom(32))).status, packets.NOT_FOUND)
        self.server.advance(48 * 3600)
        self.assertEqual(self.ask(op(packets.FIND, link_of(ada))).status, packets.GONE)
        self.assertEqual(self.ask(op(packets.READ_T1S, link_of(ada), packets.NONE)).status,
                         packets.GONE)
        self.assertEqual(self.ask(packets.feed(link_of(ada), ada.id, wait=60)).status,
                         packets.GONE)

    def all_buckets(self, request, size):
        """Page after page. Returns: all, and how many pages there were."""
        found, after, pages, more = [], packets.NONE, 0, True
        while more:
            answer = self.ask(request(after), size)
            self.assertLessEqual(1 + len(answer.body), ROOM[size])
            more, some = answer.buckets()
            found += some
            after = found[-1].link if found else packets.NONE
            pages += 1
        return found, pages

    def test_buckets(self):
        self.assertEqual(self.ask(op(packets.BUCKETS, packets.NONE)).buckets(), (False, []))
        for _ in range(24):
            joined(self.server)
            self.server.advance(3600)
        told = [as_http(each) for each in self.buckets()]
        for size, pages in ((packets.LONG, 2), (packets.SHORT, 2)):
            seen = self.all_buckets(lambda after: op(packets.BUCKETS, after), size)
            self.assertEqual(seen, (told, pages))
        self.assertEqual(self.ask(op(packets.BUCKETS, os.urandom(32))).status, packets.NOT_FOUND)

    def test_buckets_of_a_place(self):
        joined(self.server)
        place = self.fill(23)
        told = self.server.get(f"/v1/buckets?place={place.hex()}").json()["buckets"]
        seen, pages = self.all_buckets(lambda after: op(packets.PLACE_BUCKETS, place, after),
                                       packets.LONG)
        self.assertEqual((seen, pages), ([as_http(each) for each in told], 2))
        common = self.ask(op(packets.PLACE_BUCKETS, packets.NONE, packets.NONE)).buckets()
        self.assertEqual(common, (False, [as_http(each) for each in self.buckets()]))
        other = self.ask(op(packets.PLACE_BUCKETS, os.urandom(32), packets.NONE))
        self.assertEqual(other.buckets(), (False, []))
        self.assertEqual(self.ask(op(packets.PLACE_BUCKETS, packets.NONE, seen[0].link)).status,
                         packets.NOT_FOUND)

    def test_t1s(self):
        everybody = sorted(joined(self.server, 11), key=lambda identity: identity.id)
        link = link_of(everybody[0])
        for size, most in ((packets.LONG, 4), (packets.SHORT, 2)):
            found, after, more = [], packets.NONE, True
            while more:
                more, closed, t1s = self.ask(op(packets.READ_T1S, link, after), size).t1s()
                self.assertFalse(closed)
                self.assertLessEqual(len(t1s), most)
                found += t1s
                after = rendezvous.h(found[-1])
            self.assertEqual(found, [each.t1 for each in everybody])
        # An id need not stand there.
        between = (int.from_bytes(everybody[8].id, "big") + 1).to_bytes(32, "big")
        self.assertEqual(self.ask(op(packets.READ_T1S, link, between)).t1s(),
                         (False, False, [everybody[9].t1, everybody[10].t1]))
        self.assertEqual(self.ask(op(packets.READ_T1S, link, bytes([255] * 32))).t1s(),
                         (False, False, []))
        self.server.advance(3600)
        self.assertEqual(self.ask(op(packets.READ_T1S, link, everybody[10].id)).t1s(),
                         (False, True, []))

    def test_links(self):
        leave(self.server, 20)
        _, (link, *_) = leave(self.server)
        told = places(self.server, link)
        facts = self.server.get("/v1/links").json()
        for size, most in ((packets.LONG, 4), (packets.SHORT, 3)):
            found = []
            while len(found) < 64:
                answer = self.ask(op(packets.READ_LINKS, bytes.fromhex(link), bytes([len(found)])),
                                  size)
                binary, first, blobs = answer.links()
                self.assertEqual(first, len(found))
                self.assertEqual(len(blobs), min(most, 64 - first))
                found += blobs
            self.assertEqual(found, told)
            created, sequence = facts["id"].split("-")
            self.assertEqual(binary, int(created).to_bytes(8, "big") +
                             int(sequence).to_bytes(4, "big"))
        for place in (64, 255):
            self.assertEqual(self.ask(op(packets.READ_LINKS, bytes.fromhex(link),
                                         bytes([place]))).status, packets.MALFORMED)
        ada, = joined(self.server)
        for unknown in (os.urandom(32), link_of(ada)):
            self.assertEqual(self.ask(op(packets.READ_LINKS, unknown, b"\0")).status,
                             packets.NOT_FOUND)


class Stamps(Packets):
    def test_stamps_of_a_bucket(self):
        joined(self.server, 3)
        for _ in range(8):
            stamps.join_paying(self.server)
            self.server.advance(1200)
        for bucket in self.buckets():
            link = bucket["link"]
            challenges, told = stamps.read(self.server.get(f"/v1/buckets/{link}/stamps").body)
            for size in SIZES:
                after, seen, hours, more = packets.NONE, {}, {}, True
                while more:
                    answer = self.ask(op(packets.READ_STAMPS, bytes.fromhex(link), after), size)
                    self.assertLessEqual(1 + len(answer.body), ROOM[size])
                    more, named, lines = answer.stamps()
                    self.assertEqual(set(named), {hour for _, hour, _, effort in lines if effort})
                    hours |= {hour: challenge.hex() for hour, challenge in named.items()}
                    seen |= {t1: [hour, nonce.hex(), effort] for t1, hour, nonce, effort in lines}
                    after = lines[-1][0]
                self.assertEqual((hours, seen), (challenges, told))

    def test_a_full_bucket_takes_pages(self):
        everybody = joined(self.server, 63)
        link, after, found, more, pages = link_of(everybody[0]), packets.NONE, [], True, 0
        while more:
            more, hours, lines = self.ask(op(packets.READ_STAMPS, link, after)).stamps()
            self.assertEqual(hours, {})
            found += [line[0] for line in lines]
            after, pages = found[-1], pages + 1
        self.assertEqual(found, sorted(each.id for each in everybody))
        self.assertEqual(pages, 4)


class Prices(Packets):
    flags = ("--t1-free", 1)

    def find(self, kind, record, effort, place=None):
        nonce, worth = stamps.find(kind, record, stamps.terms(self.server)["challenge"], effort,
                                   place)
        return bytes.fromhex(nonce), worth

    def test_work_is_asked_for(self):
        stamps.priced(self.server)
        told = stamps.terms(self.server)
        ada = Identity()
        challenge, effort = self.post(ada).wanted
        self.assertEqual((challenge.hex(), effort), (told["challenge"], told["t1_effort"]))
        nonce, worth = self.find("r", ada.t1, effort)
        self.assertEqual(self.post(ada, stamp=nonce).bucket().count, 3)
        # A better one raises it.
        better, _ = self.find("r", ada.t1, 4 * worth)
        self.assertEqual(self.post(ada, stamp=better).bucket().count, 3)
        _, _, lines = self.ask(op(packets.READ_STAMPS, bytes.fromhex(self.buckets()[0]["link"]),
                                  packets.NONE)).stamps()
        self.assertIn(better, [line[2] for line in lines])

    def test_a_stamp_for_nothing(self):
        """One in eight is worth something by chance; twenty in a row are not."""
        stamps.priced(self.server)
        statuses = {self.post(Identity(), stamp=os.urandom(16)).status for _ in range(20)}
        self.assertIn(packets.MALFORMED, statuses)

    def test_the_price_is_the_places(self):
        place = os.urandom(32)
        stamps.priced(self.server, place)
        ada = Identity()
        self.assertGreaterEqual(self.post(ada, place=place).wanted[1], 16)
        self.assertEqual(self.post(ada).status, packets.SUCCESS)

    def test_a_links_price(self):
        leave(self.server, 64)
        blob = os.urandom(256)
        challenge, effort = self.ask(op(packets.POST_LINK, blob, bytes(16))).wanted
        self.assertEqual((challenge.hex(), effort > 0),
                         (stamps.terms(self.server)["challenge"], True))
        nonce, _ = self.find("l", blob, effort)
        self.assertEqual(self.ask(op(packets.POST_LINK, blob, nonce)).bucket().count, 65535)


class Posting(Packets):
    def test_a_t1_stands_once(self):
        ada = Identity()
        first = self.post(ada).bucket()
        bucket, = self.buckets()
        self.assertEqual(first, as_http(bucket))
        self.assertEqual(self.post(ada).bucket(), first)
        self.assertEqual(self.buckets(), [bucket])
        told = self.server.get(f"/v1/t1/{ada.id.hex()}")
        self.assertEqual((told.body, told.headers["Reunion-Bucket"]), (ada.t1, bucket["link"]))

    def test_the_same_packet_twice(self):
        ada = Identity()
        datagram, a = self.peer.session.request(packets.post_t1(ada.key, ada.t1))
        seen = []
        for _ in range(2):
            self.peer.socket.sendto(datagram, self.peer.address)
            seen.append(self.peer.receive(a).bucket())
        self.assertEqual(seen[0], seen[1])
        self.assertEqual(self.buckets()[0]["count"], 1)

    def test_what_is_stored_outlives_a_crash(self):
        ada = Identity()
        bucket = self.post(ada).bucket()
        self.server.kill()
        self.server.start()
        with box_packet_server.peer_of(self.server) as peer:
            self.assertEqual(peer.ask(op(packets.FETCH_T1, ada.id)).success, bucket.link + ada.t1)

    def test_where_a_t1_goes(self):
        place = os.urandom(32)
        ada, ben, eve = Identity(), Identity(), Identity()
        there = self.post(ada, place=place).bucket()
        self.assertEqual(there.link, bytes.fromhex(rendezvous.bucket_link(
            there.created, there.sequence, place=place)))
        self.assertEqual(self.post(ben, bucket=there.link, place=place).bucket().count, 2)
        self.assertEqual(self.post(eve, bucket=os.urandom(32)).status, packets.NOT_FOUND)
        self.server.advance(3600)
        self.assertEqual(self.post(eve, bucket=there.link, place=place).status, packets.FULL)
        self.server.advance(86400)
        self.assertEqual(self.post(eve, bucket=there.link, place=place).status, packets.GONE)

    def test_a_full_bucket(self):
        ada, *_ = joined(self.server, 64)
        self.assertEqual(self.post(Identity(), bucket=link_of(ada)).status, packets.FULL)

    def test_another_key(self):
        ada = Identity()
        self.post(ada).bucket()
        ada.key = os.urandom(32)
        self.assertEqual(self.post(ada).status, packets.FORBIDDEN)

    def send(self, kind, sender, link, *records, key=None, size=packets.LONG):
        return self.ask(packets.post_records(kind, key or sender.key, sender.id, link, *records),
                        size)

    def test_records(self):
        ada, ben, eve = joined(self.server, 3)
        for kind in (2, 3):
            body = os.urandom(32)
            first = self.send(kind, ada, link_of(ada), ben.id + body, ada.id + body,
                              os.urandom(32) + body, eve.id + body)
            self.assertEqual(first.success, bytes([0, 2, 2, 0]))
            again = self.send(kind, ada, link_of(ada), ben.id + body, eve.id + os.urandom(32),
                              size=packets.SHORT)
            self.assertEqual(again.success, bytes([1, 2]))
            told = self.server.get(f"/v1/buckets/{ada.bucket}/t{kind}").body
            self.assertEqual(sorted(rendezvous.split(told, 96)),
                             sorted(ada.id + each.id + body for each in (ben, eve)))

    def test_as_many_records_as_fit(self):
        ada, *others = joined(self.server, 17)
        records = [each.id + os.urandom(32) for each in others]
        self.assertEqual(self.send(2, ada, link_of(ada), *records).success, bytes(16))
        self.assertEqual(self.send(2, ada, link_of(ada), *records).success, bytes([1] * 16))

    def test_records_that_are_refused(self):
        ada, ben = joined(self.server, 2)
        record, link = ben.id + os.urandom(32), link_of(ada)
        stranger = Identity()
        for wanted, answer in (
                (packets.FORBIDDEN, self.send(2, ada, link, record, key=os.urandom(32))),
                (packets.NOT_FOUND, self.send(2, stranger, link, record)),
                (packets.NOT_FOUND, self.send(2, ada, os.urandom(32), record)),
                (packets.MALFORMED, self.send(2, ada, link)),
                (packets.MALFORMED, self.send(2, ada, link, record[:-1])),
                (packets.MALFORMED, self.send(3, ada, link, record + b"x"))):
            self.assertEqual((answer.status, answer.body), (wanted, b""))

    def test_links(self):
        blob = os.urandom(256)
        first = self.ask(op(packets.POST_LINK, blob, bytes(16))).bucket()
        told = post_link(self.server, blob).json()
        self.assertEqual((first.link.hex(), first.count, first.open, first.expires),
                         (told["link"], 65535, told["open"], told["expires"]))
        self.assertEqual(f"{first.created}-{first.sequence}", told["id"])
        self.assertEqual(self.ask(op(packets.POST_LINK, blob, bytes(16)), packets.SHORT).bucket(),
                         first)
        self.assertEqual(first.link.hex(), rendezvous.bucket_link(first.created, first.sequence,
                                                                  b"l"))


class Refusals(Packets):
    flags = ("--buckets-max", 1, "--records-per-post-max", 2)

    def test_requests_of_another_length(self):
        bodies = {packets.DESCRIBE: 0, packets.POST_T1: 400, packets.FETCH_T1: 32,
                  packets.BUCKETS: 32, packets.FIND: 32, packets.READ_T1S: 64, packets.FEED: 81,
                  packets.READ_LINKS: 33, packets.POST_LINK: 272, packets.READ_STAMPS: 64,
                  packets.PLACE_BUCKETS: 64}
        for number, length in bodies.items():
            for wrong in {length + 1, max(length - 1, 1), 0} - {length}:
                answer = self.ask(op(number, os.urandom(wrong)))
                self.assertEqual((answer.status, answer.body), (packets.MALFORMED, b""), number)
        for number in (packets.POST_T2S, packets.POST_T3S):
            for wrong in (0, 95, 96, 100, 96 + 3 * 64):
                self.assertEqual(self.ask(op(number, os.urandom(wrong))).status, packets.MALFORMED)

    def test_ops_that_there_are_not(self):
        for number in (0, 14, 15, 16, 17, 18, 19, 20, 21, 31, 33, 255):
            for body in (b"", os.urandom(40)):
                answer = self.ask(op(number, body))
                self.assertEqual((answer.status, answer.body), (packets.UNKNOWN_OP, b""), number)

    def test_not_now(self):
        joined(self.server)
        refused = self.post(Identity(), place=os.urandom(32))
        told = Identity().join(self.server, place=os.urandom(32))
        self.assertEqual(told.status, 503)
        # Two bytes say no more than this.
        self.assertEqual(refused.retry_s, min(65535, int(told.headers["Retry-After"])))


class Feeds(Packets):
    def read_all(self, link, t1_id, size=packets.LONG, cursor=bytes(16)):
        found, cursors = [], [cursor]
        while True:
            answer = self.ask(packets.feed(link, t1_id, cursors[-1]), size)
            self.assertLessEqual(1 + len(answer.body), ROOM[size])
            cursor, some = answer.feed()
            if not some:
                self.assertEqual(len(found), len(set(found)))
                return found, cursors
            found += some
            cursors.append(cursor)

    def test_a_t1_gets_what_is_for_it(self):
        ada, ben, eve = everybody = joined(self.server, 3)
        link = ada.bucket
        t2, t3 = ada.record(ben), ben.record(ada)
        for sender, kind, record in ((ada, 2, t2), (ben, 3, t3), (eve, 2, eve.record(ada)),
                                     (ada, 3, ada.record(eve))):
            self.assertEqual(sender.send(self.server, kind, link, record).status, 200)
        mine = {(1, each.t1) for each in everybody} | {(2, t2[:32] + t2[64:])}
        for size in SIZES:
            found, cursors = self.read_all(link_of(ada), ben.id, size)
            self.assertEqual(set(found), mine)
            self.assertGreater(len(cursors), 1)
        nobodys, _ = self.read_all(link_of(ada), packets.NONE)
        self.assertEqual(set(nobodys), {(1, each.t1) for each in everybody})

    def test_what_is_for_everybody(self):
        """Only the reference's clients send that."""
        t1 = os.urandom(288)
        self.server.post("/t1", t1)
        sender, body = rendezvous.h(t1), os.urandom(32)
        self.assertEqual(self.server.post("/t2", sender + body).status, 200)
        bucket, = self.buckets()
        found, _ = self.read_all(bytes.fromhex(bucket["link"]), os.urandom(32))
        self.assertEqual(set(found), {(1, t1), (2, sender + body)})

    def test_a_long_feed_in_pages_and_what_comes_later(self):
        everybody = joined(self.server, 40)
        ada, link = everybody[0], link_of(everybody[0])
        for each in everybody[1:]:
            each.send(self.server, 2, ada.bucket, each.record(ada), each.record(everybody[1]))
        found, cursors = self.read_all(link, ada.id)
        self.assertEqual(len(found), 40 + 39)
        self.assertEqual(len(set(cursors)), len(cursors))
        later = everybody[5].record(ada)
        everybody[5].send(self.server, 3, ada.bucket, later)
        self.assertEqual(self.read_all(link, ada.id, cursor=cursors[-1])[0],
                         [(3, later[:32] + later[64:])])

    def test_a_foreign_cursor_is_the_beginning(self):
        ada, ben = joined(self.server, 2)
        both = {(1, ada.t1), (1, ben.t1)}
        cursor, _ = self.ask(packets.feed(link_of(ada), ada.id)).feed()
        self.assertEqual(self.ask(packets.feed(link_of(ada), ada.id, cursor)).feed()[1], [])
        flipped = bytes([cursor[0] ^ 1]) + cursor[1:]
        for t1_id, foreign in ((ben.id, cursor), (ada.id, flipped), (ada.id, os.urandom(16))):
            found = self.ask(packets.feed(link_of(ada), t1_id, foreign)).feed()[1]
            self.assertEqual(set(found), both)
        self.server.restart()
        with box_packet_server.peer_of(self.server) as peer:
            self.assertEqual(set(peer.ask(packets.feed(link_of(ada), ada.id, cursor)).feed()[1]),
                             both)

    def waiting(self, identity, cursor, count, wait=60, peer=None):
        a = (peer or self.peer).send(packets.feed(link_of(identity), identity.id, cursor, wait))
        self.server.wait_for_waiting(count)
        return a

    def test_a_wait_ends_with_what_is_for_it(self):
        ada, ben, eve = joined(self.server, 3)
        cursor = self.read_all(link_of(ada), ada.id)[1][-1]
        a = self.waiting(ada, cursor, 1)
        for other in (eve, ben):
            other.send(self.server, 2, ada.bucket, other.record(ben if other is eve else eve))
        self.server.wait_for_waiting(1)
        record = ben.record(ada)
        ben.send(self.server, 3, ada.bucket, record)
        after, found = self.peer.receive(a).feed()
        self.assertEqual(found, [(3, record[:32] + record[64:])])
        self.assertEqual(self.ask(packets.feed(link_of(ada), ada.id, after)).feed(), (after, []))

    def test_a_wait_ends_with_time(self):
        ada, = joined(self.server)
        cursor, _ = self.ask(packets.feed(link_of(ada), ada.id)).feed()
        for wait, longest in ((20, 20), (255, 60)):
            a = self.waiting(ada, cursor, 1, wait)
            self.server.advance(longest - 1)
            self.server.wait_for_waiting(1)
            self.server.advance(1)
            self.assertEqual(self.peer.receive(a).feed(), (cursor, []))

    def test_a_wait_ends_with_its_bucket(self):
        ada, = joined(self.server)
        cursor, _ = self.ask(packets.feed(link_of(ada), ada.id)).feed()
        self.server.advance(86400 - 30)
        a = self.waiting(ada, cursor, 1)
        self.server.advance(30)
        self.assertEqual(self.peer.receive(a).status, packets.GONE)

    def test_the_newest_replaces_the_one_before(self):
        ada, = joined(self.server)
        cursor, _ = self.ask(packets.feed(link_of(ada), ada.id)).feed()
        first = self.waiting(ada, cursor, 1)
        second = self.peer.send(packets.feed(link_of(ada), ada.id, cursor, 60))
        self.assertEqual(self.peer.receive(first).feed(), (cursor, []))
        self.server.wait_for_waiting(1)
        ben, = joined(self.server)
        self.assertEqual(self.peer.receive(second).feed()[1], [(1, ben.t1)])

    def test_other_feeds_and_other_sessions_wait_on(self):
        ada, = joined(self.server)
        place = os.urandom(32)
        ben, = joined(self.server, place=place)
        cursors = [self.ask(packets.feed(link_of(each), each.id)).feed()[0] for each in (ada, ben)]
        self.waiting(ada, cursors[0], 1)
        self.waiting(ben, cursors[1], 2)
        with box_packet_server.peer_of(self.server) as other:
            self.waiting(ada, cursors[0], 3, peer=other)

    def test_a_stop_answers_those_who_wait(self):
        ada, = joined(self.server)
        cursor, _ = self.ask(packets.feed(link_of(ada), ada.id)).feed()
        a = self.waiting(ada, cursor, 1)
        self.assertEqual(self.server.stop(), 0)
        self.assertEqual(self.peer.receive(a).feed(), (cursor, []))
        self.server.start()


if __name__ == "__main__":
    unittest.main(verbosity=2)
