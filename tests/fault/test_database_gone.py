"""A database that is deleted, moved or replaced under a server, or may grow no more.

Every post is refused from then on, and the reason is said once; what is in memory is still read;
and when the very file is back, posts are taken again. What was overwritten in place does not come
back: a start begins with what stands there, and mixes nothing into it.
"""

import os
import pathlib
import resource
import shutil
import sqlite3
import tempfile
import unittest

from harness import Server
from rendezvous import Identity, feed, joined

GONE = "its file, or one beside it, was deleted, moved or replaced"
OVERWRITTEN = "its file, or one beside it, was overwritten or truncated"


class Gone(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.place = self.folder / "place"
        self.place.mkdir()
        self.server = Server(directory=self.place)
        self.enterContext(self.server)
        self.ada, self.bob = joined(self.server, 2)
        self.aside = self.folder / "aside"
        self.aside.mkdir()

    def file(self, ending):
        return self.place / f"reunion.db{ending}"

    def told(self, event):
        return [line for line in self.server.log() if f'event="{event}"' in line]

    def assert_refused(self, reason=GONE, ending=None):
        for _ in range(2):
            answer = Identity().join(self.server)
            self.assertEqual((answer.status, answer.problem), (503, "unavailable"))
            self.assertEqual(self.server.get("/healthz").status, 503)
        self.server.program.wait_for_line('event="posts are refused"')
        told = self.told("posts are refused")
        self.assertEqual(len(told), 1)
        self.assertIn(reason, told[0])
        self.assertIn(str(self.file("")), told[0])
        if ending is not None:
            self.assertIn(f'file="{self.file(ending)}"', told[0])
        # Reading goes on.
        self.assertEqual(self.server.get(f"/v1/t1/{self.ada.id.hex()}").body, self.ada.t1)
        self.assertEqual(feed(self.server, self.ada.bucket).status, 200)

    def assert_healed(self):
        self.assertEqual(self.server.get("/healthz").status, 200)
        self.server.program.wait_for_line('event="posts are taken again"')
        carol, = joined(self.server)
        self.server.restart()
        for each in (self.ada, self.bob, carol):
            self.assertEqual(self.server.get(f"/v1/t1/{each.id.hex()}").body, each.t1)

    def test_deleted(self):
        self.file("").unlink()
        self.assert_refused()
        self.assertEqual(self.server.stop(), 0)
        self.assertFalse(self.file("").exists())

    def test_each_of_its_files_moved_away_and_back(self):
        for ending in ("", "-wal", "-shm"):
            with self.subTest(ending):
                shutil.move(self.file(ending), self.aside)
                self.assert_refused(ending=ending)
                shutil.move(self.aside / self.file(ending).name, self.place)
                self.assert_healed()

    def test_its_folder_moved_away_and_back(self):
        self.place.rename(self.folder / "elsewhere")
        self.assert_refused()
        (self.folder / "elsewhere").rename(self.place)
        self.assert_healed()

    def test_its_log_deleted(self):
        """What was acknowledged before is in the file after an orderly stop."""
        self.file("-wal").unlink()
        self.assert_refused()
        self.server.restart()
        for each in (self.ada, self.bob):
            self.assertEqual(self.server.get(f"/v1/t1/{each.id.hex()}").body, each.t1)

    def test_replaced_by_another_servers(self):
        """The other one, its log included, is left alone, also when ours stops."""
        shutil.move(self.file(""), self.aside)
        shutil.move(self.file("-wal"), self.aside)
        shutil.move(self.file("-shm"), self.aside)
        with Server(database=self.file("")) as other:
            others = joined(other, 3)
            self.assert_refused()
            self.assertEqual(self.server.stop(), 0)
            self.assertTrue(self.file("-wal").exists())
            others += joined(other)
            other.kill()
            other.start()
            for each in others:
                self.assertEqual(other.get(f"/v1/t1/{each.id.hex()}").body, each.t1)
        # And what was moved away has all that ours acknowledged.
        with Server(database=self.aside / "reunion.db") as moved:
            self.assertEqual(moved.get(f"/v1/t1/{self.ada.id.hex()}").body, self.ada.t1)

    def test_replaced_by_a_copy(self):
        copy = self.folder / "copy"
        with sqlite3.connect(self.file("")) as outsider, sqlite3.connect(copy) as backup:
            outsider.backup(backup)
        outsider.close()
        backup.close()
        copy.replace(self.file(""))
        self.assert_refused()

    def test_a_symbolic_link_that_leads_elsewhere(self):
        self.server.stop()
        link = self.folder / "link"
        link.symlink_to(self.file(""))
        self.server = Server(database=link)
        self.enterContext(self.server)
        joined(self.server)
        link.unlink()
        link.symlink_to(self.folder / "nothing")
        answer = Identity().join(self.server)
        self.assertEqual((answer.status, answer.problem), (503, "unavailable"))
        told = self.server.program.wait_for_line('event="posts are refused"').text
        self.assertIn(GONE, told)
        self.assertIn(f'file="{link}"', told)
        link.unlink()
        link.symlink_to(self.file(""))
        self.assertEqual(Identity().join(self.server).status, 201)
        # The log lies beside the file, and not beside the link.
        shutil.move(self.file("-wal"), self.aside)
        self.assertEqual(Identity().join(self.server).status, 503)
        shutil.move(self.aside / self.file("-wal").name, self.place)
        self.assertEqual(Identity().join(self.server).status, 201)

    def other_database(self):
        """Of another server, stopped in order."""
        with Server(database=self.aside / "other.db") as other:
            self.others = joined(other, 3)
            other.stop()
        return self.aside / "other.db"

    def folded_in(self):
        """Our own, with all that came until now in the file, and the log begun anew."""
        self.server.restart()
        outsider = sqlite3.connect(self.file(""))
        outsider.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        outsider.close()
        self.carol, = joined(self.server)

    def test_overwritten_by_another_servers(self):
        """As by cp: what stands there then is served after the next start, and whole."""
        other = self.other_database()
        self.folded_in()
        self.file("").write_bytes(other.read_bytes())
        self.assert_refused(OVERWRITTEN, ending="")
        self.server.restart()
        for each in self.others:
            self.assertEqual(self.server.get(f"/v1/t1/{each.id.hex()}").body, each.t1)
        self.server.stop()
        with sqlite3.connect(self.file("")) as outsider:
            self.assertEqual(outsider.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
        outsider.close()

    def test_overwritten_before_anything_was_folded_in(self):
        self.file("").write_bytes(self.other_database().read_bytes())
        self.assert_refused(OVERWRITTEN, ending="")

    def test_truncated(self):
        self.folded_in()
        os.truncate(self.file(""), 0)
        self.assert_refused(OVERWRITTEN, ending="")
        self.assertEqual(self.server.stop(), 0)
        self.assertEqual(self.file("").stat().st_size, 0)

    def test_made_shorter_by_a_page(self):
        self.folded_in()
        os.truncate(self.file(""), self.file("").stat().st_size - 4096)
        self.assert_refused(OVERWRITTEN, ending="")

    def cut_log(self, divisor):
        """Cut it and fill it up, twice, as what the server does at its start may come in between:
        it empties the log itself."""
        for _ in range(2):
            joined(self.server, 4)
            size = self.file("-wal").stat().st_size
            os.truncate(self.file("-wal"), size // divisor)
            if divisor == 2:
                os.truncate(self.file("-wal"), size)
            if self.server.get("/healthz").status != 200:
                break

    def test_its_log_truncated(self):
        """What was folded in before stands."""
        self.folded_in()
        self.cut_log(10**9)
        self.assert_refused(OVERWRITTEN, ending="-wal")
        self.server.restart()
        for each in (self.ada, self.bob):
            self.assertEqual(self.server.get(f"/v1/t1/{each.id.hex()}").body, each.t1)

    def test_its_log_overwritten_by_anothers(self):
        """It is not folded in, neither now nor at the next start."""
        self.folded_in()
        with Server(database=self.aside / "other.db") as other:
            joined(other, 8)
            foreign = (self.aside / "other.db-wal").read_bytes()
            self.assertGreater(len(foreign), self.file("-wal").stat().st_size)
            self.file("-wal").write_bytes(foreign)
            self.assert_refused(OVERWRITTEN, ending="-wal")
        self.server.restart()
        for each in (self.ada, self.bob):
            self.assertEqual(self.server.get(f"/v1/t1/{each.id.hex()}").body, each.t1)

    def test_its_log_cut_within_and_filled_up(self):
        self.folded_in()
        self.cut_log(2)
        self.assert_refused(OVERWRITTEN, ending="-wal")

    def test_its_index_truncated(self):
        """SQLite has it mapped, and would be ended by what it reads there."""
        self.folded_in()
        os.truncate(self.file("-shm"), 0)
        self.assert_refused(OVERWRITTEN, ending="-shm")
        self.assertEqual(self.server.stop(), 0)
        self.server.start()
        for each in (self.ada, self.bob, self.carol):
            self.assertEqual(self.server.get(f"/v1/t1/{each.id.hex()}").body, each.t1)

    def test_its_index_overwritten_by_anothers(self):
        """The log is whole, and what it has is there after the next start."""
        self.folded_in()
        with Server(database=self.aside / "other.db") as other:
            joined(other, 2)
            with self.file("-shm").open("r+b") as index:  # cutting it would be a fault
                index.write((self.aside / "other.db-shm").read_bytes())
            self.assert_refused(OVERWRITTEN, ending="-shm")
        self.server.restart()
        for each in (self.ada, self.bob, self.carol):
            self.assertEqual(self.server.get(f"/v1/t1/{each.id.hex()}").body, each.t1)

    def test_what_others_do_by_the_rules_is_no_alarm(self):
        """Through SQLite: writing, copying the log, beginning it anew, VACUUM; and a touch."""
        stand = [self.ada, self.bob]
        for step in ("UPDATE probe SET value = randomblob(16)", "PRAGMA wal_checkpoint(PASSIVE)",
                     "PRAGMA wal_checkpoint(TRUNCATE)", "VACUUM", "PRAGMA wal_checkpoint(RESTART)",
                     "PRAGMA incremental_vacuum", "PRAGMA wal_checkpoint(FULL)"):
            outsider = sqlite3.connect(self.file(""), isolation_level=None, timeout=20)
            outsider.execute(step).fetchall()
            outsider.close()
            stand += joined(self.server, 2)
            self.assertEqual(self.server.get("/healthz").status, 200, step)
            for ending in ("", "-wal", "-shm"):
                os.utime(self.file(ending))
            stand += joined(self.server)
        self.assertEqual(self.told("posts are refused"), [])
        self.server.restart()
        for each in stand:
            self.assertEqual(self.server.get(f"/v1/t1/{each.id.hex()}").body, each.t1)

    def test_a_file_that_may_grow_no_larger(self):
        """RLIMIT_FSIZE would end the server by a signal."""
        size = self.file("-wal").stat().st_size
        process = self.server.program.process.pid
        before = resource.prlimit(process, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
        self.assert_refused("File too large")
        resource.prlimit(process, resource.RLIMIT_FSIZE, before)
        self.assert_healed()


if __name__ == "__main__":
    unittest.main(verbosity=2)
