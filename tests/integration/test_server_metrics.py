"""GET /metrics: its format, what moves, how coarse it is, and where it is served."""

import http.client
import re
import signal
import socket
import tempfile
import unittest

from harness import ClockServer, Response, Server
from links import leave
from programs import Program
from rendezvous import Identity, feed, joined

NAME = r"[a-z][a-z0-9_]*"
HELP = re.compile(rf"# HELP ({NAME}) (\S.*)")
TYPE = re.compile(rf"# TYPE ({NAME}) (counter|gauge|histogram)")
SAMPLE = re.compile(rf"({NAME})((?:\{{[^}}]*\}})?) (\d+(?:\.\d+)?)")
LABELS = re.compile(rf'\{{{NAME}="[^"\\]*"(,{NAME}="[^"\\]*")*\}}')
STEP = 16
PERIOD_S = 60


def family_of(name, types):
    """The family of a sample: its own name, or for a histogram's what its ending is behind."""
    base = re.sub(r"_(bucket|sum|count)$", "", name)
    return base if types.get(base) == "histogram" else name


def parse(text):
    """{name and labels: value}, of text that keeps to every rule of format 0.0.4."""
    assert text.endswith("\n")
    types, helped, samples, current = {}, set(), {}, None
    for line in text.splitlines():
        if line.startswith("# HELP"):
            name = HELP.fullmatch(line)[1]
            assert name not in helped, line
            helped.add(name)
        elif line.startswith("#"):
            name, kind = TYPE.fullmatch(line).groups()
            assert name in helped and name not in types, line
            types[name] = kind
            current = name
        else:
            name, labels, value = SAMPLE.fullmatch(line).groups()
            assert not labels or LABELS.fullmatch(labels), line
            assert family_of(name, types) == current, line
            assert name + labels not in samples, line
            assert (types[current] == "counter") == name.endswith("_total"), line
            samples[name + labels] = float(value)
    assert helped == set(types)
    for name in (name for name, kind in types.items() if kind == "histogram"):
        buckets = [value for key, value in samples.items() if key.startswith(name + "_bucket{")]
        assert buckets == sorted(buckets) and len(buckets) > 2, name
        assert samples[f'{name}_bucket{{le="+Inf"}}'] == samples[f"{name}_count"], name
        assert f"{name}_sum" in samples, name
    return samples


def metrics_address(server):
    line = next(line for line in server.log() if "serving=metrics" in line)
    return line.partition("address=")[2]


def ask(server, path="/metrics", method="GET"):
    """The answer of a server's listener for metrics."""
    host, _, port = metrics_address(server).rpartition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=60)
    connection.request(method, path)
    answer = connection.getresponse()
    made = Response(answer.status, answer.headers, answer.read())
    connection.close()
    return made


