"""docs/operating.md: its commands run as they stand, and what it states is so.

Only three things are not as the guide's reader has them: systemctl is tests/container/systemctl,
the authority of the proxy's certificate is made here (CURL_CA_BUNDLE), and HOME is a folder of the
test's own.
"""

import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import unittest

import fronts
import qr_reader
from harness import ClockServer, Server
from needed import needs, needs_own_etc
from ours import BUILD, SOURCE, client
from programs import environment
from rendezvous import feed, joined

GUIDE = (SOURCE / "docs" / "operating.md").read_text()
DASHBOARD = SOURCE / "packaging" / "grafana" / "reunion.json"
ALERTS = SOURCE / "packaging" / "prometheus" / "alerts.yml"

PROGRAMS = ("promtool", "sqlite3", "curl", "nginx", "tor", "shred", "openssl",
            "systemd-analyze")
# After this block those who wait have to begin anew, as the guide says they do.
EMPTIED = "shred --remove /var/lib/reunion/reunion.db"

# The first ones come with what is there once.
FIRST_WAITERS, WAITERS = 200, 600
FULL_BUCKETS, CAPACITY = 2, 64
MIB = 1 << 20


def blocks():
    """(language, text) of each fenced block."""
    return re.findall(r"^```(\w*)\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)


def commands():
    return [text for language, text in blocks() if language == "sh"]


def rows(*beginning):
    """The cells of the rows of the table whose head begins so."""
    head = "| " + " | ".join(beginning) + " |"
    table = GUIDE[GUIDE.index(head):].partition("\n\n")[0]
    return [[cell.strip() for cell in line.strip("|").split(" | ")]
            for line in table.splitlines()[2:]]


class Commands(unittest.TestCase):
    def setUp(self):
        needs(self, *PROGRAMS)
        needs_own_etc(self)
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        for program in (BUILD / "server" / "reunion-server", BUILD / "server" / "reunion-mix",
                        BUILD / "client" / "reunion-client",
                        SOURCE / "tests" / "container" / "systemctl"):
            (folder / program.name).symlink_to(program)
        authority = fronts.prepare()
        self.environment = environment({
            "PATH": f"{folder}:{os.environ['PATH']}", "HOME": str(folder),
            "CURL_CA_BUNDLE": str(authority)})
        for name in ("reunion-server", "reunion-mix"):
            shutil.copy(SOURCE / "server" / "installed" / f"{name}.default", f"/etc/default/{name}")
        self.run_block("systemctl start reunion-server")
        self.addCleanup(self.run_block, "nginx -s stop; systemctl stop reunion-server; "
                                        "systemctl stop reunion-mix")

    def run_block(self, text):
        with tempfile.TemporaryFile("w+") as output:  # what goes on running holds no pipe
            done = subprocess.run(["bash", "-euo", "pipefail", "-c", text], env=self.environment,
                                  cwd=SOURCE, stdin=subprocess.DEVNULL, stdout=output,
                                  stderr=output)
            output.seek(0)
            said = output.read()
        self.assertEqual(done.returncode, 0, f"{text}\n{said}")
        return said

    def test_all_in_order(self):
        self.assertGreater(len(commands()), 10)
        said = {}
        with client("Alice", "from Alice", "jelly", 600) as alice:
            alice.wait_for_line("waiting for others")
            for block in commands():
                said[block] = self.run_block(block)
            with client("Bob", "from Bob", "jelly", 600) as bob:
                alice.wait_for_line("from Bob", "out")
                bob.wait_for_line("from Alice", "out")
        self.assertIn(EMPTIED, "".join(commands()))
        self.assert_said(said)
        self.assert_systemd_understands_the_drop_in()

    def assert_said(self, said):
        def output(part):
            return next(text for block, text in said.items() if part in block)
        self.assertRegex(output("--check-config"), r"trusted-proxy +environment +127.0.0.1\n")
        self.assertEqual(output("integrity_check").splitlines(), ["reunion.db", "ok"])
        self.assertRegex(output("user_version"), r"reunion-server .*\n(.*\n)*\d+\n")
        self.assertEqual(output("grep -E").count("_bytes "), 3)
        self.assertIn("SUCCESS", output("promtool test rules"))
        self.assertIn("valid", output("tor --verify-config"))
        address, *code = output("--qr").splitlines()
        self.assertRegex(address, r"^box://localhost:5443#[\w-]{43}$")
        while not qr_reader.is_drawn(code[-1]):
            code.pop()
        drawn = [line for line in code if qr_reader.is_drawn(line)]
        self.assertEqual(qr_reader.read(self, drawn), [address])

    def assert_systemd_understands_the_drop_in(self):
        """It says nothing if all is well, and tells of what it does not know without failing."""
        units, drop_in = "/etc/systemd/system", "reunion-server.socket.d/onion.conf"
        self.assertIn("ListenStream=/run/reunion", pathlib.Path(units, drop_in).read_text())
        service = (BUILD / "server" / "installed" / "reunion-server.service").read_text()
        pathlib.Path(units, "reunion-server.service").write_text(
            re.sub(r"^ExecStart=.*", f"ExecStart={Server.binary}", service, flags=re.MULTILINE))
        shutil.copy(SOURCE / "server" / "installed" / "reunion-server.socket", units)
        self.assertEqual(self.run_block(
            f"systemd-analyze verify --man=no {units}/reunion-server.socket"), "")


class Statements(unittest.TestCase):
    def test_all_commands_are_in_blocks_that_are_run(self):
        self.assertEqual({language for language, _ in blocks()}, {"sh"})
        text = re.sub(r"^```.*?^```$", "", GUIDE, flags=re.MULTILINE | re.DOTALL)
        programs = ("reunion-server|reunion-mix|reunion-client|systemctl|curl|nginx|sqlite3|"
                    "promtool|docker")
        inline = re.findall(rf"`((?:{programs}) [^`]+)`", text)
        self.assertEqual([each for each in inline if each not in "".join(commands())], [])

    def test_the_files_it_names_are_there(self):
        named = re.findall(r"(?:packaging|docker|tests)/[\w./-]*\w", GUIDE)
        self.assertEqual([each for each in named if not (SOURCE / each).exists()], [])
        sample = (SOURCE / "packaging" / "nginx" / "reunion.conf").read_text()
        self.assertIn("three times", GUIDE)
        self.assertEqual(sample.count("meet.example.org"), 3)

    def test_every_limit_is_told(self):
        usage = subprocess.run([Server.binary, "--help"], stdout=subprocess.PIPE, text=True,
                               check=True).stdout
        limits = re.findall(r"^  (--[a-z-]+(?:-max|-burst)) ", usage, re.MULTILINE)
        self.assertGreater(len(limits), 15)
        self.assertEqual([each for each in limits if f"`{each}`" not in GUIDE], [])

    def test_every_table_is_in_the_ledger(self):
        tables = re.findall(r"^CREATE TABLE (\w+)", newest_schema(), re.MULTILINE)
        self.assertGreater(len(tables), 3)
        places = " ".join(row[1] for row in rows("what", "where"))
        self.assertEqual([each for each in tables if f"`{each}`" not in places], [])


def newest_schema():
    return max((SOURCE / "sql" / "sqlite").glob("schema-v*.sql")).read_text()


class Sizes(unittest.TestCase):
    def setUp(self):
        self.stated = {row[0]: float(row[1].partition(" ")[0]) * (
            MIB if row[1].endswith("MiB") else 1024) for row in rows("for", "takes")}
        self.server = self.enterContext(ClockServer())

    def resident(self):
        status = pathlib.Path(f"/proc/{self.server.program.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) * 1024

    def size(self, name):
        return (self.server.directory / name).stat().st_size

    def test_memory(self):
        self.assertLessEqual(self.resident(), self.stated["itself"])
        ada, = joined(self.server)
        cursor = feed(self.server, ada.bucket).headers["Reunion-Cursor"]
        request = (f"GET /v1/buckets/{ada.bucket}/feed?after={cursor}&wait=60 HTTP/1.1\r\n"
                   "Host: localhost\r\n\r\n").encode()
        self.let_wait(request, FIRST_WAITERS)
        self.server.wait_for_waiting(FIRST_WAITERS)
        before = self.resident()
        self.let_wait(request, WAITERS)
        self.server.wait_for_waiting(FIRST_WAITERS + WAITERS)
        self.assertLessEqual((self.resident() - before) / WAITERS,
                             self.stated["a connection, whether its feed waits or not"])

    def let_wait(self, request, count):
        for _ in range(count):
            self.enterContext(socket.create_connection(
                (self.server.host, self.server.port))).sendall(request)

    def test_disk(self):
        for _ in range(FULL_BUCKETS):
            self.fill_a_bucket()
        log = self.size("reunion.db-wal")
        self.assertLessEqual(log, self.stated["the database's log"])
        self.server.restart()
        each = self.size("reunion.db") / FULL_BUCKETS
        stated = self.stated["a bucket in which 64 people all answered each other"]
        self.assertLessEqual(each, stated)
        self.assertGreaterEqual(each, stated / 3)

    def fill_a_bucket(self):
        people = joined(self.server, CAPACITY)
        with self.server.connect() as connection:
            for one in people:
                for kind in (2, 3):
                    answer = one.send(self.server, kind, one.bucket,
                                      *(one.record(other) for other in people if other is not one),
                                      connection=connection)
                    self.assertEqual(answer.json()["stored"], CAPACITY - 1)


class Metrics(unittest.TestCase):
    """What the dashboard and the alerts ask for is what a server tells."""

    @classmethod
    def setUpClass(cls):
        with Server("--metrics-listen", "main") as server:
            text = server.get("/metrics").body.decode()
        cls.told = {}
        for name, labels in re.findall(r"^(\w+)(?:\{(.*)\})? ", text, re.MULTILINE):
            series = cls.told.setdefault(name, {})
            for label, value in re.findall(r'(\w+)="([^"]*)"', labels):
                series.setdefault(label, set()).add(value)

    def expressions(self):
        panels = json.loads(DASHBOARD.read_text())["panels"]
        asked = [target["expr"] for panel in panels for target in panel["targets"]]
        self.assertGreater(len(asked), 10)
        alerts = re.findall(r"expr: (?:>-\n)?(.*?)\n        (?:for|labels):", ALERTS.read_text(),
                            re.DOTALL)
        self.assertEqual(len(alerts), 3)
        return [expression.replace("$__rate_interval", "5m").replace('"$job"', '"reunion"')
                for expression in asked], alerts

    def test_names_and_labels(self):
        for expression in sum(self.expressions(), []):
            with self.subTest(expression):
                names = re.findall(r"\b((?:reunion|process)_\w+)(?:\{([^}]*)\})?", expression)
                self.assertTrue(names or expression.startswith("up{"))
                for name, matchers in names:
                    self.assertIn(name, self.told)
                    self.assert_labels(self.told[name], matchers)

    def assert_labels(self, told, matchers):
        for label, kind, value in re.findall(r'(\w+)(=~?)"([^"]*)"', matchers):
            if label == "job":
                continue
            alternatives = value.count("|") + 1 if kind == "=~" else 1
            found = [each for each in told[label] if re.fullmatch(value, each)]
            self.assertEqual(len(found), alternatives, value)

    def test_labels_that_are_summed_by(self):
        for expression in sum(self.expressions(), []):
            for label in re.findall(r"by \((\w+)\)", expression):
                if label != "instance":
                    name = re.search(r"reunion_\w+", expression).group()
                    self.assertIn(label, self.told[name])

    def test_prometheus_understands_the_dashboard(self):
        needs(self, "promtool")
        asked, _ = self.expressions()
        rules = {"groups": [{"name": "dashboard", "rules": [
            {"record": f"panel:{number}", "expr": each} for number, each in enumerate(asked)]}]}
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(rules, file)
            file.flush()
            done = subprocess.run(["promtool", "check", "rules", file.name], text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, 0, done.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
