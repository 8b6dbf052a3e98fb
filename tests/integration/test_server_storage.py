"""Buckets that are not in memory, or off the grid, and what happens where storage has a bound."""

import os
import pathlib
import sqlite3
import tempfile
import unittest

from harness import ClockServer, Server
from rendezvous import Identity, feed, frames, joined, place_tag, split

SOURCE = pathlib.Path(os.environ.get("REUNION_SOURCE", pathlib.Path(__file__).resolve().parents[2]))

SMALLEST_CACHE = ("--cache-max", "1M")


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))


class Cold(Folder):
    def test_everything_is_read_back_after_a_restart(self):
        """Many buckets, of which few fit into memory; each is asked for in turn, twice."""
        with Server(*SMALLEST_CACHE, directory=self.folder) as server:
            everyone = joined(server, 64 * 40)
            sender = everyone[0]
            records = {}
            for addressee in everyone[1::64]:
                records[addressee] = sender.record(addressee)
                answer = sender.send(server, 2, addressee.bucket, records[addressee])
                self.assertEqual(answer.json()["stored"], 1)
            server.kill()
            server.start()
            for _ in range(2):
                for addressee, record in records.items():
                    self.assertEqual(server.get(f"/v1/t1/{addressee.id.hex()}").body, addressee.t1)
                    told = frames(feed(server, addressee.bucket).body)
                    self.assertIn((2, record), told)
                    t1s = split(server.get(f"/v1/buckets/{addressee.bucket}/t1").body, 288)
                    self.assertEqual(sum(kind == 1 for kind, _ in told), len(t1s))
                    self.assertIn(addressee.t1, t1s)
            self.assertEqual(everyone[100].join(server).status, 200)
            self.assertEqual(
                server.post("/v1/t1", everyone[200].t1, os.urandom(32)).problem, "wrong-key")
            again = sender.send(server, 2, everyone[1].bucket, records[everyone[1]])
            self.assertEqual(again.json()["duplicate"], 1)

    def test_a_damaged_bucket_is_refused_and_the_others_are_not(self):
        with Server(*SMALLEST_CACHE, directory=self.folder) as server:
            everyone = joined(server, 129)
            first, second = everyone[0], everyone[64]
            server.stop()
            with sqlite3.connect(server.database) as outsider:
                created, sequence = outsider.execute(
                    "SELECT created, sequence FROM t1 WHERE id = ?", (first.id,)).fetchone()
                outsider.execute(
                    "INSERT INTO record VALUES (?, ?, x'', 2, ?, zeroblob(32), zeroblob(32))",
                    (created, sequence, os.urandom(32)))
            outsider.close()
            server.start()
            for _ in range(3):
                for path in (f"/v1/t1/{first.id.hex()}", f"/v1/buckets/{first.bucket}/t1",
                             f"/v1/buckets/{first.bucket}/t2", f"/v1/buckets/{first.bucket}/feed"):
                    refused = server.get(path)
                    self.assertEqual((refused.status, refused.problem), (503, "unavailable"), path)
            self.assertEqual(first.join(server).status, 503)
            self.assertEqual(server.get(f"/v1/buckets/{first.bucket}").json()["count"], 64)
            self.assertEqual(server.get(f"/v1/t1/{second.id.hex()}").body, second.t1)
            self.assertEqual(second.join(server).status, 200)
            self.assertEqual(Identity().join(server).status, 201)
            said = [line for line in server.log() if "cannot be read" in line]
            self.assertEqual(len(said), 1, said)


class OffTheGrid(Folder):
    def test_a_bucket_off_the_grid_is_read_and_takes_nothing(self):
        database = self.folder / "reunion.db"
        with Server(database=database, directory=self.folder) as server:
            ada, bob = joined(server, 2)
            record = ada.record(bob)
            ada.send(server, 2, ada.bucket, record)
        self.move_off_the_grid(database)
        with Server(database=database, directory=self.folder) as server:
            old, = server.get("/v1/buckets").json()["buckets"]
            self.assertEqual((old["open"], old["count"], old["created"] % 3600), (False, 2, 7))
            self.assertEqual(server.get(f"/v1/t1/{ada.id.hex()}").body, ada.t1)
            self.assertEqual(server.get(f"/v1/buckets/{old['link']}/t2").body, record)
            refused = Identity().join(server, old["link"])
            self.assertEqual((refused.status, refused.problem), (409, "bucket-closed"))
            cafe = place_tag("the café")
            carl, = joined(server)
            dora, = joined(server, place=cafe)
            self.assertEqual(server.get(f"/v1/buckets/{carl.bucket}").json()["created"] % 3600, 0)
            answer = ada.send(server, 3, old["link"], ada.record(bob)).json()
            self.assertEqual(answer["stored"], 1)
            server.kill()
            server.start()
            self.assertEqual(server.get(f"/v1/t1/{dora.id.hex()}").body, dora.t1)
            told = server.get(f"/v1/buckets?place={cafe.hex()}").json()["buckets"]
            self.assertEqual([each["link"] for each in told], [dora.bucket])
            links = {each["link"] for each in server.get("/v1/buckets").json()["buckets"]}
            self.assertEqual(links, {old["link"], carl.bucket})

    @staticmethod
    def move_off_the_grid(database):
        """As if a window of another length had made it."""
        with sqlite3.connect(database) as moved:
            for table in ("bucket", "t1", "record"):
                moved.execute(f"UPDATE {table} SET created = created - 3600 + 7")
        moved.close()


