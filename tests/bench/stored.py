"""Databases with many T1s in them, made quickly."""

import contextlib
import os
import sqlite3
import time

from rendezvous import T1_BYTES, bucket_link, h

CAPACITY = 64
# Buckets made in the same second, at most; clients accept as many.
A_SECOND = 16


def fill(server, buckets):
    """Put so many full buckets into the database of a server that is not running. Returns: their
    links.

    The rows are what the server would have stored, random T1s with their ids and hashes of write
    keys, in the schema that it has made itself; only the disk is not waited for."""
    newest_s = int(time.time()) - 1
    ids = [(newest_s - number // A_SECOND, number % A_SECOND) for number in range(buckets)]
    with contextlib.closing(sqlite3.connect(server.database)) as database:
        database.execute("PRAGMA synchronous = OFF")
        with database:
            database.executemany(
                "INSERT INTO bucket (created, sequence, place, closed) VALUES (?, ?, x'', 1)", ids)
            for created, sequence in sorted(ids):
                bodies = [os.urandom(T1_BYTES) for _ in range(CAPACITY)]
                database.executemany(
                    "INSERT INTO t1 (created, sequence, place, id, body, key_hash)"
                    " VALUES (?, ?, x'', ?, ?, ?)",
                    sorted((created, sequence, h(body), body, os.urandom(32)) for body in bodies))
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return [bucket_link(*bucket) for bucket in ids]
