"""What an answer promises survives a stop, a kill and a restart; others' files survive us."""

import concurrent.futures
import os
import pathlib
import shutil
import sqlite3
import stat
import tempfile
import threading
import unittest

from harness import ClockServer, Server
from programs import Program
from refusal import RefusalCase
from rendezvous import T1_BYTES, Identity, feed, frames, joined, split


class Durability(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def test_a_restart_loses_nothing(self):
        with Server(directory=self.folder) as server:
            everyone = joined(server, 70)
            ada, bob, late = everyone[0], everyone[1], everyone[-1]
            t2, t3, across = ada.record(bob), bob.record(ada), late.record(ada)
            ada.send(server, 2, ada.bucket, t2)
            bob.send(server, 3, ada.bucket, t3)
            late.send(server, 2, ada.bucket, across)
            reference_t1 = os.urandom(T1_BYTES)
            server.post("/t1", reference_t1)

            def seen():
                # Lists have an order that is drawn at each start; records are told apart whole.
                def body(path):
                    size = {"t1": 288, "t2": 96, "t3": 96}.get(path.rsplit("/", 1)[1])
                    size = 64 if path == "/t2" else size
                    read = server.get(path).body
                    return sorted(split(read, size)) if size else read

                return [body(path) for path in (
                    "/v1/buckets", f"/v1/buckets/{ada.bucket}/t1", f"/v1/buckets/{ada.bucket}/t2",
                    f"/v1/buckets/{ada.bucket}/t3", f"/v1/buckets/{late.bucket}/t1", "/t1", "/t2")]

            before = seen()
            server.restart()
            self.assertEqual(seen(), before)
            server.kill()
            server.start()
            self.assertEqual(seen(), before)
            # Keys and places are remembered too.
            self.assertEqual(ada.join(server).status, 200)
            self.assertEqual(server.post("/v1/t1", ada.t1, os.urandom(32)).status, 403)
            self.assertEqual(server.post("/v1/t1", reference_t1, os.urandom(32)).status, 403)
            again = ada.send(server, 2, ada.bucket, t2, ada.record(bob)).json()
            self.assertEqual((again["duplicate"], len(again["refused"])), (1, 1))

    def test_a_kill_under_load_loses_nothing_acknowledged(self):
        """Eight clients post until the server is killed under them; several rounds on one file."""
        acknowledged = {}
        server = Server(directory=self.folder)
        for _ in range(5):
            server.start()
            enough = threading.Event()
            with concurrent.futures.ThreadPoolExecutor(8) as pool:
                clients = [pool.submit(self.post_until_killed, server, enough, acknowledged)
                           for _ in range(8)]
                self.assertTrue(enough.wait(60))
                server.kill()
                for client in clients:
                    client.result(60)
        with server:
            for identity, records in acknowledged.items():
                fetched = server.get(f"/v1/t1/{identity.id.hex()}")
                self.assertEqual(fetched.body, identity.t1)
                link = fetched.headers["Reunion-Bucket"]
                stored = split(server.get(f"/v1/buckets/{link}/t2?to={identity.id.hex()}").body, 96)
                self.assertLessEqual(set(records), set(stored))

    def post_until_killed(self, server, enough, acknowledged):
        try:
            with server.connect() as connection:
                while True:
                    ada, bob = Identity(), Identity()
                    for identity in (ada, bob):
                        if identity.join(server, connection=connection).status == 201:
                            acknowledged[identity] = []
                    record = ada.record(bob)
                    answer = ada.send(server, 2, bob.bucket, record, connection=connection)
                    if answer.json()["stored"] == 1:
                        acknowledged[bob].append(record)
                    if len(acknowledged) % 400 >= 380:
                        enough.set()
        except OSError:
            pass
        except Exception as error:
            if "http.client" not in type(error).__module__:
                raise

    def test_the_file_is_for_its_owner_alone_and_tells_no_key(self):
        with Server(directory=self.folder) as server:
            ada, = joined(server)
            for path in self.folder.iterdir():
                self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600, path)
                content = path.read_bytes()
                self.assertNotIn(ada.key, content)
                self.assertNotIn(ada.key.hex().encode(), content)
            for line in server.log():
                self.assertNotIn(ada.bucket, line)
                self.assertNotIn(ada.id.hex(), line)

    def test_a_bucket_is_forgotten_on_disk(self):
        with ClockServer(directory=self.folder) as server:
            ada, bob = joined(server, 2)
            record = ada.record(bob)
            ada.send(server, 2, ada.bucket, record)
            on_disk = b"".join(path.read_bytes() for path in self.folder.iterdir())
            self.assertIn(ada.t1, on_disk)
            server.advance(86400)
            on_disk = b"".join(path.read_bytes() for path in self.folder.iterdir())
            for secret in (ada.t1, bob.t1, record[64:], ada.id):
                self.assertNotIn(secret, on_disk)

    def test_a_store_that_is_in_the_way_delays_and_loses_nothing(self):
        """Somebody else writes to the file: posts are refused meanwhile, reading goes on."""
        with Server(directory=self.folder) as server:
            ada, = joined(server)
            with sqlite3.connect(server.database, isolation_level=None) as other:
                other.execute("BEGIN IMMEDIATE")
                refused = Identity().join(server)
                self.assertEqual((refused.status, refused.problem), (503, "unavailable"))
                self.assertEqual(refused.headers["Retry-After"], "1")
                self.assertEqual(server.get("/healthz").status, 503)
                told = feed(server, ada.bucket)
                self.assertEqual(frames(told.body), [(1, ada.t1)])
                other.execute("ROLLBACK")
            other.close()
            self.assertEqual(server.get("/healthz").status, 200)
            self.assertEqual(Identity().join(server).json()["count"], 2)