class Upgrades(Folder):
    def test_a_database_of_version_5_is_upgraded_and_loses_nothing(self):
        database = self.folder / "reunion.db"
        with Server(database=database, directory=self.folder) as server:
            ada, bob = joined(server, 2)
            record = ada.record(bob)
            ada.send(server, 2, ada.bucket, record)
        self.downgrade(database)
        with Server(database=database, directory=self.folder) as server:
            self.assertEqual(server.get(f"/v1/t1/{ada.id.hex()}").body, ada.t1)
            self.assertEqual(server.get(f"/v1/buckets/{ada.bucket}/t2").body, record)
        self.assert_newest(database)

    def assert_newest(self, database):
        """Every table is as a new file has it."""
        with sqlite3.connect(database) as upgraded:
            fresh = sqlite3.connect(":memory:")
            fresh.executescript((SOURCE / "sql" / "sqlite" / "schema-v6.sql").read_text())
            tables = fresh.execute("SELECT name FROM sqlite_schema ORDER BY name").fetchall()
            self.assertGreater(len(tables), 5)
            for query in ("PRAGMA user_version", "PRAGMA application_id",
                          "SELECT name FROM sqlite_schema ORDER BY name",
                          *(f"PRAGMA table_xinfo({table})" for table, in tables)):
                self.assertEqual(upgraded.execute(query).fetchall(),
                                 fresh.execute(query).fetchall())
            fresh.close()
        upgraded.close()

    @staticmethod
    def downgrade(database):
        """The same rows in the tables of the version before."""
        with sqlite3.connect(database) as new:
            rows = {table: new.execute(f"SELECT * FROM {table}").fetchall()
                    for table in ("bucket", "record", "t1")}
        new.close()
        database.unlink()
        with sqlite3.connect(database) as old:
            old.executescript("PRAGMA auto_vacuum = INCREMENTAL;"
                              + (SOURCE / "tests" / "lib" / "schema-v5.sql").read_text())
            for table, values in rows.items():
                marks = ", ".join("?" * len(values[0]))
                old.executemany(f"INSERT INTO {table} VALUES ({marks})", values)
        old.close()


class Bounds(Folder):
    def test_no_more_buckets_than_may_live(self):
        with ClockServer("--buckets-max", "2", directory=self.folder) as server:
            first, *_ = joined(server, 128)
            refused = Identity().join(server)
            self.assertEqual((refused.status, refused.problem), (503, "too-many-buckets"))
            self.assertIsNotNone(refused.headers["Retry-After"])
            self.assertEqual(server.post("/t1", os.urandom(288)).problem, "too-many-buckets")
            self.assertEqual(first.join(server).status, 200)
            server.advance(86400)
            self.assertEqual(Identity().join(server).status, 201)

    def test_no_more_is_stored_than_may_be_until_something_expires(self):
        with ClockServer("--stored-max", "1M", directory=self.folder) as server:
            first, = joined(server)
            while (answer := Identity().join(server)).status == 201:
                pass
            self.assertEqual((answer.status, answer.problem), (503, "store-full"))
            self.assertIsNotNone(answer.headers["Retry-After"])
            # A restart changes nothing about it, and reading goes on.
            server.restart()
            while (answer := Identity().join(server)).status == 201:
                pass
            self.assertEqual(answer.problem, "store-full")
            self.assertEqual(server.get(f"/v1/t1/{first.id.hex()}").body, first.t1)
            self.assertEqual(first.join(server).status, 200)
            self.assertEqual(server.get("/healthz").status, 200)
            size = sum(path.stat().st_size for path in self.folder.iterdir()
                       if not path.name.endswith("-shm"))
            self.assertLess(size, 2 << 20)
            server.advance(86400)
            self.assertEqual(Identity().join(server).status, 201)

    def test_a_sender_has_only_so_many_records_even_after_a_restart(self):
        with Server("--records-per-sender-max", "3", directory=self.folder) as server:
            ada, *others = joined(server, 6)
            records = [ada.record(other) for other in others]
            first = ada.send(server, 2, ada.bucket, *records[:2]).json()
            self.assertEqual((first["stored"], first["refused"]), (2, []))
            server.kill()
            server.start()
            rest = ada.send(server, 2, ada.bucket, *records).json()
            self.assertEqual((rest["stored"], rest["duplicate"]), (1, 2))
            self.assertEqual(rest["refused"], [{"index": 3, "reason": "sender-limit"},
                                               {"index": 4, "reason": "sender-limit"}])
            self.assertEqual(ada.send(server, 3, ada.bucket, records[0]).json()["refused"],
                             [{"index": 0, "reason": "sender-limit"}])
            bob = others[0]
            self.assertEqual(bob.send(server, 2, ada.bucket, bob.record(ada)).json()["stored"], 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
