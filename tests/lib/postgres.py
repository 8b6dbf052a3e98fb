"""A PostgreSQL cluster of a test's own: in a folder that goes with it, on a Unix socket and a port.

It does not run as root: then it is `nobody`'s.
"""

import contextlib
import glob
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import urllib.parse

from needed import lacks
from programs import Program

NOBODY = 65534


def programs():
    """The folder of Debian's newest PostgreSQL, or None."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"),
                   key=lambda path: int(path.split("/")[4]))
    return pathlib.Path(found[-1]).parent if found else None


def needs_postgres(case):
    """That PostgreSQL's server is installed, and can be somebody's who is not root."""
    if programs() is None:
        lacks(case, "PostgreSQL (the package postgresql) is not installed")
    with open("/proc/self/uid_map") as users:
        if os.geteuid() == 0 and int(users.readline().split()[2]) <= NOBODY:
            lacks(case, "PostgreSQL does not run as root, and there is nobody else here")


def unprivileged(command):
    if os.geteuid() != 0:
        return command
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *command]


class Cluster:
    """Started by `with`, and by start() after it was stopped. `options` are settings of the server,
    "name=value"; commits wait for the disk if it is `durable`. Its folder is made in `place`."""

    def __init__(self, *options, durable=False, place=None):
        self._own = tempfile.TemporaryDirectory(prefix="pg-", dir=place)
        self.folder = pathlib.Path(self._own.name)
        self._data = self.folder / "data"
        if os.geteuid() == 0:
            os.chown(self.folder, NOBODY, NOBODY)
        self._options = [*options, f"fsync={'on' if durable else 'off'}"]
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._program = None

    def __enter__(self):
        subprocess.run(
            unprivileged([programs() / "initdb", "--pgdata", self._data, "--username", "postgres",
                           "--auth", "trust", "--no-locale", "--encoding", "UTF8", "--no-sync",
                           "--no-instructions"]),
            stdin=subprocess.DEVNULL, capture_output=True, check=True, cwd=self.folder)
        return self.start()

    def __exit__(self, *_):
        with contextlib.ExitStack() as stack:
            stack.callback(self._own.cleanup)
            if self._program:
                self.stop()

    def start(self):
        settings = [f"-c{option}" for option in (
            f"unix_socket_directories={self.folder}", "listen_addresses=127.0.0.1",
            "dynamic_shared_memory_type=mmap", "shared_buffers=16MB", "autovacuum_naptime=1h",
            "lc_messages=C", *self._options)]
        self._program = Program("postgres", unprivileged(
            [programs() / "postgres", "-D", self._data, "-p", str(self.port), *settings]))
        self._program.wait_for_line("ready to accept", "err")
        return self

    def stop(self, by_signal=signal.SIGQUIT):
        """At once, as a crash does (SIGQUIT), or as the operator does (SIGINT)."""
        self._program.stop(by_signal)
        with self._program:
            self._program = None

    def kill(self):
        """With SIGKILL, as a power cut does; to be followed by start()."""
        self.stop(signal.SIGKILL)

    def url(self, database="postgres", user="postgres", host=None, **parameters):
        """A connection string; by the Unix socket unless a host is named."""
        query = {"host": str(host or self.folder), "port": str(self.port), "user": user,
                 **parameters}
        return f"postgresql:///{database}?{urllib.parse.urlencode(query)}"

    def run(self, sql, database="postgres", user="postgres"):
        """Lines of what psql prints: values with | between them."""
        done = subprocess.run(
            ["psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set",
             "ON_ERROR_STOP=1", "--command", sql, self.url(database, user)],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.split("\n")[:-1]

    def database(self, name):
        """A new database. Returns: its connection string."""
        self.run(f"CREATE DATABASE {name}")
        return self.url(name)


class Standby(Cluster):
    """A streaming standby of another cluster, started by `with`."""

    def __init__(self, primary):
        super().__init__()
        self._primary = primary

    def __enter__(self):
        subprocess.run(
            unprivileged([programs() / "pg_basebackup", "--pgdata", self._data, "--no-sync",
                          "--checkpoint", "fast", "--write-recovery-conf", "--dbname",
                          self._primary.url()]),
            stdin=subprocess.DEVNULL, capture_output=True, check=True, cwd=self.folder)
        return self.start()

    def promote(self):
        """Make it the primary. Returns when it takes writes."""
        subprocess.run(unprivileged([programs() / "pg_ctl", "promote", "--wait", "--pgdata",
                                     self._data]),
                       stdin=subprocess.DEVNULL, capture_output=True, check=True)
