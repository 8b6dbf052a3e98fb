"""Running programs and waiting for what they print. Nothing here sleeps or polls."""

import os
import signal
import subprocess
import threading
import time

# How long a test waits for something that ought to happen. It is no measure of anything: a machine
# busy with other work must not fail a test.
PATIENCE_S = 240


# What tests tell each other there; a server takes no REUNION_ variable that it does not know.
TESTS_OWN = ("REUNION_BUILD", "REUNION_SOURCE", "REUNION_VENV", "REUNION_TEST_SEED")


def environment(more=None):
    """What programs that are tested find in their environment."""
    kept = {name: value for name, value in os.environ.items() if name not in TESTS_OWN}
    return {**kept, **(more or {})}


class Failure(AssertionError):
    """What was waited for did not happen; the text has everything the program printed."""


class Line:
    def __init__(self, stream, text):
        self.stream = stream
        self.text = text
        self.at_s = time.monotonic()


class Program:
    """A running program. Its lines of output are kept, with the time each was read."""

    def __init__(self, name, command, env=None, stdin=subprocess.DEVNULL, pass_fds=()):
        self.name = name
        self.lines = []
        self._changed = threading.Condition()
        self.started_s = time.monotonic()
        self.process = subprocess.Popen(
            [str(part) for part in command], stdin=stdin, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=environment(env), pass_fds=pass_fds)
        self._open_streams = 2
        self._readers = [
            threading.Thread(target=self._read, args=(stream, pipe), daemon=True)
            for stream, pipe in (("out", self.process.stdout), ("err", self.process.stderr))]
        for reader in self._readers:
            reader.start()

    def _read(self, stream, pipe):
        for raw in pipe:
            line = Line(stream, raw.decode(errors="backslashreplace").rstrip("\n"))
            with self._changed:
                self.lines.append(line)
                self._changed.notify_all()
        with self._changed:
            self._open_streams -= 1
            self._changed.notify_all()

    def transcript(self):
        with self._changed:
            shown = "".join(f"    {line.stream}: {line.text}\n" for line in self.lines[-60:])
        return f"  {self.name} printed:\n{shown or '    nothing' + chr(10)}"

    def wait_for(self, what, condition, patience_s=PATIENCE_S):
        """The first true value of `condition(lines)`, asked whenever a line has come."""
        deadline_s = time.monotonic() + patience_s
        with self._changed:
            while True:
                value = condition(self.lines)
                if value:
                    return value
                left_s = deadline_s - time.monotonic()
                if self._open_streams == 0 or left_s <= 0:
                    ended = "it ended" if self._open_streams == 0 else f"{patience_s} s passed"
                    break
                self._changed.wait(left_s)
        raise Failure(f"{self.name}: waited for {what}, but {ended}\n{self.transcript()}")

    def wait_for_line(self, part, stream=None, patience_s=PATIENCE_S):
        """The first line with `part` in it."""
        def found(lines):
            return next((line for line in lines
                         if part in line.text and stream in (None, line.stream)), None)
        return self.wait_for(f"a line with {part!r}", found, patience_s)

    def wait_for_end(self, patience_s=PATIENCE_S):
        """The exit code, after everything printed has been read."""
        try:
            code = self.process.wait(patience_s)
        except subprocess.TimeoutExpired:
            raise Failure(f"{self.name} does not end\n{self.transcript()}") from None
        for reader in self._readers:
            reader.join(patience_s)
        return code

    def stop(self, with_signal=signal.SIGTERM):
        """End it, and give its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(with_signal)
        try:
            return self.wait_for_end(30)
        except Failure:
            self.process.kill()
            self.wait_for_end()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        if self.process.poll() is None:
            self.process.kill()
        self.wait_for_end()
        self.process.stdout.close()
        self.process.stderr.close()
