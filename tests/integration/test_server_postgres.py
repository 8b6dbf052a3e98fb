"""One server on PostgreSQL: what is acknowledged outlives both, whatever ends or cuts off which.

The cluster is the tests' own; each test has a database of its own in it.
"""

import concurrent.futures
import contextlib
import os
import pathlib
import re
import signal
import socket
import tempfile
import threading
import time
import unittest

from harness import ClockServer, Server
from needed import needs
from ours import SOURCE
from postgres import Cluster, Standby, needs_postgres, unprivileged
from programs import PATIENCE_S, Program
from rendezvous import Identity, feed, frames, joined, split

LATER = "another server has written to it meanwhile, or it has lost what was committed"


class PostgresCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        needs_postgres(cls)
        needs(cls, "psql")
        cls.cluster = cls.enterClassContext(Cluster())

    def setUp(self):
        self.name = f"t{os.urandom(6).hex()}"
        self.where = self.cluster.database(self.name)
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def server(self, *flags, where=None, kind=Server):
        return kind("--rate-max", "0", *flags, directory=self.folder, database=where or self.where)

    def until(self, condition):
        """Ask until it is so; each question takes its time at the server."""
        deadline_s = time.monotonic() + PATIENCE_S
        while not condition():
            self.assertLess(time.monotonic(), deadline_s)

    def until_healed(self, server):
        self.until(lambda: server.get("/healthz").status == 200)

    def rows(self, table):
        return int(self.cluster.run(f"SELECT count(*) FROM reunion.{table}", self.name)[0])

    def assert_there(self, server, identities):
        for each in identities:
            self.assertEqual(server.get(f"/v1/t1/{each.id.hex()}").body, each.t1)

    def assert_refused(self, server):
        refused = Identity().join(server)
        self.assertEqual((refused.status, refused.problem), (503, "unavailable"))
        self.assertEqual(server.get("/healthz").status, 503)


class Life(PostgresCase):
    def test_a_restart_and_a_kill_lose_nothing(self):
        with self.server() as server:
            everyone = joined(server, 66)
            ada, bob, late = everyone[0], everyone[1], everyone[-1]
            self.assertNotEqual(ada.bucket, late.bucket)
            t2, t3, across = ada.record(bob), bob.record(ada), late.record(ada)
            ada.send(server, 2, ada.bucket, t2)
            bob.send(server, 3, ada.bucket, t3)
            late.send(server, 2, ada.bucket, across)
            placed, = joined(server, place=os.urandom(32))

            def seen():
                return [sorted(split(server.get(path).body, size)) for path, size in (
                    (f"/v1/buckets/{ada.bucket}/t1", 288), (f"/v1/buckets/{late.bucket}/t1", 288),
                    (f"/v1/buckets/{ada.bucket}/t2", 96), (f"/v1/buckets/{ada.bucket}/t3", 96),
                    (f"/v1/buckets/{placed.bucket}/t1", 288))]
            before = seen()
            server.restart()
            self.assertEqual(seen(), before)
            server.kill()
            server.start()
            self.assertEqual(seen(), before)
            self.assertEqual(ada.join(server).status, 200)
            self.assertEqual(server.post("/v1/t1", ada.t1, os.urandom(32)).status, 403)
            again = ada.send(server, 2, ada.bucket, t2, ada.record(bob)).json()
            self.assertEqual((again["duplicate"], len(again["refused"])), (1, 1))

    def test_a_second_server_is_refused_and_the_first_goes_on(self):
        with self.server() as first:
            joined(first)
            with Program("second", [Server.binary, "--listen", "127.0.0.1:0", "--metrics-listen",
                                    "none", "--db", self.where]) as second:
                self.assertEqual(second.wait_for_end(), 3)
                self.assertIn('reason="another server is using it"', second.lines[-1].text)
            joined(first)

    def test_what_has_expired_goes_with_its_partitions(self):
        with self.server(kind=ClockServer) as server:
            ada, bob = joined(server, 2)
            ada.send(server, 2, ada.bucket, ada.record(bob))
            partitions = ("SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r' "
                          "AND relnamespace = 'reunion'::regnamespace")
            before = self.cluster.run(partitions, self.name)
            self.assertEqual(len(before), 3)
            self.assertEqual((self.rows("t1"), self.rows("record")), (2, 1))
            server.advance(86400)
            carol, = joined(server)
            self.until(lambda: not set(before) & set(self.cluster.run(partitions, self.name)))
            self.assertEqual((self.rows("t1"), self.rows("record")), (1, 0))
            self.assert_there(server, [carol])
            server.restart()

    def test_somebody_who_reads_for_long_delays_nothing_but_the_dropping(self):
        """As a dump does; windows are opened all the same."""
        with self.server(kind=ClockServer) as server:
            joined(server)
            with Program("reader", ["psql", "--no-psqlrc", "--quiet", self.where, "--command",
                                    "BEGIN; SELECT count(*) FROM reunion.t1; "
                                    "DO $$ BEGIN RAISE WARNING 'reads'; END $$; "
                                    "SELECT pg_sleep(600)"]) as reader:
                reader.wait_for_line("reads", "err")
                server.advance(3600)
                joined(server)
                server.advance(86400 - 3600)
                server.program.wait_for_line("what has expired cannot leave the disk yet")
                joined(server)
                reader.stop(signal.SIGKILL)
            self.cluster.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                             "WHERE query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()")
            server.advance(1)
            server.program.wait_for_line("what has expired has left the disk")