class OwnListener(unittest.TestCase):
    def setUp(self):
        self.server = ClockServer("--metrics-listen=127.0.0.1:0")
        self.enterContext(self.server)

    def sample(self):
        answer = ask(self.server)
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
        return parse(answer.body.decode())

    def test_it_says_what_runs(self):
        samples = self.sample()
        version = self.server.get("/v1/server").json()["version"]
        self.assertEqual(samples[f'reunion_build_info{{version="{version}"}}'], 1)
        self.assertGreater(samples["process_resident_memory_bytes"], 1 << 20)
        self.assertGreater(samples["process_start_time_seconds"], 1600000000)

    def test_counts_move(self):
        before = self.sample()
        with self.server.connect() as connection:
            people = [Identity() for _ in range(40)]
            for one in people:
                one.join(self.server, connection=connection)
            link = people[0].bucket
            for one in people[1:]:
                one.send(self.server, 2, link, one.record(people[0]), connection=connection)
            for _ in range(40):
                feed(self.server, link, connection=connection)
                self.server.request("GET", f"/v1/buckets/{link}", connection=connection)
                self.server.request("GET", "/t1", connection=connection)
                self.server.request("GET", "/nothing", connection=connection)
                self.server.request("GET", "/healthz", connection=connection)
                self.server.request("POST", "/v1/t1", bytes(289), connection=connection)
        self.server.advance(PERIOD_S)
        after = self.sample()

        def moved(name):
            return after[name] - before[name]
        for name in ("reunion_t1s_stored_total", "reunion_records_stored_total",
                     'reunion_requests_total{route="feed",status="2xx"}',
                     'reunion_requests_total{route="read",status="2xx"}',
                     'reunion_requests_total{route="reference",status="2xx"}',
                     'reunion_requests_total{route="none",status="4xx"}',
                     'reunion_requests_total{route="about",status="2xx"}',
                     'reunion_requests_total{route="post",status="4xx"}',
                     'reunion_refused_total{problem="too-large"}'):
            self.assertEqual(moved(name), 32, name)
        self.assertEqual(moved('reunion_requests_total{route="post",status="2xx"}'), 64)
        # Each post had a commit of its own, as did each question after the health.
        for name in ("reunion_commits_total", "reunion_commit_posts_count",
                     'reunion_commit_posts_bucket{le="1"}', "reunion_commit_seconds_count"):
            self.assertGreaterEqual(moved(name), 112, name)
        self.assertGreaterEqual(after["reunion_posts_total"], 112)
        self.assertEqual(after["reunion_buckets"], 1)
        self.assertGreater(after["reunion_stored_bytes"], 0)
        self.assertEqual(after["reunion_stored_bytes"] % 65536, 0)

    def test_nobody_sees_single_arrivals(self):
        """Fewer than a step are not seen at all, and more not before the minute is over."""
        before = self.sample()
        joined(self.server, STEP - 1)
        self.server.advance(PERIOD_S)
        name = "reunion_t1s_stored_total"
        self.assertEqual(self.sample()[name], before[name])
        joined(self.server, 1)
        self.server.advance(PERIOD_S - 1)
        self.assertEqual(self.sample()[name], before[name])
        self.server.advance(1)
        self.assertEqual(self.sample()[name], STEP)

    def test_private_links_are_counted_as_coarsely(self):
        name = "reunion_links_stored_total"
        leave(self.server, STEP - 1)
        self.server.advance(PERIOD_S)
        self.assertEqual(self.sample()[name], 0)
        leave(self.server, STEP)
        self.server.advance(PERIOD_S)
        self.assertEqual(self.sample()[name], STEP)

    def test_every_count_that_people_move_is_rounded(self):
        joined(self.server, 20)
        self.server.advance(PERIOD_S)
        for name, value in self.sample().items():
            if name.startswith("reunion_") and not name.startswith(
                    ("reunion_build_info", "reunion_buckets", "reunion_commit_seconds_sum")):
                self.assertEqual(value % STEP, 0, name)

    def test_nothing_else_is_served_there(self):
        for path in ("/", "/healthz", "/v1/server", "/t1"):
            self.assertEqual(ask(self.server, path).problem, "not-found", path)
        self.assertEqual(ask(self.server, method="POST").problem, "method-not-allowed")
        self.assertEqual(self.server.get("/metrics").problem, "not-found")
        self.assertEqual(ask(self.server, method="HEAD").body, b"")


class OtherPlaces(unittest.TestCase):
    def test_with_the_rest(self):
        with Server("--metrics-listen=main") as server:
            parse(server.get("/metrics").body.decode())
            self.assertIn("/metrics", server.get("/v1/openapi.json").json()["paths"])

    def test_nowhere(self):
        with Server("--metrics-listen=none") as server:
            self.assertFalse(any("serving=metrics" in line for line in server.log()))
            self.assertEqual(server.get("/metrics").problem, "not-found")
            self.assertNotIn("/metrics", server.get("/v1/openapi.json").json()["paths"])

    def test_a_unix_socket(self):
        with tempfile.TemporaryDirectory() as folder:
            path = f"{folder}/metrics"
            with Server(f"--metrics-listen=unix:{path}"), socket.socket(socket.AF_UNIX) as asking:
                asking.connect(path)
                asking.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                head, _, body = b"".join(iter(lambda: asking.recv(65536), b"")).partition(
                    b"\r\n\r\n")
                self.assertTrue(head.startswith(b"HTTP/1.1 200 "))
                parse(body.decode())

    def test_the_default_place_is_taken(self):
        with tempfile.TemporaryDirectory() as folder, socket.socket() as taken:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                taken.bind(("127.0.0.1", 5001))
                taken.listen()
            except OSError:
                pass  # by somebody else, which is as good
            program = Program("server", [
                Server.binary, "--listen", "127.0.0.1:0", "--db", f"{folder}/reunion.db"])
            try:
                program.wait_for_line('event="ready"', "err")
                said = [line.text for line in program.lines if "no metrics" in line.text]
                self.assertIn("--metrics-listen", said[0])
            finally:
                self.assertEqual(program.stop(signal.SIGTERM), 0)

    def test_a_place_that_is_taken(self):
        with tempfile.TemporaryDirectory() as folder, Server() as server:
            other = Server(f"--metrics-listen=127.0.0.1:{server.port}", directory=folder)
            with self.assertRaisesRegex(AssertionError, "cannot listen"):
                other.start()
            self.assertEqual(other.program.wait_for_end(), 4)


if __name__ == "__main__":
    unittest.main(verbosity=2)
