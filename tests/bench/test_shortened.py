"""Benchmarks of the server and of links, much shortened: every row comes out, and every request has
succeeded.

What they measure in so little time is worth nothing, so no goal is looked at."""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

from needed import needs
from postgres import needs_postgres

HERE = pathlib.Path(__file__).resolve().parent


def setUpModule():
    needs(None, "wrk", "/usr/sbin/nginx")


class Smoke(unittest.TestCase):
    def results(self, script, *options):
        with tempfile.TemporaryDirectory() as folder:
            results = pathlib.Path(folder, "results.json")
            subprocess.run(
                [sys.executable, HERE / script, "--json", results, "--rounds", "1", *options],
                check=True, timeout=200)
            entries = json.loads(results.read_text())
        for entry in entries:
            self.assertGreater(entry["ours"], 0, entry)
            self.assertIsInstance(entry["met"], bool)
        return [entry["theirs"] is not None for entry in entries]

    def test_posts(self):
        self.assertEqual(self.results("bench_server_posts.py", "--seconds", "1"), [True] * 3)

    def test_reads(self):
        self.assertEqual(self.results("bench_server_reads.py", "--seconds", "1"), [True, True])

    def test_feeds(self):
        self.assertEqual(self.results("bench_server_feeds.py", "--posts", "20", "--waiters", "200"),
                         [True, False])

    def test_stored(self):
        self.assertEqual(
            self.results("bench_server_stored.py", "--seconds", "1", "--stored", "6400"),
            [True, False])

    def test_box(self):
        self.assertEqual(self.results("bench_box.py", "--seconds", "1"), [True] * 4)

    def test_packets(self):
        self.assertEqual(self.results("bench_packets.py", "--seconds", "1"), [True])

    def test_mix(self):
        self.assertEqual(self.results("bench_mix.py", "--packets", "500", "--rate", "20"),
                         [True, True])

    def test_postgres(self):
        needs_postgres(self)
        self.assertEqual(self.results("bench_postgres.py", "--seconds", "1"), [True, True])

    def test_mix_meet(self):
        self.assertEqual(self.results("bench_mix_meet.py", "--requests", "2"), [True, True])

    def test_links(self):
        self.assertEqual(self.results("bench_links.py"), [True, True])

    def test_stamps(self):
        self.assertEqual(self.results("bench_stamps.py"), [True] * 4)


if __name__ == "__main__":
    unittest.main(verbosity=2)
