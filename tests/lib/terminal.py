"""A program on a pseudo-terminal of its own, as somebody at a keyboard has it."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

from programs import PATIENCE_S, Failure, environment


class Terminal:
    """Runs a command whose controlling terminal this is. `shown` is all it has shown so far. The
    test holds the terminal open, so its settings can be looked at after the program's end."""

    def __init__(self, command, columns=80, env=None, **streams):
        """`streams`: stdin, stdout or stderr that are something else than the terminal."""
        self.shown = b""
        self.controller, self.terminal = pty.openpty()
        self.resize(columns)
        self.before = termios.tcgetattr(self.terminal)

        def take_terminal():
            os.setsid()
            fcntl.ioctl(self.terminal, termios.TIOCSCTTY, 0)
        self.process = subprocess.Popen(
            [str(part) for part in command], preexec_fn=take_terminal,
            env=environment({"TERM": "xterm", **(env or {})}),
            **{name: streams.get(name, self.terminal) for name in ("stdin", "stdout", "stderr")})

    def resize(self, columns, rows=24):
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, keys):
        os.write(self.controller, keys)

    def _read(self, patience_s):
        if select.select([self.controller], [], [], patience_s)[0]:
            self.shown += os.read(self.controller, 65536)
            return True
        return False

    def look(self, patience_s):
        """Take what is shown, or find after a while that nothing is."""
        self._read(patience_s)

    def read_until(self, part, after=0, patience_s=PATIENCE_S):
        """Until `part` (bytes, or a condition on bytes) holds of what was shown behind `after`.
        Returns: the length of all that is shown."""
        deadline_s = time.monotonic() + patience_s
        is_there = part if callable(part) else lambda shown: part in shown
        while not is_there(self.shown[after:]):
            left_s = deadline_s - time.monotonic()
            if left_s <= 0 or not self._read(left_s):
                raise Failure(f"waited for {part!r}; the terminal showed {self.shown!r}")
        return len(self.shown)

    def echoes(self):
        return bool(termios.tcgetattr(self.terminal)[3] & termios.ECHO)

    def is_as_before(self):
        return termios.tcgetattr(self.terminal) == self.before

    def wait_for_end(self, patience_s=PATIENCE_S):
        """The exit code, everything shown having been read."""
        deadline_s = time.monotonic() + patience_s
        while self.process.poll() is None:
            # A pty that is full would hold the program up.
            self._read(0.05)
            if time.monotonic() > deadline_s:
                raise Failure(f"it does not end; the terminal showed {self.shown!r}")
        while self._read(0):
            pass
        return self.process.returncode

    def end_background(self):
        """End what an interrupt after a message has left in the background."""
        pid, = re.findall(rb"process (\d+) goes on in the background", self.shown)
        os.kill(int(pid), signal.SIGTERM)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.controller)
        os.close(self.terminal)


def screen(shown):
    """What a terminal would have on its lines in the end, of output that only uses line ends,
    carriage returns and "erase to the end of the line"."""
    lines, column = [""], 0
    position = 0
    while position < len(shown):
        if shown.startswith("\x1b[K", position):
            lines[-1] = lines[-1][:column]
            position += 3
            continue
        character = shown[position]
        position += 1
        if character == "\n":
            lines.append("")
        elif character == "\r":
            column = 0
        else:
            lines[-1] = lines[-1][:column].ljust(column) + character + lines[-1][column + 1:]
            column += 1
        if character == "\n":
            column = 0
    return lines
