"""Killed at any moment, the server comes back with all it acknowledged and nothing else."""

import os
import pathlib
import random
import sqlite3
import tempfile
import unittest

from harness import Server
from links import BLOB_BYTES, leave, places
from load import LINK, Load, Post
from rendezvous import RECORD_BYTES, T1_BYTES, Identity, split

ROUNDS = 100
CONNECTIONS = 12
POSTS_MAX = 120  # acknowledged in one round


def links_stored(server, load):
    """Every link, from the file, as only who has posted one can tell it from what it is among."""
    with sqlite3.connect(f"file:{server.database}?mode=ro", uri=True) as database:
        rows = database.execute("SELECT body FROM link").fetchall()
    database.close()
    # And what has been acknowledged must be where the answer says.
    buckets = {post.bucket for post in load.acknowledged if post.kind == LINK}
    shown = {link: set(places(server, link)) for link in buckets}
    return {body for body, in rows}, shown


def stored(server):
    """Every record that the API gives, of all rendezvous buckets."""
    found = {1: set(), 2: set(), 3: set()}
    after = ""
    while True:
        page = server.get(f"/v1/buckets{after}").json()
        for bucket in page["buckets"]:
            for kind, size in ((1, T1_BYTES), (2, RECORD_BYTES), (3, RECORD_BYTES)):
                body = server.get(f"/v1/buckets/{bucket['link']}/t{kind}").body
                found[kind].update(split(body, size))
            after = f"?after={bucket['link']}"
        if not page["more"]:
            return found


class Kill(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        seed = os.environ.get("REUNION_TEST_SEED") or hex(random.getrandbits(64))
        print(f"seed: REUNION_TEST_SEED={seed}", flush=True)
        self.random = random.Random(int(seed, 0))

    def check(self, server, load):
        found = stored(server)
        sent = {kind: {post.record for post in load.sent if post.kind == kind} for kind in found}
        for kind, records in found.items():
            acknowledged = {post.record for post in load.acknowledged if post.kind == kind}
            self.assertEqual(acknowledged - records, set(), f"lost T{kind}s")
            self.assertEqual(records - sent[kind], set(), f"T{kind}s that nobody sent")
        self.check_links(server, load)

    def check_links(self, server, load):
        rows, shown = links_stored(server, load)
        links = [post for post in load.acknowledged if post.kind == LINK]
        self.assertEqual({post.record for post in links if post.record not in shown[post.bucket]},
                         set(), "lost links")
        self.assertEqual(rows - {post.record for post in load.sent if post.kind == LINK},
                         set(), "links that nobody sent")

    def check_file(self, server):
        with sqlite3.connect(f"file:{server.database}?mode=ro", uri=True) as database:
            self.assertEqual(database.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
        database.close()

    def test_a_hundred_kills_under_load(self):
        server = Server(directory=self.folder)
        load = Load(CONNECTIONS)
        for _ in range(ROUNDS):
            server.start()
            load.run(server, self.random.randint(1, POSTS_MAX), server.kill)
        with server:
            self.check(server, load)
            self.check_file(server)
        self.assertGreater(len(load.acknowledged), 10 * ROUNDS)
        print(f"{len(load.acknowledged)} posts acknowledged, {len(load.sent)} sent")

    def test_what_was_never_acknowledged_may_be_missed(self):
        """The check can fail: a record more or less than there is, and it does."""
        with Server(directory=self.folder) as server:
            load = Load(2)
            load.run(server, 10, server.restart)
            self.check(server, load)
            whole = list(load.sent)
            load.sent = [post for post in whole if post.kind != 2]
            with self.assertRaisesRegex(AssertionError, "nobody sent"):
                self.check(server, load)
            load.sent = whole
            load.acknowledged.append(Post(1, os.urandom(T1_BYTES), Identity()))
            with self.assertRaisesRegex(AssertionError, "lost T1s"):
                self.check(server, load)
            load.acknowledged[-1] = Post(LINK, os.urandom(BLOB_BYTES), link=leave(server)[1][0])
            with self.assertRaisesRegex(AssertionError, "lost links"):
                self.check(server, load)
            load.acknowledged.pop()
            with self.assertRaisesRegex(AssertionError, "links that nobody sent"):
                self.check(server, load)


if __name__ == "__main__":
    unittest.main(verbosity=2)
