"""What has expired is nowhere in the files: not after an expiry, a restart or a kill."""

import contextlib
import os
import pathlib
import sqlite3
import tempfile
import unittest

from harness import ClockServer
from links import leave
from rendezvous import T1_BYTES, Identity, h, joined

DAY_S = 86400


class Forgetting(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.secrets = []

    def fill(self, server, people=6):
        """A meeting with everything that is stored of one: all of it is to be forgotten."""
        everyone = joined(server, people)
        for one, other in zip(everyone, everyone[1:]):
            for kind in (2, 3):
                record = one.record(other)
                self.assertEqual(one.send(server, kind, other.bucket, record).json()["stored"], 1)
                self.secrets.append(record[64:])
            self.secrets += [one.t1, one.id, h(one.key)]
        self.secrets += leave(server, 3)[0] + self.seeds(server)
        guest = os.urandom(T1_BYTES)
        body = os.urandom(32)
        self.assertEqual(server.post("/t1", guest).status, 200)
        self.assertEqual(server.post("/t2", h(guest) + body).status, 200)
        self.secrets += [guest, h(guest), body]

    @staticmethod
    def seeds(server):
        """By which whoever finds them could tell links from what fills the other places."""
        if server.database == ":memory:":
            return []
        with sqlite3.connect(f"file:{server.database}?mode=ro", uri=True) as database:
            seeds = [seed for seed, in database.execute("SELECT seed FROM link_bucket")]
        database.close()
        assert seeds
        return seeds

    def on_disk(self):
        """How many of the secrets are in any of the files, beginnings of T1s among them."""
        content = b"".join(path.read_bytes() for path in self.folder.iterdir())
        return sum(secret[:32] in content or secret in content for secret in self.secrets)

    @contextlib.contextmanager
    def outsider_reading(self, server):
        """Another program that looks at the database as it is now, and changes nothing."""
        outsider = sqlite3.connect(f"file:{server.database}?mode=ro", uri=True,
                                   isolation_level=None)
        outsider.execute("BEGIN")
        outsider.execute("SELECT count(*) FROM t1").fetchall()
        try:
            yield
        finally:
            outsider.close()

    def test_an_expired_bucket_is_gone_and_younger_ones_stay(self):
        with ClockServer(directory=self.folder) as server:
            self.fill(server)
            self.assertEqual(self.on_disk(), len(self.secrets))
            server.advance(DAY_S // 2)
            young, = joined(server)
            server.advance(DAY_S // 2)
            self.assertEqual(self.on_disk(), 0)
            self.assertEqual(server.get(f"/v1/t1/{young.id.hex()}").body, young.t1)
            # Nor does what the log had before come back with what is written later.
            joined(server, 10)
            self.assertEqual(self.on_disk(), 0)

    def test_so_are_buckets_that_were_not_in_memory(self):
        with ClockServer("--cache-max", "1M", directory=self.folder) as server:
            self.fill(server)
            server.restart()
            server.advance(DAY_S)
            self.assertEqual(self.on_disk(), 0)
            self.assertEqual(server.get("/v1/buckets").json()["buckets"], [])

    def test_so_are_very_many_which_give_their_room_back(self):
        with ClockServer("--open-window", "10m", directory=self.folder) as server:
            self.fill(server, 300)
            for _ in range(70):
                server.advance(600)
                joined(server)
            server.advance(DAY_S)
            self.assertEqual(self.on_disk(), 0)
            sizes = {path.name: path.stat().st_size for path in self.folder.iterdir()}
            self.assertLess(sizes["reunion.db"], 65536)
            self.assertEqual(sizes["reunion.db-wal"], 0)

    def test_what_expired_while_the_server_was_away(self):
        with ClockServer("--lifetime", "2h", directory=self.folder) as server:
            server.step_wall(-3 * 3600)
            self.fill(server)
            server.kill()
            self.assertGreater(self.on_disk(), 0)
            server.start()
            server.advance(0)
            self.assertEqual(self.on_disk(), 0)

    def test_a_reader_in_the_way_delays_it_and_no_post_is_needed(self):
        with ClockServer(directory=self.folder) as server:
            self.fill(server)
            with self.outsider_reading(server):
                server.advance(DAY_S)
                server.program.wait_for_line("cannot leave the disk yet", "err")
                self.assertGreater(self.on_disk(), 0)
                # Posts are not held up by it.
                self.assertEqual(Identity().join(server).status, 201)
            server.let_time_pass()  # it is tried again after a while
            server.program.wait_for_line("has left the disk", "err")
            self.assertEqual(self.on_disk(), 0)

    def test_a_kill_before_it_has_left_the_disk(self):
        with ClockServer(directory=self.folder) as server:
            self.fill(server)
            with self.outsider_reading(server):
                server.advance(DAY_S)
                server.kill()
            self.assertGreater(self.on_disk(), 0)
            server.start()
            server.advance(0)
            self.assertEqual(self.on_disk(), 0)

    def test_memory_alone_forgets_as_well(self):
        with ClockServer(database=":memory:", directory=self.folder) as server:
            self.fill(server)
            server.advance(DAY_S)
            self.assertEqual(server.get("/v1/buckets").json()["buckets"], [])
            self.assertEqual(server.get("/t1").body, b"")
            self.assertEqual(list(self.folder.iterdir()), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
