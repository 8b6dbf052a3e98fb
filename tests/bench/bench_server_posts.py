"""How fast T1s are taken: durably and unique, from 64 connections that all post at once.

Beside the reference server under the same load, which stores nothing, beside what the HTTP library
does when nothing is stored or checked, and with prices that are never reached (E = 0) beside none
at all. Ours and the reference start with nothing in each
round, so that none pays for the rounds before. Runs under tests/lib/in-namespace.

    bench_server_posts.py --json FILE [--rounds N] [--seconds N]
"""

import contextlib
import sqlite3

import load
import reference
import report
from programs import Failure


# More than any round posts; nobody is asked for work, but the server counts what comes.
FREE = ("--t1-free", "1000000")
# What a round posts is more than a server takes a minute by default.
UNLIMITED = ("--rate-all-t1-max", "0")


def at_ours(options, *flags):
    """All that were acknowledged are in the database afterwards."""
    with load.folder() as directory:
        with load.ours(directory, *UNLIMITED, *flags) as server, load.profile(server, "posts"):
            measured = load.post_t1s(server, seconds=options.seconds)
        with contextlib.closing(sqlite3.connect(server.database)) as database:
            stored, = database.execute("SELECT count(*) FROM t1").fetchone()
        if stored < measured.requests:
            raise Failure(f"{measured.requests} T1s were acknowledged, {stored} are stored")
    return measured


def at_priced(options):
    return at_ours(options, *FREE)


def at_reference(options):
    with reference.server() as program:
        return load.wrk(load.Target("http://127.0.0.1:5000", program), "post", "/t1",
                        seconds=options.seconds)


def at_echo(options):
    with load.echo() as target:
        return load.wrk(target, "post", "/", seconds=options.seconds)


def main():
    options = load.options(__doc__)
    sides = {"ours": at_ours, "priced": at_priced, "reference": at_reference, "echo": at_echo}
    loads = {name: [] for name in sides}
    for _ in range(options.rounds):
        for name, load_of in sides.items():
            loads[name].append(load_of(options))
    load.show_processor_time(**loads)
    ours, priced, theirs, echo = load.median_rates(**loads)
    report.append(options.json, [
        report.Result("durable posts of T1s, against the reference's", ours, theirs, "1/s", 60,
                      more=True),
        report.Result("durable posts of T1s, against a bare echo", ours, echo, "1/s", 0.4,
                      more=True),
        report.Result("durable posts of T1s with E = 0, against a server without prices", priced,
                      ours, "1/s", 0.95, more=True)])


if __name__ == "__main__":
    main()
