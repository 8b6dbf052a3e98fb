"""reunion-link as tests run it."""

import json
import re
import subprocess

from ours import BUILD
from programs import PATIENCE_S, environment

LINK = BUILD / "client" / "reunion-link"

INVITATION = re.compile(r"reunion-link:v1\?server=([^&]+)&bucket=([0-9a-f]{64})&"
                        r"salt=([0-9a-f]{32})(?:#(\S+))?")


def run(*arguments, typed=None, env=None, pass_fds=()):
    """Run to its end; `typed` is its standard input."""
    return subprocess.run([LINK, *(str(part) for part in arguments)], input=typed,
                          capture_output=True, text=True, timeout=PATIENCE_S, check=False,
                          env=environment(env), pass_fds=pass_fds)


def events(done):
    return [json.loads(line) for line in done.stdout.splitlines()]


class LinkCase:
    """What tests of it share."""

    def assert_done(self, done):
        self.assertEqual(done.returncode, 0, done)
        return done.stdout.splitlines()

    def create(self, url, link, *options, **further):
        """The lines that creating a link prints; the first is the invitation."""
        lines = self.assert_done(run("create", "--server", url, *options, link, **further))
        self.assertRegex(lines[0], f"^{INVITATION.pattern}$")
        return lines

    def assert_opens(self, invitation, link, *options, **further):
        self.assertEqual(self.assert_done(run("open", *options, invitation, **further)), [link])

    def assert_ends(self, done, code, *parts):
        """With this code, a line for people that has these parts, and nothing on standard output
        but events."""
        self.assertEqual(done.returncode, code, done)
        for part in parts:
            self.assertIn(part, done.stderr)
        self.assertTrue(all(line.startswith("{") for line in done.stdout.splitlines()), done)