class Outages(PostgresCase):
    def test_without_its_database_a_server_reads_from_memory_and_comes_back(self):
        with self.server() as server:
            ada, = joined(server)
            self.cluster.stop()
            try:
                for _ in range(2):
                    self.assert_refused(server)
                self.assertEqual(frames(feed(server, ada.bucket).body), [(1, ada.t1)])
            finally:
                self.cluster.start()
            self.until_healed(server)
            bob, = joined(server)
            self.assert_there(server, [ada, bob])
            for event in ("posts are refused", "posts are taken again"):
                self.assertEqual(len([line for line in server.log() if f'event="{event}"' in line]),
                                 1)
            server.restart()
            self.assert_there(server, [ada, bob])
            self.assertEqual(self.rows("t1"), 2)

    def test_what_is_not_in_memory_is_read_when_it_is_there_again(self):
        with self.server() as server:
            ada, = joined(server)
            server.restart()
            path = f"/v1/buckets/{ada.bucket}/t1"
            self.cluster.stop()
            try:
                self.assertEqual(server.get(path).status, 503)
            finally:
                self.cluster.start()
            self.until(lambda: server.get(path).status == 200)
            self.assertEqual(server.get(path).body, ada.t1)

    def test_kills_of_both_lose_nothing_acknowledged_and_store_nothing_twice(self):
        server, acknowledged = self.server(), []
        with server:
            for victim in ("database", "server", "database", "server"):
                enough, stop = threading.Event(), threading.Event()
                with concurrent.futures.ThreadPoolExecutor(4) as pool:
                    clients = [pool.submit(self.post_until, server, enough, stop, acknowledged)
                               for _ in range(4)]
                    self.assertTrue(enough.wait(PATIENCE_S))
                    if victim == "server":
                        server.kill()
                    else:
                        self.cluster.kill()
                        self.cluster.start()
                        self.until_healed(server)
                    stop.set()
                    for client in clients:
                        client.result(PATIENCE_S)
                if victim == "server":
                    server.start()
            self.assert_there(server, acknowledged)
            full = [each["count"] for each in server.get("/v1/buckets").json()["buckets"]]
            self.assertLessEqual(max(full), 64)
            self.assertEqual(sum(full), self.rows("t1"))

    def post_until(self, server, enough, stop, acknowledged):
        count = 0
        with contextlib.suppress(OSError):
            while not stop.is_set():
                identity = Identity()
                if identity.join(server).status == 201:
                    acknowledged.append(identity)
                    count += 1
                if count >= 10:
                    enough.set()


class Cut:
    """Between server and database: passes on, or cuts off what is said from a moment on. `mode`:
    "open"; "closed", where nobody is let through; "ask", where the question is passed on, and
    the answer lost; "drop", where neither is. What is cut stays open on the database's side."""

    def __init__(self, port):
        self.port, self.mode, self.waits = port, "open", threading.Event()
        self._ends = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.own_port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for end in self._ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _serve(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self.mode != "open":
                client.close()
                continue
            database = socket.create_connection(("127.0.0.1", self.port))
            self._ends += [client, database]
            threading.Thread(target=self._ask, args=(client, database), daemon=True).start()
            threading.Thread(target=self._answer, args=(client, database), daemon=True).start()

    def _ask(self, client, database):
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                if self.mode in ("drop", "closed"):
                    client.shutdown(socket.SHUT_RDWR)
                    return
                database.sendall(data)
            if self.mode == "open":
                database.shutdown(socket.SHUT_WR)

    def _answer(self, client, database):
        with contextlib.suppress(OSError):
            while data := database.recv(65536):
                if self.mode != "open":
                    self.waits.set()
                    client.shutdown(socket.SHUT_RDWR)
                    return
                client.sendall(data)
        with contextlib.suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)


