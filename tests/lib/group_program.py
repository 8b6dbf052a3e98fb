"""reunion-group as tests run it: a person with a folder of state."""

import json
import subprocess

from ours import BUILD
from programs import PATIENCE_S, Program, environment

GROUP = BUILD / "client" / "reunion-group"


def event_of(line):
    return json.loads(line) if line.startswith("{") else {}


class Person:
    def __init__(self, name, folder, url, way=("--direct",)):
        self.name, self.url, self.way = name, url, way
        self.state = folder / name
        self.state.mkdir()
        self.env = {"XDG_STATE_HOME": str(self.state), "REUNION_SERVER": url}

    @property
    def files(self):
        return self.state / "reunion" / "groups"

    def command(self, *arguments):
        return [GROUP, *(part if isinstance(part, bytes) else str(part) for part in arguments),
                "--no-config"]

    def run(self, *arguments, typed=None):
        """Run to its end; `typed` is its standard input."""
        return subprocess.run(self.command(*arguments), input=typed, capture_output=True, text=True,
                              timeout=PATIENCE_S, check=False, env=environment(self.env))

    def start(self, *arguments, env=None):
        return Program(f"{self.name} {arguments[0]}", self.command(*arguments),
                       env={**self.env, **(env or {})})


class GroupCase:
    """What tests of it share."""

    def assert_done(self, done):
        if done.returncode != 0:
            self.fail(f"{' '.join(map(str, done.args))} ended with {done.returncode}; it printed:\n"
                      f"{done.stdout}{done.stderr}")
        return done.stdout.splitlines()

    def events(self, done, kind=None):
        found = [event_of(line) for line in self.assert_done(done)]
        return [each for each in found if kind in (None, each.get("event"))]

    def create(self, person, group="club"):
        self.assert_done(person.run("create", group, *person.way, "--as", person.name))

    def invite(self, inviter, newcomer, group="club", passphrase="correct horse battery staple x"):
        """Two meet, and the newcomer becomes a member."""
        with inviter.start("invite", group, *inviter.way, "--passphrase", passphrase) as one, \
                newcomer.start("join", *newcomer.way, "--as", newcomer.name, "--passphrase",
                               passphrase) as other:
            self.assertEqual(other.wait_for_end(), 0, other.transcript())
            self.assertEqual(one.wait_for_end(), 0, one.transcript())

    def send(self, person, text, group="club", *options):
        self.assert_done(person.run("send", group, *person.way, "--msg", text, *options))

    def heard(self, person, group="club"):
        """The messages that have come since the last time, as (author, text)."""
        done = person.run("listen", group, *person.way, "--once", "--json")
        return [(each["author_name"], each["text"]) for each in self.events(done, "message")]

    def members(self, person, group="club"):
        """Their names, sorted, and the words to compare."""
        done = person.run("members", group, "--json")
        names = sorted(each["member_name"] for each in self.events(done, "member"))
        return names, self.events(done, "members")[0]["words"]
