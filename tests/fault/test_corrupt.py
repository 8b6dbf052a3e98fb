"""Damaged databases: refused as they are, or served as far as they can be read."""

import os
import pathlib
import random
import sqlite3
import unittest

from harness import Server
from refusal import RefusalCase
from rendezvous import joined

PEOPLE = 130  # three buckets
PAGE_BYTES = 4096
DAMAGED = "damaged or not this server's"


class Corrupt(RefusalCase):
    def setUp(self):
        super().setUp()
        seed = os.environ.get("REUNION_TEST_SEED") or hex(random.getrandbits(64))
        print(f"seed: REUNION_TEST_SEED={seed}", flush=True)
        self.random = random.Random(int(seed, 0))

    def sound_database(self):
        with Server(database=self.database, directory=self.folder) as server:
            self.people = joined(server, PEOPLE)
            ada, bob = self.people[:2]
            ada.send(server, 2, ada.bucket, ada.record(bob))
        return self.database.read_bytes()

    def edited(self, *statements):
        database = sqlite3.connect(self.database, isolation_level=None)
        for statement in statements:
            database.execute(statement)
        database.close()

    def test_cut_off(self):
        sound = self.sound_database()
        for kept in (2, 99, 100, PAGE_BYTES - 1, PAGE_BYTES, 3 * PAGE_BYTES,
                     len(sound) // 2 // PAGE_BYTES * PAGE_BYTES):
            with self.subTest(kept=kept):
                self.database.write_bytes(sound[:kept])
                self.refused(DAMAGED)

    def test_our_number_without_our_tables(self):
        self.edited("CREATE TABLE bucket (name TEXT)", "PRAGMA application_id = 1380275534",
                    "PRAGMA user_version = 5")
        self.refused(DAMAGED)

    def test_a_schema_from_before_the_first_release(self):
        self.sound_database()
        for version in (1, 4):
            self.edited(f"PRAGMA user_version = {version}")
            self.refused("before the first release")

    def test_another_programs_number(self):
        self.sound_database()
        self.edited("PRAGMA application_id = 7")
        self.refused(DAMAGED)

    def test_a_schema_newer_by_one(self):
        self.sound_database()
        version, = sqlite3.connect(self.database).execute("PRAGMA user_version").fetchone()
        self.edited(f"PRAGMA user_version = {version + 1}")
        self.refused("newer version")

    def test_a_column_is_missing(self):
        self.sound_database()
        self.edited("DROP TABLE record", "CREATE TABLE record (created, sequence, kind, sender)")
        self.refused(DAMAGED)

    def read_everything(self, server):
        """The statuses of all there is to read."""
        seen = set()
        with server.connect() as connection:
            def get(path):
                seen.add(server.request("GET", path, connection=connection).status)
            for path in ("/v1/buckets", "/t1", "/t2", "/t3", "/healthz"):
                get(path)
            for link in {identity.bucket for identity in self.people}:
                for part in ("", "/t1", "/t2", "/t3", "/feed"):
                    get(f"/v1/buckets/{link}{part}")
            for identity in self.people[::16]:
                get(f"/v1/t1/{identity.id.hex()}")
        return seen

    def test_any_page_is_garbage(self):
        """Refused and left alone; or, where the damage shows only later, the answer is 503."""
        sound = self.sound_database()
        refused = []
        for page in range(1, len(sound) // PAGE_BYTES):
            damaged = bytearray(sound)
            damaged[page * PAGE_BYTES:(page + 1) * PAGE_BYTES] = self.random.randbytes(PAGE_BYTES)
            self.database.write_bytes(damaged)
            for suffix in ("-wal", "-shm"):
                pathlib.Path(f"{self.database}{suffix}").unlink(missing_ok=True)
            server = Server(database=self.database, directory=self.folder)
            try:
                server.start()
            except AssertionError:
                server.program.process.stdin.close()
                with server.program:
                    self.assertEqual(server.program.wait_for_end(), 3)
                    self.assertIn(DAMAGED, server.program.lines[-1].text)
                self.assertEqual(self.database.read_bytes(), damaged)
                refused.append(page)
                continue
            statuses = self.read_everything(server)
            self.assertLessEqual(statuses, {200, 404, 503}, page)
            if 503 in statuses:
                server.program.wait_for_line("level=error")
            self.assertEqual(server.stop(), 0)
        print(f"refused with damage in pages {refused} of {len(sound) // PAGE_BYTES}")


if __name__ == "__main__":
    unittest.main(verbosity=2)
