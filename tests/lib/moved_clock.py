"""A program of ours whose clocks a test moves: what lib/clock_ahead.c is told."""

import os
import pathlib
import socket
import time

from ours import BUILD
from programs import PATIENCE_S

LIBRARY = BUILD / "tests" / "lib" / "libclock_ahead.so"


class MovedClock:
    """The clocks of one program, which has `env` in its environment; a socket is in `folder`."""

    def __init__(self, folder, leak=False):
        self._path = pathlib.Path(folder) / "clock"
        self._socket = None
        self.env = {"LD_PRELOAD": str(LIBRARY), "CLOCK_AHEAD": str(self._path)}
        if leak:
            self.env["CLOCK_LEAK"] = "1"
        self._ended = False
        self.moved_s = 0

    def _connect(self):
        """The program listens before it waits for others. Returns: whether it is still there."""
        if self._socket is None:
            self._socket = socket.socket(socket.AF_UNIX)
            self._socket.settimeout(PATIENCE_S)
            try:
                self._socket.connect(str(self._path))
            except ConnectionRefusedError:
                self._ended = True
        return not self._ended

    def advance(self, seconds):
        """Let time pass. Returns: whether a timer is due, or the program has ended."""
        if not self._connect():
            return True
        self.moved_s += seconds
        try:
            self._socket.sendall(f"{int(seconds * 1000)}\n".encode())
            answer = self._socket.recv(16)
        except OSError:
            return True
        return answer != b"waiting\n"

    def wait_for_end(self):
        """Until the process that has the clocks has ended."""
        while self._connect():
            try:
                if not self._socket.recv(16):
                    return
            except ConnectionResetError:
                return

    def live(self, step_s):
        """Let time pass, step by step, until it has ended. Returns: how long it has lived, in
        seconds of its own clock that were moved."""
        while not self.advance(step_s):
            continue
        self.wait_for_end()
        return self.moved_s

    def close(self):
        if self._socket:
            self._socket.close()


def worker_of(first):
    """The process that does the work of a program whose first process this is."""
    deadline_s = time.monotonic() + PATIENCE_S
    children = pathlib.Path(f"/proc/{first}/task/{first}/children")
    while not (found := children.read_text().split()):
        assert time.monotonic() < deadline_s, "no worker"
    return int(found[0])


def is_there(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
