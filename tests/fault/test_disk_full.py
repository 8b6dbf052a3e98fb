"""A disk that fills up: posts are refused, reading goes on, and room heals it without a restart.

The disk is a small tmpfs in a mount namespace of the test's own.
"""

import os
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

from harness import Server
from programs import Program
from rendezvous import Identity, feed, frames, joined

DISK_KIB = 4096
ROUNDS = 24
POSTS_MAX = 4000  # more than the disk holds


class DiskFull(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_KIB}k,mode=700", "tmpfs",
                        self.folder], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", self.folder], check=True)
        self.ballast = self.folder / "ballast"
        seed = os.environ.get("REUNION_TEST_SEED") or hex(random.getrandbits(64))
        print(f"seed: REUNION_TEST_SEED={seed}", flush=True)
        self.random = random.Random(int(seed, 0))

    def fill(self, leave_bytes):
        """Take the disk's room but for so many bytes."""
        space = os.statvfs(self.folder)
        with self.ballast.open("wb") as ballast:
            os.posix_fallocate(ballast.fileno(), 0,
                               max(space.f_bavail * space.f_frsize - leave_bytes, 1))

    def post_until_refused(self, server):
        """Join until the disk is full. Returns: who has joined, and who was refused."""
        stand = []
        with server.connect() as connection:
            for _ in range(POSTS_MAX):
                guest = Identity()
                answer = guest.join(server, connection=connection)
                if answer.status != 201:
                    self.assertEqual((answer.status, answer.problem), (503, "unavailable"))
                    self.assertGreaterEqual(int(answer.headers["Retry-After"]), 1)
                    return stand, guest
                stand.append(guest)
        self.fail("the disk does not fill")

    def check_stands(self, server, identities):
        with server.connect() as connection:
            for identity in identities:
                answer = server.request("GET", f"/v1/t1/{identity.id.hex()}",
                                        connection=connection)
                self.assertEqual((answer.status, answer.body), (200, identity.t1))

    def check_refused(self, server, guest):
        """What was refused is nowhere; everything else goes on."""
        self.assertEqual(server.get(f"/v1/t1/{guest.id.hex()}").status, 404)
        self.assertEqual(server.get("/v1/buckets").status, 200)

    def test_full_at_every_stage(self):
        with Server(directory=self.folder) as server:
            everyone = joined(server, 3)
            for _ in range(ROUNDS):
                self.fill(self.random.randrange(0, 96 * 1024, 1024))
                stand, refused = self.post_until_refused(server)
                everyone += stand
                self.check_refused(server, refused)
                self.check_stands(server, everyone[-8:])
                self.ballast.unlink()
                self.assertEqual(server.get("/healthz").status, 200)
                self.assertEqual(refused.join(server).status, 201)
                everyone.append(refused)
            log = "\n".join(server.log())
            self.assertRegex(log, 'event="posts are refused" database="[^"]*" '
                             'reason="No space left on device"')
            self.assertIn('event="posts are taken again"', log)
            newest = everyone[-1]
            told = frames(feed(server, newest.bucket).body)
            self.assertIn((1, newest.t1), told)
            self.check_stands(server, everyone)
            server.restart()
            self.check_stands(server, everyone)
            print(f"{len(everyone)} T1s stand")

    def test_killed_when_full(self):
        """The log cannot be folded in for want of room, and the server starts all the same."""
        with Server(directory=self.folder) as server:
            self.fill(64 * 1024)
            stand, _ = self.post_until_refused(server)
            server.kill()
            server.start()
            self.check_stands(server, stand)
            self.ballast.unlink()
            stand += joined(server, 2)
            server.restart()
            self.check_stands(server, stand)

    def test_another_file_system_in_front(self):
        """The database's folder vanishes behind it, and is there again."""
        with Server(directory=self.folder) as server:
            ada, = joined(server)
            subprocess.run(["mount", "-t", "tmpfs", "tmpfs", self.folder], check=True)
            try:
                answer = Identity().join(server)
                self.assertEqual((answer.status, answer.problem), (503, "unavailable"))
                server.program.wait_for_line("was deleted, moved or replaced")
                self.check_stands(server, [ada])
            finally:
                subprocess.run(["umount", self.folder], check=True)
            joined(server)
            server.restart()
            self.check_stands(server, [ada])

    def test_a_file_system_that_is_read_only(self):
        with Server(directory=self.folder) as server:
            ada, = joined(server)
        subprocess.run(["mount", "-o", "remount,ro", self.folder], check=True)
        with Program("server", [Server.binary, "--listen", "127.0.0.1:0", "--metrics-listen",
                                "none", "--db", self.folder / "reunion.db"]) as program:
            self.assertEqual(program.wait_for_end(), 3)
            self.assertIn('reason="Read-only file system"', program.lines[-1].text)
        subprocess.run(["mount", "-o", "remount,rw", self.folder], check=True)
        with Server(directory=self.folder) as server:
            self.check_stands(server, [ada])

    def test_no_room_for_the_address_file(self):
        self.fill(0)
        before = sorted(self.folder.iterdir())
        with Program("server", [Server.binary, "--listen", "127.0.0.1:0", "--metrics-listen",
                                "none", "--db", ":memory:", "--address-file",
                                self.folder / "where"]) as program:
            self.assertEqual(program.wait_for_end(), 4)
            self.assertIn(f'file="{self.folder}/where" reason="No space left on device"',
                          program.lines[-1].text)
        self.assertEqual(sorted(self.folder.iterdir()), before)

    def test_no_room_at_the_start(self):
        self.fill(0)
        with Program("server", [Server.binary, "--listen", "127.0.0.1:0", "--metrics-listen",
                                "none", "--db", self.folder / "reunion.db"]) as program:
            self.assertEqual(program.wait_for_end(), 3)
            self.assertIn("make room on its disk", program.lines[-1].text)
        self.ballast.unlink()
        with Server(directory=self.folder) as server:
            joined(server)


def in_namespace():
    """Run this file again where mounts are its own, as root or one who is root there alone."""
    wrapper = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    tried = subprocess.run([*wrapper, "mount", "-t", "tmpfs", "tmpfs", "/mnt"],
                           capture_output=True, text=True)
    if tried.returncode != 0:
        print(f"needs a mount namespace, and {' '.join(wrapper)} says: {tried.stderr.strip()}")
        sys.exit(77)
    os.execvp(wrapper[0], [*wrapper, sys.executable, __file__, "inside"])


if __name__ == "__main__":
    if sys.argv[1:] != ["inside"]:
        in_namespace()
    unittest.main(verbosity=2, argv=sys.argv[:1])