class Refusals(RefusalCase):
    def test_a_file_that_is_no_database(self):
        self.database.write_bytes(b"Dear diary, today I wrote a program that eats files.\n" * 50)
        self.refused("damaged or not this server's")

    def test_a_damaged_database(self):
        with Server(database=self.database, directory=self.folder) as server:
            joined(server, 64)
        content = bytearray(self.database.read_bytes())
        content[4096:] = os.urandom(len(content) - 4096)
        self.database.write_bytes(content)
        self.refused("damaged or not this server's")

    def test_a_database_of_another_program(self):
        with sqlite3.connect(self.database) as other:
            other.execute("CREATE TABLE recipe (name TEXT)")
        other.close()
        self.refused("damaged or not this server's")

    def test_a_newer_schema(self):
        with Server(database=self.database, directory=self.folder):
            pass
        with sqlite3.connect(self.database) as newer:
            newer.execute("PRAGMA user_version = 1000")
        newer.close()
        self.refused("newer version")

    def test_a_newer_schema_whose_server_was_killed(self):
        """Its log holds what is committed; it must not be folded in by us."""
        with sqlite3.connect(self.database, isolation_level=None) as newer:
            newer.execute("PRAGMA journal_mode = WAL")
            newer.execute("PRAGMA application_id = 1380275534")
            newer.execute("PRAGMA user_version = 1000")
            for suffix in ("", "-wal"):
                shutil.copy(f"{self.database}{suffix}", self.folder / f"copy{suffix}")
        newer.close()
        for suffix in ("", "-wal"):
            (self.folder / f"copy{suffix}").replace(f"{self.database}{suffix}")
        self.refused("newer version")

    def test_two_servers_on_one_file(self):
        with Server(database=self.database, directory=self.folder) as server:
            ada, = joined(server)
            with Program("second", [Server.binary, "--listen", "127.0.0.1:0", "--db",
                                    self.database]) as second:
                self.assertEqual(second.wait_for_end(), 3)
                self.assertIn("another server is using it", second.lines[0].text)
            self.assertEqual(ada.join(server).status, 200)

    def test_no_directory(self):
        self.database = self.folder / "none" / "reunion.db"
        self.refused("directory does not exist")

    def test_an_address_in_use(self):
        with Server(directory=self.folder) as server:
            with Program("second", [Server.binary, "--listen", f"127.0.0.1:{server.port}",
                                    "--db", ":memory:"]) as second:
                self.assertEqual(second.wait_for_end(), 4)

    def test_bad_settings(self):
        for flags in (["--lifetime", "59m"], ["--open-window", "0"], ["--salt", "00"],
                      ["--listen"], ["--colour", "red"], ["--help=me"], ["--log-level", "loud"],
                      ["--wait-max", "2h"], ["--threads", "99999999999999999999"], ["plain"]):
            with Program("server", [Server.binary, *flags]) as program:
                self.assertEqual(program.wait_for_end(), 2, flags)
                self.assertEqual(len(program.lines), 1, flags)

    def test_an_address_that_is_none(self):
        for address in ("127.0.0.1", "localhost:5000", "::1:5000", "127.0.0.1:x", "[::1]",
                        "127.0.0.1:99999", ":5000"):
            with Program("server", [Server.binary, "--listen", address, "--db",
                                    ":memory:"]) as program:
                self.assertEqual(program.wait_for_end(), 2, address)


class Start(unittest.TestCase):
    def test_the_state_directory_is_the_default(self):
        with tempfile.TemporaryDirectory() as folder:
            with Program("server", [Server.binary, "--listen", "127.0.0.1:0",
                                    "--metrics-listen", "none"],
                         env={"STATE_DIRECTORY": folder}) as program:
                program.wait_for_line("ready", "err")
                self.assertEqual(program.stop(), 0)
            self.assertEqual([path.name for path in pathlib.Path(folder).iterdir()],
                             ["reunion.db"])

    def test_several_addresses_and_a_file_of_them(self):
        with tempfile.TemporaryDirectory() as folder:
            told = pathlib.Path(folder) / "addresses"
            with Server("--listen", "[::1]:0", "--address-file", told) as server:
                addresses = told.read_text().split()
                self.assertEqual(addresses[0], f"127.0.0.1:{server.port}")
                self.assertRegex(addresses[1], r"^\[::1\]:\d+$")

    def test_help_and_version(self):
        for flag, expected in (("--help", "--open-window"), ("-h", "--open-window"),
                               ("--version", "reunion-server "), ("-V", "reunion-server ")):
            with Program("server", [Server.binary, flag]) as program:
                self.assertEqual(program.wait_for_end(), 0)
                self.assertIn(expected, "\n".join(line.text for line in program.lines))

    def test_nothing_is_kept_in_memory_alone(self):
        with Server(database=":memory:") as server:
            joined(server)
            server.restart()
            self.assertEqual(server.get("/v1/buckets").json()["buckets"], [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