class Doubt(PostgresCase):
    """A connection that is lost while a commit is under way."""

    def setUp(self):
        super().setUp()
        self.cut = self.enterContext(Cut(self.cluster.port))
        self.through = self.cluster.url(self.name, host="127.0.0.1", port=self.cut.own_port)
        self.running = self.enterContext(self.server(where=self.through))

    def heal(self):
        self.cut.mode = "open"
        self.until_healed(self.running)

    def test_a_commit_whose_answer_is_lost_is_found(self):
        ada, = joined(self.running)
        bob = Identity()
        self.cut.mode = "ask"
        self.assertEqual(bob.join(self.running).status, 503)
        self.assertTrue(self.cut.waits.is_set())
        self.until(lambda: self.rows("t1") == 2)
        self.assertEqual(self.running.get(f"/v1/t1/{bob.id.hex()}").status, 404)
        self.heal()
        self.assert_there(self.running, [ada, bob])
        self.assertEqual(bob.join(self.running).status, 200)
        self.running.restart()
        self.assert_there(self.running, [ada, bob])
        self.assertEqual(self.rows("t1"), 2)

    def test_a_commit_that_never_arrived_was_not_made(self):
        ada, = joined(self.running)
        bob = Identity()
        self.cut.mode = "drop"
        self.assertEqual(bob.join(self.running).status, 503)
        self.heal()
        self.assertEqual(self.running.get(f"/v1/t1/{bob.id.hex()}").status, 404)
        self.assertEqual(bob.join(self.running).status, 201)
        self.assert_there(self.running, [ada, bob])
        self.assertEqual(self.rows("t1"), 2)

    def test_a_connection_that_ended_unnoticed_costs_no_post(self):
        joined(self.running)
        self.cluster.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                         f"WHERE datname = '{self.name}'")
        joined(self.running)
        self.assertEqual(self.rows("t1"), 2)

    def test_a_server_that_was_overtaken_takes_no_posts_until_it_is_started_again(self):
        ada, = joined(self.running)
        self.cut.mode = "closed"
        self.assert_refused(self.running)
        # Its lock is still held by what is left of its connection.
        self.cluster.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                         f"WHERE datname = '{self.name}'")
        with Server(database=self.where) as other:
            bob, = joined(other)
        self.cut.mode = "open"
        self.until(lambda: self.refused_for_good())
        self.assert_there(self.running, [ada])
        self.running.restart()
        self.assert_there(self.running, [ada, bob])
        joined(self.running)

    def refused_for_good(self):
        self.assert_refused(self.running)
        return any(LATER in line for line in self.running.log())


class Failover(unittest.TestCase):
    """The primary is lost, and its standby takes its place."""

    until, until_healed = PostgresCase.until, PostgresCase.until_healed
    assert_there, assert_refused = PostgresCase.assert_there, PostgresCase.assert_refused

    def setUp(self):
        needs_postgres(self)
        needs(self, "psql")
        self.primary = self.enterContext(Cluster())
        self.standby = self.enterContext(Standby(self.primary))
        where = self.primary.url(host=f"{self.primary.folder},{self.standby.folder}",
                                 port=f"{self.primary.port},{self.standby.port}")
        self.server = self.enterContext(Server("--rate-max", "0", database=where))

    def test_nothing_answered_is_lost_with_a_synchronous_standby(self):
        for command in ("ALTER SYSTEM SET synchronous_standby_names = '*'",
                        "SELECT pg_reload_conf()"):
            self.primary.run(command)
        before = joined(self.server, 3)
        self.primary.stop()
        self.assert_refused(self.server)
        self.assert_there(self.server, before)
        self.standby.promote()
        self.until_healed(self.server)
        everybody = before + joined(self.server, 2)
        self.server.restart()
        self.assert_there(self.server, everybody)

    def test_a_standby_that_lacks_a_commit_is_noticed(self):
        ada, = joined(self.server)
        self.until(lambda: self.standby.run(
            "SELECT count(*) FROM pg_class WHERE relname LIKE 't1_%' AND relkind = 'r'") == ["1"])
        self.standby.stop()
        bob, = joined(self.server)
        self.primary.stop()
        self.standby.start()
        self.standby.promote()
        self.until(self.refused_for_good)
        self.assert_there(self.server, [ada, bob])
        self.server.restart()
        self.assert_there(self.server, [ada])
        self.assertEqual(bob.join(self.server).status, 201)

    def refused_for_good(self):
        self.assert_refused(self.server)
        return any(LATER in line for line in self.server.log())


