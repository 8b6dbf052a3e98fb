"""schemathesis against the running server, by the document that it serves: all checks, no finding.

The seed is fixed, and the number of examples small enough for about a minute.
"""

import hashlib
import json
import pathlib
import subprocess
import tempfile
import unittest

import schemathesis_venv
from harness import Server
from links import leave
from programs import environment
from rendezvous import Identity

SEED = 20
EXAMPLES = 60
KEY = bytes(range(32))
CLOSING_KEY = bytes(range(1, 33))  # of a mailbox that is closed again and again
HOOKS = pathlib.Path(schemathesis_venv.__file__).with_name("schemathesis_hooks.py")

# 411 and 413 are refusals as good as those that schemathesis expects. Ids in paths are of what
# stands, so that what is behind them is reached. A warning, such as about an operation that never
# succeeded, is a failure too.
CONFIGURATION = """
hooks = "{hooks}"
headers = {{ Authorization = "Bearer {key}" }}
[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 409, 411, 413, 415]
[parameters]
"path.link" = "{link}"
"path.id" = "{t1}"
[[operations]]
include-path = "/v1/links/{{link}}"
parameters = {{ "path.link" = "{links}" }}
[[operations]]
include-operation-id = "closeMailbox"
headers = {{ Authorization = "Bearer {closing_key}" }}
parameters = {{ "path.mailbox" = "{closing}" }}
[[operations]]
include-operation-id = ["readMailbox", "removeCopies"]
parameters = {{ "path.mailbox" = "{mailbox}" }}
[warnings]
fail-on = true
"""


def mailbox_id(read_key):
    return hashlib.blake2b(b"reunion-mailbox" + read_key).digest()[:16]


def printable(text):
    """Reproductions of findings hold bytes of any kind, and many."""
    return "\n".join("".join(each if each.isascii() and each.isprintable() else "?"
                             for each in line)[:500] for line in text.splitlines())


class Description(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.programs = schemathesis_venv.ready() / "bin"
        cls.folder = pathlib.Path(cls.enterClassContext(
            tempfile.TemporaryDirectory(prefix="reunion-")))
        cls.server = Server("--metrics-listen=main", "--wait-max=1", "--reference-body-max=64K",
                            "--mailboxes=100000", "--rate-mailbox-max=0")
        cls.enterClassContext(cls.server)

    def test_it_is_openapi(self):
        path = self.folder / "openapi.json"
        path.write_bytes(self.server.get("/v1/openapi.json").body)
        self.assertEqual(json.loads(path.read_text())["openapi"], "3.1.0")
        done = subprocess.run([self.programs / "openapi-spec-validator", path],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_server_does_as_described(self):
        people = [Identity() for _ in range(5)]
        for one in people:
            one.key = KEY
            self.assertEqual(one.join(self.server).status, 201)
        configuration = self.folder / "schemathesis.toml"
        configuration.write_text(CONFIGURATION.format(
            hooks=HOOKS, key=KEY.hex(), link=people[0].bucket, t1=people[0].id.hex(),
            links=leave(self.server)[1][0],
            mailbox=mailbox_id(KEY).hex(), closing_key=CLOSING_KEY.hex(),
            closing=mailbox_id(CLOSING_KEY).hex()))
        for key in (KEY, CLOSING_KEY):
            self.assertEqual(self.server.post("/v1/mailboxes", None, key).status, 201)
        done = subprocess.run(
            [self.programs / "schemathesis", "--config-file", configuration, "run",
             f"{self.server.url}/v1/openapi.json", "--checks=all", "--mode=all",
             f"--seed={SEED}", f"--max-examples={EXAMPLES}", "--phases=examples,coverage,fuzzing,"
             "stateful", "--continue-on-failure"],
            cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, errors="replace",
            env=environment({"SCHEMATHESIS_T1_IDS": ",".join(one.id.hex() for one in people)}))
        self.assertEqual(done.returncode, 0, printable(done.stdout)[-20000:])
        self.assertRegex(done.stdout, r"Tested: 29")
        print(printable(done.stdout)[-1500:])


if __name__ == "__main__":
    unittest.main(verbosity=2)
