"""A recorded meeting: a real server, and two people at terminals, each with a shell.

What differs from one run to the next (a passphrase, a bucket, a process, a time that is drawn) is
replaced by an example, so that every recording of the same programs is the same.
"""

import contextlib
import hashlib
import os
import re
import tempfile

import ours
from terminal import Terminal, screen

COLUMNS = 80
PROMPT = "$ "
PASSPHRASE_SHOWN = re.compile(r"(?<=shown this once: )\S+")
EXAMPLES = (
    (PASSPHRASE_SHOWN, "avocado-brisk-canoe-lemon-orbit-piano-tiger-velvet"),
    (re.compile(r"\b[0-9a-f]{64}\b"), hashlib.sha256(b"example").hexdigest()),
    (re.compile(r"\bprocess \d+\b"), "process 4711"),
    (re.compile(r"\b\d+ (s|min)\b"), "24 min"),
)

TYPING_S = 0.06   # a character
THINKING_S = 0.7  # before somebody types
ANSWER_S = 0.5    # until a program answers
MEETING_S = 1.6   # until the answers of both have gone back and forth


class Moment:
    """From `at_s` on a terminal has these lines, the last of which somebody types from `typed_from`
    on, if that is no None."""

    def __init__(self, who, at_s, lines, typed_from=None):
        self.who, self.at_s, self.lines, self.typed_from = who, at_s, lines, typed_from


def with_examples(text):
    for pattern, example in EXAMPLES:
        text = pattern.sub(example, text)
    return text


def wrapped(line):
    """A line as a terminal breaks it."""
    return [line[at:at + COLUMNS] for at in range(0, len(line), COLUMNS)] or [""]


def lines_of(shown):
    """The lines that a terminal has after it was sent this."""
    text = screen(shown.decode().replace("\r\n", "\n"))
    return [part for line in text for part in wrapped(with_examples(line).rstrip(" "))]


class Recording:
    def __init__(self):
        self.moments = []
        self.at_s = 0.0

    def note(self, who, shown, after_s, typed_from=None):
        self.at_s = round(self.at_s + after_s, 2)
        self.moments.append(Moment(who, self.at_s, lines_of(shown), typed_from))

    def last(self, who):
        """The lines that a terminal has in the end."""
        return [moment.lines for moment in self.moments if moment.who == who][-1]


class Person:
    """Somebody at a terminal."""

    def __init__(self, name, terminal, recording):
        self.name, self.terminal, self.recording = name, terminal, recording
        self.place = 0

    def wait_for(self, part):
        """Until the terminal has shown `part`, behind what was waited for before."""
        self.terminal.read_until(part.encode(), after=self.place)
        self.place = self.terminal.shown.index(part.encode(), self.place) + len(part)

    def sees(self, *parts, after_s=ANSWER_S):
        """One after the other, in one moment of the recording."""
        for part in parts:
            self.wait_for(part)
        self.recording.note(self.name, self.terminal.shown[:self.place], after_s)

    def types(self, text, hidden=False):
        """Type a line, which is shown unless it is hidden."""
        before = len(lines_of(self.terminal.shown[:self.place])[-1])
        self.terminal.type(text.encode() + b"\n")
        if hidden:
            self.recording.at_s += THINKING_S
            return
        self.wait_for(text)
        self.recording.note(self.name, self.terminal.shown[:self.place], THINKING_S, before)
        self.recording.at_s += TYPING_S * len(text)


@contextlib.contextmanager
def person(name, recording):
    path = f"{ours.BUILD / 'client'}{os.pathsep}{os.environ['PATH']}"
    with Terminal(["sh", "-i"], columns=COLUMNS, env={"PATH": path, "PS1": PROMPT}) as terminal:
        somebody = Person(name, terminal, recording)
        somebody.sees(PROMPT, after_s=0)
        yield somebody


def leave(somebody):
    somebody.terminal.end_background()
    somebody.terminal.type(b"exit\n")
    somebody.terminal.wait_for_end()


def meet(alice, bob):
    """The story: Alice makes a passphrase and tells it to Bob; they exchange addresses."""
    alice.types("reunion-client --generate --expect 1 --background")
    alice.sees("Message: ")
    alice.types("alice@example.org")
    alice.sees("shown this once: ", "\n")
    passphrase = re.search(rb"shown this once: (\S+)", alice.terminal.shown)[1].decode()
    alice.sees("nobody else so far")
    bob.types("reunion-client --expect 1 --background")
    bob.sees("Message: ")
    bob.types("bob@example.org")
    bob.sees("Passphrase: ")
    bob.types(passphrase, hidden=True)
    bob.sees("waiting for others", "\n")
    alice.sees("bob@example.org\r\n", after_s=MEETING_S)
    bob.sees("alice@example.org\r\n", after_s=0)
    alice.sees(PROMPT)
    bob.sees(PROMPT, after_s=0)


def record():
    """Returns: a recording of a meeting. It needs port 5000 of 127.0.0.1 for itself."""
    recording = Recording()
    with tempfile.TemporaryDirectory(prefix="reunion-") as folder, ours.server(folder), \
            person("Alice", recording) as alice, person("Bob", recording) as bob:
        meet(alice, bob)
        leave(alice)
        leave(bob)
    return recording