class Guide(PostgresCase):
    """What docs/postgresql.md has its reader type."""

    guide = (SOURCE / "docs" / "postgresql.md").read_text()

    def test_its_commands_work_in_their_order(self):
        setting_up, looking = re.findall(r"^```sql\n(.*?)^```$", self.guide,
                                         re.MULTILINE | re.DOTALL)
        for command in setting_up.splitlines():
            self.cluster.run(command)
        where, = re.findall(r"^REUNION_DB=(.*)$", self.guide, re.MULTILINE)
        self.assertEqual(where.partition("?")[0], "postgresql://reunion@db.example.org/reunion")
        with self.server(where=self.cluster.url("reunion", user="reunion")) as server:
            joined(server, 2)
            self.assertEqual([self.cluster.run(each, "reunion") for each in looking.splitlines()],
                             [["1"], ["2"]])
            # What it says of sizes.
            connections = self.cluster.run("SELECT count(*) FROM pg_stat_activity "
                                           "WHERE datname = 'reunion' AND pid <> pg_backend_pid()")
            self.assertEqual(connections, ["4"])

    def test_reasons_are_those_that_the_server_has(self):
        source = "".join((SOURCE / "server" / place).read_text() for place in (
            "store/store.c", "service/commit.c"))
        table = self.guide.partition("## When")[2]
        reasons = re.findall(r"^\| ([a-z' ,]+) \|", table, re.MULTILINE)
        self.assertGreater(len(reasons), 6)
        self.assertEqual([each for each in reasons[1:] if f'"{each}"' not in source], [])


class Refusals(PostgresCase):
    def refused(self, reason, where, code=3):
        with Program("server", [Server.binary, "--listen", "127.0.0.1:0", "--metrics-listen",
                                "none", "--db", where]) as program:
            self.assertEqual(program.wait_for_end(), code)
            lines = [line.text for line in program.lines]
        self.assertEqual(len(lines), 1, lines)
        self.assertIn(reason, lines[0])
        return lines[0]

    def test_a_password_in_the_string(self):
        for where in ("postgresql://reunion:sesame@127.0.0.1/reunion",
                      self.where + "&password=sesame"):
            self.assertNotIn("sesame", self.refused("it has a password", where, code=2))
        said = self.refused("no connection string that libpq takes",
                            "postgresql://u:sesame@h/db?colour=blue", code=2)
        self.assertNotIn("sesame", said)

    def test_a_password_from_a_file(self):
        hba = self.cluster.run("SHOW hba_file")[0]
        self.cluster.run("CREATE ROLE keeper LOGIN PASSWORD 'sesame'")
        self.cluster.run(f"GRANT CREATE ON DATABASE {self.name} TO keeper")
        before = pathlib.Path(hba).read_text()
        pathlib.Path(hba).write_text("local all keeper scram-sha-256\n" + before)
        self.addCleanup(self.cluster.run, "SELECT pg_reload_conf()")
        self.addCleanup(pathlib.Path(hba).write_text, before)
        self.cluster.run("SELECT pg_reload_conf()")
        passfile = self.folder / "pgpass"
        passfile.write_text("*:*:*:keeper:wrong\n")
        passfile.chmod(0o600)
        where = self.cluster.url(self.name, user="keeper", passfile=passfile)
        self.until(lambda: "password authentication failed" in self.refused(
            "it cannot be reached", where))
        passfile.write_text("*:*:*:keeper:sesame\n")
        with self.server(where=where) as server:
            joined(server)
            self.assertNotIn("sesame", "".join(server.log()))

    def test_a_newer_schema_is_left_alone(self):
        with self.server() as server:
            joined(server)
        self.cluster.run("UPDATE reunion.about SET version = 2", self.name)
        self.refused("it is of a newer version", self.where)
        self.assertEqual(self.rows("t1"), 1)

    def test_a_schema_of_somebody_else(self):
        self.cluster.run("CREATE SCHEMA reunion; CREATE TABLE reunion.cakes (name text)", self.name)
        self.refused("damaged or not this server's", self.where)
        self.assertEqual(self.rows("cakes"), 0)

    def test_no_rights(self):
        self.cluster.run(f"CREATE ROLE guest_{self.name} LOGIN")
        said = self.refused("Permission denied",
                            self.cluster.url(self.name, user=f"guest_{self.name}"))
        self.assertIn("own the schema reunion", said)

    def test_no_database(self):
        said = self.refused("it cannot be reached", self.cluster.url("nowhere"))
        self.assertIn("does not exist", said)

    def test_a_pooler(self):
        needs(self, "pgbouncer")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        (self.folder / "users").write_text('"postgres" ""\n')
        settings = self.folder / "pgbouncer.ini"
        settings.write_text(
            f"[databases]\n{self.name} = host=127.0.0.1 port={self.cluster.port}\n[pgbouncer]\n"
            f"listen_addr = 127.0.0.1\nlisten_port = {port}\nauth_type = trust\n"
            f"auth_file = {self.folder / 'users'}\npool_mode = transaction\nunix_socket_dir =\n"
            "ignore_startup_parameters = extra_float_digits\n")
        for path in (self.folder, settings, self.folder / "users"):
            path.chmod(0o755)
        with Program("pgbouncer", unprivileged(["pgbouncer", settings])) as pooler:
            pooler.wait_for_line("process up", "err")
            self.refused("a connection pooler stands before it",
                         self.cluster.url(self.name, host="127.0.0.1", port=port))


if __name__ == "__main__":
    unittest.main(verbosity=2)
