"""A database that is deleted, moved or replaced under a server, or may grow no more.

Every post is refused from then on, and the reason is said once; what is in memory is still read;
and when the very file is back, posts are taken again.
"""

import pathlib
import resource
import shutil
import sqlite3
import tempfile
import unittest

from harness import Server
from rendezvous import Identity, feed, joined

GONE = "its file, or one beside it, was deleted, moved or replaced"


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

    def assert_refused(self, reason=GONE):
        for _ in range(2):
            answer = Identity().join(self.server)
            self.assertEqual((answer.status, answer.problem), (503, "unavailable"))
            self.assertEqual(self.server.get("/healthz").status, 503)
        self.server.program.wait_for_line('event="posts are refused"')
        told = self.told("posts are refused")
        self.assertEqual(len(told), 1)
        self.assertIn(reason, told[0])
        self.assertIn(str(self.file("")), told[0])
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
                self.assert_refused()
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
        self.assertIn(GONE, self.told("posts are refused")[0])
        link.unlink()
        link.symlink_to(self.file(""))
        self.assertEqual(Identity().join(self.server).status, 201)

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
