"""Clients of both kinds that meet at one server, and who of them should see what."""

import contextlib
import tempfile
import time

import ours
import reference

# Clients run until a test stops them; this ends them should a test not come to it.
DURATION_S = 600
# How long a bucket of our server takes T1s. The next one begins at a multiple of it.
WINDOW_S = 3600


def within_a_window(meet):
    """Call `meet`; once more where it failed while a bucket's window ended.

    Records of a reference client name no addressee, so they reach only version-1 clients of its own
    bucket: who comes after the end of its window misses it."""
    began = time.time() // WINDOW_S
    try:
        meet()
    except AssertionError:
        if time.time() // WINDOW_S == began:
            raise
        meet()


class Guest:
    """One client: its kind ("ours" or "reference"), passphrase and message."""

    def __init__(self, name, kind, passphrase, message=None):
        self.name = name
        self.kind = {"ours": ours, "reference": reference}[kind]
        self.passphrase = passphrase
        self.message = message or f"this is {name}"
        self.program = None

    def seen(self):
        return self.kind.revealed(self.program.lines)

    def first_message_s(self):
        """When the first message was read from it, on the clock of Program.started_s."""
        return self.kind.revealed_lines(self.program.lines)[0].at_s

    def wait_for_messages_of(self, others):
        """Until each message that this one should see is there; more may be."""
        wanted = {other.message for other in others
                  if other is not self and other.passphrase == self.passphrase}
        self.program.wait_for(
            f"the messages {sorted(wanted)}",
            lambda lines: wanted <= set(self.kind.revealed(lines)))


class Party:
    """A server of either kind in this network namespace, and the clients that come to it."""

    def __init__(self, server):
        self._server_kind = server
        self._running = contextlib.ExitStack()
        self.guests = []

    def __enter__(self):
        if self._server_kind == "ours":
            folder = self._running.enter_context(tempfile.TemporaryDirectory())
            self.server = self._running.enter_context(ours.server(folder))
        else:
            self.server = self._running.enter_context(reference.server())
        return self

    def __exit__(self, kind, error, trace):
        if error is not None:
            for program in [self.server] + [guest.program for guest in self.guests]:
                print(program.transcript())
        self._running.close()

    def welcome(self, guest):
        options = []
        if guest.kind is ours and self._server_kind == "reference":
            options.append("--reference")
        guest.program = self._running.enter_context(guest.kind.client(
            guest.name, guest.message, guest.passphrase, DURATION_S, *options))
        self.guests.append(guest)
        return guest

    def wait_until_standing(self, guest):
        """Until a guest's T1 is at the server and its first look round is over."""
        guest.kind.wait_until_standing(guest.program, self.server)

    def wait_for_all(self):
        """Until everybody has seen what they should of everybody."""
        for guest in self.guests:
            guest.wait_for_messages_of(self.guests)

    def mistakes(self):
        """What somebody has seen twice, or should not have seen, or has missed."""
        found = []
        for guest in self.guests:
            expected = sorted(other.message for other in self.guests
                              if other is not guest and other.passphrase == guest.passphrase)
            seen = sorted(guest.seen())
            if seen != expected:
                found.append(f"{guest.name} saw {seen} instead of {expected}")
        return found
