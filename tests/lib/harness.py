"""Starts and stops servers of this build for the integration tests, and talks HTTP to them.

Only the standard library. Nothing here sleeps: whoever waits, waits for an event with a deadline.
"""

import contextlib
import dataclasses
import http.client
import json
import pathlib
import signal
import ssl
import subprocess
import tempfile
import time

from ours import BUILD
from programs import PATIENCE_S, Program


@dataclasses.dataclass
class Response:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self):
        return json.loads(self.body)

    @property
    def problem(self):
        """The slug of an application/problem+json answer."""
        assert self.headers["Content-Type"] == "application/problem+json", self
        stated = self.json()
        assert stated["status"] == self.status, self
        return stated["type"].removeprefix("urn:reunion:problem:")


class Api:
    """What answers at an address: a server, or a proxy before one."""

    def __init__(self, host, port):
        self.host, self.port = host, port

    def connect(self, timeout_s=PATIENCE_S):
        return contextlib.closing(http.client.HTTPConnection(self.host, self.port, timeout_s))

    def request(self, method, path, body=None, headers=None, connection=None):
        """One request; on a connection of its own unless one is given."""
        if connection is None:
            with self.connect() as own:
                return self.request(method, path, body, headers, own)
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return Response(answer.status, answer.headers, answer.read())

    def get(self, path, **headers):
        return self.request("GET", path, headers=headers)

    def post(self, path, body, key=None, connection=None):
        headers = {"Content-Type": "application/octet-stream"}
        if key is not None:
            headers["Authorization"] = "Bearer " + (key.hex() if isinstance(key, bytes) else key)
        return self.request("POST", path, body, headers, connection)


class SecureApi(Api):
    """The same by TLS, with a certificate of an authority; from a `source` address, if given."""

    def __init__(self, host, port, authority, source=None):
        super().__init__(host, port)
        self._context = ssl.create_default_context(cafile=authority)
        self._source = (source, 0) if source else None

    def connect(self, timeout_s=PATIENCE_S):
        return contextlib.closing(http.client.HTTPSConnection(
            self.host, self.port, timeout=timeout_s, context=self._context,
            source_address=self._source))


class Server(Api):
    """A reunion-server on an unused port, with a database file that outlives restarts. It asks
    nobody for work unless the flags have --t1-free: most tests post more than people do."""

    binary = BUILD / "server" / "reunion-server"

    def __init__(self, *flags, directory=None, database=None, binary=None):
        self._own = None if directory else tempfile.TemporaryDirectory(prefix="reunion-")
        self.directory = pathlib.Path(directory or self._own.name)
        self.database = database or self.directory / "reunion.db"
        self.flags = flags
        self.binary = binary or self.binary
        self.program = None

    def start(self):
        free = [] if "--t1-free" in self.flags else ["--t1-free", "0"]
        self.program = Program("server", [
            self.binary, "--listen", "127.0.0.1:0", "--metrics-listen", "none", "--db",
            self.database, *free, *self.flags,
        ], stdin=subprocess.PIPE)
        address = self.program.wait_for_line("address=", "err").text.split("address=")[1]
        self.program.wait_for_line('event="ready"', "err")
        self.host, port = address.rsplit(":", 1)
        self.port = int(port)
        self.url = f"http://{address}"
        return self

    def stop(self):
        """Stop as an operator does. Returns: the exit code."""
        return self._end(signal.SIGTERM)

    def kill(self):
        """Stop as a power cut does."""
        return self._end(signal.SIGKILL)

    def _end(self, by_signal):
        self.program.process.stdin.close()
        code = self.program.stop(by_signal)
        with self.program:
            return code

    def box(self, serving="box"):
        """Where a form of the box transport is served, (host, port); and its key, in base64url."""
        line = self.program.wait_for_line(f"serving={serving} ", "err").text
        address, key = line.split("address=")[1].split(" key=")
        host, port = address.rsplit(":", 1)
        return (host.strip("[]"), int(port)), key

    def restart(self):
        assert self.stop() == 0
        return self.start()

    def log(self):
        return [line.text for line in self.program.lines if line.stream == "err"]

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        try:
            if self.program.process.poll() is None:
                code = self.stop()
                assert code == 0, f"the server ended with {code}\n{self.program.transcript()}"
        finally:
            if self._own:
                self._own.cleanup()


class ClockServer(Server):
    """The same server, with clocks that a test moves."""

    binary = BUILD / "tests" / "lib" / "reunion-server-test"

    def _say(self, command):
        """Move the clocks. Returns: how many requests wait, after those that are due."""
        def told(lines):
            return [line.text for line in lines if line.stream == "out"]
        seen = len(told(self.program.lines))
        self.program.process.stdin.write(command.encode() + b"\n")
        self.program.process.stdin.flush()
        answer = self.program.wait_for("the clock to be set", lambda lines: told(lines)[seen:])
        return int(answer[0].removeprefix("waiting "))

    def advance(self, seconds):
        """Let time pass, on both clocks; what is due is done when this returns."""
        self._say(f"advance {seconds}")

    def waiting(self):
        """How many requests wait on feeds. The question passes through the server."""
        return self._say("advance 0")

    def wait_for_waiting(self, count):
        """Until so many requests wait on feeds."""
        deadline_s = time.monotonic() + PATIENCE_S
        while (waiting := self.waiting()) != count:
            assert time.monotonic() < deadline_s, f"{waiting} requests wait, not {count}"

    def let_time_pass(self):
        """Let the monotonic clock go on by itself, for a client that waits as long as it says."""
        self._say("run 0")

    def step_wall(self, seconds):
        """Set the wall clock forth or back; the monotonic clock goes on."""
        self._say(f"step {seconds}")
