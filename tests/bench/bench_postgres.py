"""How fast T1s are taken by a server on PostgreSQL, durably, from 64 connections.

Beside the same server on SQLite, and beside pgbench, which inserts rows of a T1's size into a table
of the same kind, as many in a transaction as the server had in one, by one connection in a
pipeline. All three write to the same disk. Runs under tests/lib/in-namespace.

    bench_postgres.py --json FILE [--rounds N] [--seconds N]
"""

import re
import subprocess

import load
import report
from ours import BUILD
from postgres import Cluster, programs
from programs import Failure

TABLE = "CREATE TABLE t1 (bucket bytea, created bigint, id bytea, body bytea, key_hash bytea, " \
        "PRIMARY KEY (bucket, created, id))"
# Bytes that nobody has before: md5 has 16.
INSERT = "INSERT INTO t1 SELECT decode(repeat('00', 12), 'hex'), 0, " \
         "decode(md5(random()::text) || md5(random()::text), 'hex'), " \
         "decode(repeat(md5('x'), 18), 'hex'), decode(repeat(md5('y'), 2), 'hex');\n"


class Sides:
    def __init__(self, cluster, options):
        self.cluster, self.seconds = cluster, options.seconds
        self.databases = 0
        self.batch = 1

    def database(self):
        self.databases += 1
        name = f"round{self.databases}"
        return name, self.cluster.database(name)

    def sqlite(self):
        with load.folder() as directory, load.ours(directory) as server:
            return load.post_t1s(server, seconds=self.seconds).rate

    def postgres(self):
        """All that were acknowledged are in the database afterwards."""
        name, where = self.database()
        with load.folder() as directory, load.ours(directory, database=where) as server, \
                load.profile(server, "postgres"):
            before = self.commits(name)
            measured = load.post_t1s(server, seconds=self.seconds)
            commits = self.commits(name) - before
        stored = int(self.cluster.run("SELECT count(*) FROM reunion.t1", name)[0])
        if stored < measured.requests:
            raise Failure(f"{measured.requests} T1s were acknowledged, {stored} are stored")
        self.batch = max(1, round(stored / max(1, commits)))
        return measured.rate

    def commits(self, name):
        return int(self.cluster.run("SELECT xact_commit FROM pg_stat_database "
                                    f"WHERE datname = '{name}'")[0])

    def pgbench(self):
        name, where = self.database()
        self.cluster.run(TABLE, name)
        with load.folder() as directory:
            script = directory / "script"
            script.write_text("\\startpipeline\nBEGIN;\n" + self.batch * INSERT +
                              "COMMIT;\n\\endpipeline\n")
            done = subprocess.run(
                [programs() / "pgbench", "--no-vacuum", "--protocol", "prepared", "--time",
                 str(self.seconds), "--file", script, where],
                check=True, capture_output=True, text=True)
        return self.batch * float(re.search(r"tps = ([\d.]+)", done.stdout)[1])


def main():
    options = load.options(__doc__)
    rates = {"postgres": [], "sqlite": [], "pgbench": []}
    with Cluster(durable=True, place=BUILD) as cluster:
        sides = Sides(cluster, options)
        for _ in range(options.rounds):
            for name, found in rates.items():
                found.append(getattr(sides, name)())
        print(f"  T1s in a commit: {sides.batch}")
    ours, sqlite, pgbench = load.medians("1/s", **rates)
    report.append(options.json, [
        report.Result("durable posts on PostgreSQL, against SQLite", ours, sqlite, "1/s", 0.4,
                      more=True),
        report.Result("durable posts on PostgreSQL, against pgbench", ours, pgbench, "1/s", 0.7,
                      more=True)])


if __name__ == "__main__":
    main()
