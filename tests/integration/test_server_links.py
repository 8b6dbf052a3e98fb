"""Private links: buckets that are always read whole and never tell how many they have."""

import concurrent.futures
import os
import pathlib
import sqlite3
import tempfile
import unittest

from harness import ClockServer, Server
from links import BLOB_BYTES, PLACES, leave, places, post_link
from rendezvous import bucket_link, joined

UNKNOWN = "0" * 64
HOUR_S, DAY_S = 3600, 86400


class Links(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def server(self, *flags):
        server = ClockServer(*flags, directory=self.folder)
        self.enterContext(server)
        return server

    def test_a_link_gets_a_bucket(self):
        server = self.server()
        joined(server)
        blob = os.urandom(BLOB_BYTES)
        answer = post_link(server, blob)
        told = answer.json()
        self.assertEqual(answer.status, 201)
        self.assertEqual(set(told), {"id", "link", "created", "seq", "open", "expires"})
        self.assertEqual(told["link"], bucket_link(told["created"], told["seq"], b"l"))
        self.assertEqual(told["id"], f"{told['created']}-{told['seq']}")
        # Numbered apart from the rendezvous bucket of the same second.
        self.assertEqual((told["seq"], told["open"]), (0, True))
        self.assertEqual(told["expires"], told["created"] + DAY_S)
        self.assertEqual(answer.headers["Location"], f"/v1/links/{told['link']}")
        read = server.get(answer.headers["Location"])
        self.assertEqual((read.status, len(read.body)), (200, PLACES * BLOB_BYTES))
        self.assertEqual(read.headers["Content-Type"], "application/octet-stream")
        self.assertEqual(read.headers["Reunion-Bucket-Id"],
                         f"{told['created']:016x}{told['seq']:08x}")
        self.assertEqual((read.headers["Cache-Control"], read.headers["ETag"]), ("no-store", None))
        self.assertEqual(places(server, told["link"]).count(blob), 1)

    def test_readings_differ_where_a_place_was_taken_and_nowhere_else(self):
        server = self.server()
        blobs, (link,) = leave(server)
        before = places(server, link)
        for count in range(2, PLACES + 1):
            self.assertEqual(places(server, link), before)
            more, buckets = leave(server)
            self.assertEqual(buckets, [link])
            blobs += more
            after = places(server, link)
            changed = [i for i in range(PLACES) if after[i] != before[i]]
            self.assertEqual([after[i] for i in changed], more)
            self.assertEqual(len(set(after)), PLACES, count)
            before = after
        self.assertEqual(sorted(before), sorted(blobs))
        self.assertNotEqual(before, blobs)
        elsewhere, (other,) = leave(server)
        self.assertNotEqual(other, link)
        self.assertEqual(places(server, other).count(elsewhere[0]), 1)
        self.assertEqual(set(places(server, other)) & set(before), set())

    def test_64_clients_at_once_get_a_place_each(self):
        server = self.server()
        blobs = [os.urandom(BLOB_BYTES) for _ in range(PLACES)]
        with concurrent.futures.ThreadPoolExecutor(PLACES) as pool:
            answers = list(pool.map(lambda blob: post_link(server, blob), blobs))
        self.assertEqual({answer.status for answer in answers}, {201})
        link, = {answer.json()["link"] for answer in answers}
        found = places(server, link)
        self.assertEqual(sorted(found), sorted(blobs))
        self.assertNotEqual(found, blobs)

    def test_posting_what_is_there_tells_nothing(self):
        """Not even which places are taken: the answer to a filler's bytes is that to a link's."""
        server = self.server()
        (blob,), (link,) = leave(server)
        told = post_link(server, blob)
        seen = places(server, link)
        for each in seen:
            again = post_link(server, each)
            self.assertEqual((again.status, again.json()), (200, told.json()))
            self.assertIsNone(again.headers["Location"])
        self.assertEqual(places(server, link), seen)

    def test_a_full_bucket_says_so_to_no_reader(self):
        server = self.server()
        _, buckets = leave(server, PLACES - 1)
        almost = server.get(f"/v1/links/{buckets[0]}")
        last = post_link(server)
        self.assertEqual((last.json()["link"], last.json()["open"]), (buckets[0], True))
        full = server.get(f"/v1/links/{buckets[0]}")
        self.assertEqual(sorted(almost.headers.items()), sorted(full.headers.items()))
        leave(server)
        again = server.get(f"/v1/links/{buckets[0]}")
        self.assertEqual((again.body, again.headers["ETag"]), (full.body, None))

    def test_a_closed_bucket_can_be_kept(self):
        server = self.server()
        _, (link,) = leave(server)
        leave(server, PLACES)
        opened = server.get(f"/v1/links/{link}")
        server.advance(HOUR_S)
        closed = server.get(f"/v1/links/{link}")
        self.assertRegex(closed.headers["Cache-Control"],
                         r"^public, immutable, max-age=82\d\d\d$")
        tag = closed.headers["ETag"]
        self.assertRegex(tag, '^"[0-9a-f]{64}"$')
        for given in (tag, "*"):
            same = server.get(f"/v1/links/{link}", **{"If-None-Match": given})
            self.assertEqual((same.status, same.body, same.headers["ETag"]), (304, b"", tag))
            self.assertEqual(same.headers["Reunion-Bucket-Id"],
                             opened.headers["Reunion-Bucket-Id"])
        _, (later,) = leave(server)
        self.assertNotEqual(later, link)
        self.assertEqual(server.get(f"/v1/links/{link}").body, closed.body)
        # Closed is closed, whatever the clock does, and after a restart.
        server.step_wall(-HOUR_S)
        server.restart()
        again = server.get(f"/v1/links/{link}")
        self.assertEqual((again.body, again.headers["ETag"]), (closed.body, tag))

    def test_the_kinds_of_buckets_are_apart(self):
        server = self.server()
        ada, = joined(server)
        _, (link,) = leave(server)
        for path in (f"/v1/buckets/{link}", f"/v1/buckets/{link}/t1", f"/v1/buckets/{link}/t2",
                     f"/v1/buckets/{link}/feed", f"/v1/buckets?after={link}",
                     f"/v1/links/{ada.bucket}", f"/v1/links/{UNKNOWN}"):
            refused = server.get(path)
            self.assertEqual((refused.status, refused.problem), (404, "unknown-bucket"), path)
        self.assertEqual(ada.join(server, link).status, 200)
        refused = server.post(f"/v1/t1?bucket={link}", os.urandom(288), bytes(32))
        self.assertEqual((refused.status, refused.problem), (404, "unknown-bucket"))
        refused = ada.send(server, 2, link, ada.record(ada))
        self.assertEqual((refused.status, refused.problem), (404, "unknown-bucket"))
        self.assertEqual([each["link"] for each in server.get("/v1/buckets").json()["buckets"]],
                         [ada.bucket])
        self.assertEqual(server.get("/t1").body, ada.t1)
        server.advance(DAY_S)
        for path in (f"/v1/links/{link}", f"/v1/buckets/{ada.bucket}"):
            self.assertEqual((server.get(path).status, server.get(path).problem),
                             (410, "bucket-gone"))
        for path in (f"/v1/buckets/{link}", f"/v1/links/{ada.bucket}"):
            self.assertEqual(server.get(path).status, 404)

    def test_what_is_no_link_is_refused(self):
        server = self.server()
        for size, status, problem in ((0, 400, "malformed-body"), (255, 400, "malformed-body"),
                                      (257, 413, "too-large")):
            refused = server.post("/v1/links", bytes(size))
            self.assertEqual((refused.status, refused.problem), (status, problem), size)
        text = server.request("POST", "/v1/links", bytes(256), {"Content-Type": "text/plain"})
        self.assertEqual((text.status, text.problem), (415, "media-type"))
        self.assertEqual(server.post("/v1/links?a=b", bytes(256)).problem, "malformed-query")
        self.assertEqual(server.get(f"/v1/links/{UNKNOWN[1:]}").problem, "malformed-id")
        self.assertEqual(server.request("PUT", "/v1/links").headers["Allow"], "GET, HEAD, POST")
        self.assertEqual(server.post(f"/v1/links/{UNKNOWN}", b"").headers["Allow"], "GET, HEAD")

    def test_the_same_from_memory_and_from_disk(self):
        """Fillers, places and answers survive a stop, a kill, and having left the memory."""
        server = self.server("--cache-max", "1M", "--lifetime", "7d")
        blobs, buckets = leave(server, 2 * PLACES + 23)
        links = list(dict.fromkeys(buckets))
        before = [places(server, link) for link in links]
        stands = post_link(server, blobs[-1]).json()
        for end in (server.stop, server.kill):
            end()
            server.start()
            self.assertEqual([places(server, link) for link in links], before)
            again = post_link(server, blobs[-1])
            self.assertEqual((again.status, again.json()), (200, stands))
        # More buckets than the memory holds: they come and go.
        for _ in range(70):
            server.advance(3600)
            _, (link,) = leave(server)
            links.append(link)
            before.append(places(server, link))
        self.assertEqual([places(server, link) for link in links], before)
        with sqlite3.connect(f"file:{server.database}?mode=ro", uri=True) as database:
            rows = database.execute("SELECT body FROM link").fetchall()
        database.close()
        self.assertEqual(len(rows), len(blobs) + 70)
        self.assertLessEqual(set(blobs), {body for body, in rows})

    def test_limits_are_those_of_all_buckets(self):
        server = self.server("--buckets-max", "2")
        joined(server)
        (blob, *_), _ = leave(server, PLACES)
        refused = post_link(server)
        self.assertEqual((refused.status, refused.problem), (503, "too-many-buckets"))
        self.assertIsNotNone(refused.headers["Retry-After"])
        self.assertEqual(post_link(server, blob).status, 200)
        server.advance(DAY_S)
        self.assertEqual(post_link(server).status, 201)


if __name__ == "__main__":
    unittest.main(verbosity=2)
