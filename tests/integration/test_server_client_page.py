"""How the page that meets in a browser is served: its parts, their headers and their hashes."""

import base64
import gzip
import hashlib
import html.parser
import subprocess
import sys
import tempfile
import unittest

from harness import Server
from needed import lacks
from ours import BUILD, SOURCE

FOLDER = BUILD / "web" / "page"
PARTS = {"page.css": "text/css; charset=utf-8", "page.js": "text/javascript; charset=utf-8",
         "worker.js": "text/javascript; charset=utf-8", "reunion.wasm": "application/wasm",
         "reunion-simd.wasm": "application/wasm"}
POLICY = ["default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'", "style-src 'self'",
          "img-src 'self' data:", "connect-src 'self'", "worker-src blob:", "base-uri 'none'",
          "form-action 'none'", "frame-ancestors 'none'"]


class Reader(html.parser.HTMLParser):
    def __init__(self, content):
        super().__init__()
        self.tags = []
        self.feed(content)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))


def integrity(data):
    return "sha384-" + base64.b64encode(hashlib.sha384(data).digest()).decode()


class ClientPage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not (FOLDER / "index.html").exists():
            lacks(cls, "the page was not built: emscripten is not installed")
        cls.server = Server()
        cls.enterClassContext(cls.server)

    def test_headers(self):
        for path in ("/", *(f"/page/{name}" for name in PARTS)):
            answer = self.server.get(path)
            self.assertEqual(answer.status, 200, path)
            self.assertEqual(answer.headers["Content-Security-Policy"].split("; "), POLICY)
            for name, value in (("Cross-Origin-Opener-Policy", "same-origin"),
                                ("Cross-Origin-Embedder-Policy", "require-corp"),
                                ("Cross-Origin-Resource-Policy", "same-origin"),
                                ("X-Content-Type-Options", "nosniff"),
                                ("Referrer-Policy", "no-referrer"),
                                ("Cache-Control", "no-cache")):
                self.assertEqual(answer.headers[name], value, path)
            wanted = PARTS.get(path[6:], "text/html; charset=utf-8")
            self.assertEqual(answer.headers["Content-Type"], wanted)

    def test_what_is_known_is_not_sent_again(self):
        for path in ("/", "/page/page.js"):
            tag = self.server.get(path).headers["ETag"]
            for known in (tag, f'"other", {tag}', "*"):
                answer = self.server.get(path, **{"If-None-Match": known})
                self.assertEqual((answer.status, answer.body), (304, b""))
                self.assertEqual(answer.headers["ETag"], tag)
            self.assertEqual(self.server.get(path, **{"If-None-Match": '"other"'}).status, 200)

    def test_the_document_names_each_part_with_its_hash_and_nothing_else(self):
        content = self.server.get("/").body.decode()
        named = {}
        for tag, attributes in Reader(content).tags:
            for name in ("src", "href"):
                target = attributes.get(name, "#")
                if not target.startswith(("#", "data:")):
                    named[target] = attributes["integrity"]
            self.assertFalse(any(each.startswith("on") or each == "style" for each in attributes))
        self.assertEqual(named, {f"page/{name}": integrity(self.server.get(f"/page/{name}").body)
                                 for name in PARTS})
        self.assertNotIn("<style", content)
        self.assertNotRegex(content, r"<script(?![^>]* src=)")

    def test_hashes_are_printed_and_those_of_what_is_served(self):
        printed = subprocess.run([BUILD / "server" / "reunion-server", "--page-hashes"],
                                 capture_output=True, text=True, check=True).stdout
        self.assertEqual(printed, (FOLDER / "hashes").read_text())
        hashes = {name: digest for digest, name in
                  (line.split("  ") for line in printed.splitlines())}
        self.assertEqual(set(hashes), {"index.html", "page.html", *PARTS})
        for name, digest in hashes.items():
            data = (FOLDER / name).read_bytes() if name == "page.html" else self.server.get(
                "/" if name == "index.html" else f"/page/{name}").body
            self.assertEqual(hashlib.sha256(data).hexdigest(), digest, name)

    def test_the_same_again(self):
        """A second build of the page has the same bytes."""
        with tempfile.TemporaryDirectory(prefix="reunion-") as folder:
            subprocess.run(
                [sys.executable, "-B", SOURCE / "web" / "make_page.py", folder,
                 SOURCE / "client" / "cli" / "word_list.c", SOURCE / "web" / "wasm" / "reunion.js",
                 BUILD / "web" / "reunion.wasm", BUILD / "web" / "reunion-simd.wasm"], check=True)
            with open(f"{folder}/hashes") as hashes:
                self.assertEqual(hashes.read(), (FOLDER / "hashes").read_text())

    def test_it_is_small(self):
        """What a browser loads, compressed as a proxy does it."""
        loaded = [self.server.get(path).body for path in
                  ("/", *(f"/page/{name}" for name in PARTS if name != "reunion.wasm"))]
        self.assertLess(sum(len(gzip.compress(each, 6)) for each in loaded), 350_000)

    def test_without_it(self):
        with Server("--page", "off") as server:
            self.assertIn(b"has no scripts", server.get("/").body)
            for name in PARTS:
                self.assertEqual(server.get(f"/page/{name}").problem, "not-found")


if __name__ == "__main__":
    unittest.main(verbosity=2)
