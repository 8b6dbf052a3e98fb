"""Options that the command line leaves out: from REUNION_SERVER and the configuration file."""

import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from harness import Server
from ours import BUILD
from programs import PATIENCE_S, Program, environment

CLIENT = BUILD / "client" / "reunion-client"
LINK = BUILD / "client" / "reunion-link"
ETHERNET = BUILD / "client" / "reunion-on-an-ethernet"


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(
            self.enterContext(tempfile.TemporaryDirectory(prefix="reunion-")))
        self.file = self.folder / "reunion" / "client.json"
        self.file.parent.mkdir()

    def configure(self, text):
        self.file.write_text(text if isinstance(text, str) else json.dumps(text))

    def run_program(self, program, *arguments, **variables):
        """Returns: the exit code, and both outputs as one text."""
        done = subprocess.run(
            [program, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=PATIENCE_S,
            env=environment({"XDG_CONFIG_HOME": str(self.folder), **variables}))
        return done.returncode, done.stdout

    def servers(self, *arguments, **variables):
        """The servers that `check` goes to."""
        _, said = self.run_program(CLIENT, "check", "--json", *arguments, **variables)
        events = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
        return list(dict.fromkeys(event["server"] for event in events if "server" in event))


class Precedence(Case):
    def test_command_line_environment_file(self):
        self.configure({"server": ["unix:/nonexistent/1", "unix:/nonexistent/2"]})
        both = {"REUNION_SERVER": " unix:/nonexistent/3\tunix:/nonexistent/4 "}
        self.assertEqual(self.servers(), ["unix:/nonexistent/1", "unix:/nonexistent/2"])
        self.assertEqual(self.servers(**both), ["unix:/nonexistent/3", "unix:/nonexistent/4"])
        self.assertEqual(self.servers("--server", "unix:/nonexistent/5", **both),
                         ["unix:/nonexistent/5"])
        self.assertEqual(self.servers("--no-config"), ["http://127.0.0.1:5000"])
        self.assertEqual(self.servers("--no-config", REUNION_SERVER=""),
                         ["http://127.0.0.1:5000"])

    def test_where_the_file_is(self):
        self.configure({"server": "unix:/nonexistent/1"})
        home = self.folder / "home"
        (home / ".config" / "reunion").mkdir(parents=True)
        (home / ".config" / "reunion" / "client.json").write_text(
            '{"server": "unix:/nonexistent/2"}')
        self.assertEqual(self.servers(HOME=str(home)), ["unix:/nonexistent/1"])
        for elsewhere in ("", "relative"):
            self.assertEqual(self.servers(HOME=str(home), XDG_CONFIG_HOME=elsewhere),
                             ["unix:/nonexistent/2"])

    def test_trust_is_in_the_file_s_servers_alone(self):
        self.configure({"server": "http://192.0.2.1", "insecure-http": True,
                        "proxy": "socks5h://127.0.0.1:1"})
        code, said = self.run_program(CLIENT, "check")
        self.assertIn("proxy", said)
        self.assertNotIn("--insecure-http", said)
        code, said = self.run_program(CLIENT, "check", "--server", "http://192.0.2.2")
        self.assertEqual(code, 2, said)
        self.assertIn("--insecure-http", said)
        code, said = self.run_program(CLIENT, "check", REUNION_SERVER="http://192.0.2.2")
        self.assertEqual(code, 2, said)

    def test_mixes(self):
        key = "A" * 42 + "E"
        server = f"box+udp://192.0.2.1:5443#{key}"
        net = self.folder / "net.json"
        net.write_text(json.dumps({
            "mixes": [{"name": "alder", "address": "192.0.2.2:5444", "key": "C" + key[1:]}],
            "servers": [{"name": "meet", "address": "192.0.2.1:5443", "key": key}]}))
        for file, flags, wanted in (
                ({"mixes": "/nonexistent/net"}, (), "/nonexistent/net"),
                ({"mixes": str(net), "route": "oak"}, (), 'has no mix "oak"; it has alder'),
                ({"mixes": str(net)}, ("--route", "elm"), 'has no mix "elm"; it has alder'),
                ({"route": "alder"}, (), "--route chooses among the mixes of a net file"),
                ({"cover": 5}, (), "--cover is sent through mixes"),
                ({"cover": 0}, (), "needs TIME from 1s to 1h"),
                ({"cover": "2h"}, (), "needs TIME from 1s to 1h")):
            self.configure({"server": server, **file})
            code, said = self.run_program(CLIENT, "check", *flags)
            self.assertEqual(code, 2, said)
            self.assertIn(wanted, said)

    def test_a_run_with_it(self):
        with Server() as server:
            self.configure({"server": server.url, "jobs": 1, "tolerance": "5m"})
            variables = environment({"XDG_CONFIG_HOME": str(self.folder)})
            with Program("client", [CLIENT, "--msg", "x", "--passphrase", "jelly"],
                         env=variables) as one:
                one.wait_for_line("waiting for others in bucket", "err")


class Links(Case):
    def test_create_takes_one_and_open_the_invitation_s(self):
        with Server() as server:
            self.configure({"server": server.url})
            code, said = self.run_program(LINK, "create", "https://example.org/x")
            self.assertEqual(code, 0, said)
            invitation = re.search(r"^reunion-link:v1\S*?(?=reunion-link:|$)", said,
                                   re.MULTILINE)[0]
            code, said = self.run_program(LINK, "open", invitation,
                                          REUNION_SERVER="unix:/nonexistent/1")
            self.assertEqual(code, 0, said)
            self.assertIn("https://example.org/x", said)

    def test_of_several_it_wants_one(self):
        two = "unix:/nonexistent/1 unix:/nonexistent/2"
        code, said = self.run_program(LINK, "create", "x", REUNION_SERVER=two)
        self.assertEqual(code, 2, said)
        self.assertIn("REUNION_SERVER has several servers", said)
        self.configure({"server": two.split()})
        code, said = self.run_program(LINK, "create", "x")
        self.assertEqual(code, 2, said)
        self.assertIn(f'"server" in {self.file} has several', said)


class BadFiles(Case):
    def assert_refused(self, *says):
        for arguments in ((CLIENT, "check"), (LINK, "create", "x", "--server", "unix:/x")):
            code, said = self.run_program(*arguments)
            self.assertEqual(code, 2, said)
            for each in (str(self.file), *says):
                self.assertIn(each, said)

    def test_contents(self):
        for text, says in (("", "no JSON"), ("{", "line 1 is no JSON"), ("[]", "no JSON object"),
                           ('{"proxy": 1}', "needs URL, as a string"),
                           ('{"proxy": "a", "proxy": "b"}', "duplicate"),
                           ('{"servr": "x"}', '"servr"'), ('{"passphrase": "x"}', '"passphrase"'),
                           ('{"msg": "x"}', '"msg"'), ('{"tolerance": 0.5}', "needs TIME"),
                           ('{"tolerance": -5}', 'not "-5"'),
                           ('{"tolerance": "many"}', "needs TIME"),
                           ('{"server": "unix:/y", "insecure-http": 1}', "true or false"),
                           ('{"x": "' + "y" * 70000 + '"}', "longer than 64 KiB")):
            with self.subTest(text[:40]):
                self.configure(text)
                if "insecure" in text:
                    code, said = self.run_program(CLIENT, "check")
                    self.assertEqual((code, says in said), (2, True), said)
                else:
                    self.assert_refused(says)

    def test_secrets_in_it_are_not_repeated(self):
        self.configure({"passphrase": "a wrong place"})
        self.assertNotIn("a wrong place", self.run_program(CLIENT, "check")[1])

    def test_files_that_are_none(self):
        os.mkfifo(self.file)
        self.assert_refused("no regular file")
        self.file.unlink()
        self.file.mkdir()
        self.assert_refused("no regular file")

    def test_who_may_write_it(self):
        self.configure({"server": "unix:/x"})
        for mode in (0o620, 0o602):
            self.file.chmod(mode)
            self.assert_refused("chmod go-w")

    def test_programs_without_a_server_and_help_do_not_read_it(self):
        self.configure("{")
        for program in (CLIENT, LINK, ETHERNET):
            self.assertEqual(self.run_program(program, "--help")[0], 0)
        code, said = self.run_program(ETHERNET, "--interface", "none0", "--timeout", "1",
                                      "--message", "x", "--passphrase", "jelly")
        self.assertNotIn("client.json", said)


if __name__ == "__main__":
    unittest.main(verbosity=2)
