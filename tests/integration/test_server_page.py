"""The page without scripts that explains, which the server's address shows with --page off."""

import base64
import hashlib
import html.parser
import re
import unittest

from harness import Server

# Attributes that make a browser fetch something.
LOADS = ("src", "srcset", "data", "action", "formaction", "poster", "background", "ping")


class Reader(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.open, self.styles, self.text = [], [], [], ""

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in ("meta", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag

    def handle_data(self, data):
        if self.open and self.open[-1] == "style":
            self.styles.append(data)
        else:
            self.text += data


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server("--page=off", "--lifetime=36h", "--open-window=30m", "--wait-max=45")
        cls.enterClassContext(cls.server)

    def read(self, **headers):
        answer = self.server.get("/", **headers)
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.headers["Content-Type"], "text/html; charset=utf-8")
        reader = Reader()
        reader.feed(answer.body.decode())
        self.assertEqual(reader.open, [])
        return answer, reader

    def test_it_is_self_contained(self):
        _, page = self.read()
        for tag, attributes in page.tags:
            self.assertNotIn(tag, ("script", "iframe", "object", "embed", "form", "img"))
            for name, value in attributes.items():
                self.assertFalse(name in LOADS or name.startswith("on"), (tag, name))
                if name == "href":
                    self.assertRegex(value, r"^(/v1/[a-z.]+|data:image/svg\+xml,.*)$")
        self.assertNotRegex("".join(page.styles), r"url\(|@import|@font-face")
        self.assertIn(("link", "icon"), [(tag, each.get("rel")) for tag, each in page.tags])
        self.assertNotIn("{{", page.text)

    def test_the_policy_lets_in_its_style_alone(self):
        answer, page = self.read()
        digest = base64.b64encode(hashlib.sha256(page.styles[0].encode()).digest()).decode()
        self.assertEqual(answer.headers["Content-Security-Policy"].split(";"), [
            "default-src 'none'", f"style-src 'sha256-{digest}'", "img-src data:",
            "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"])
        self.assertEqual(len(page.styles), 1)
        self.assertEqual(answer.headers["X-Content-Type-Options"], "nosniff")
        self.assertEqual(answer.headers["Referrer-Policy"], "no-referrer")
        self.assertFalse(any("style" in attributes for _, attributes in page.tags))

    def test_light_dark_and_small(self):
        _, page = self.read()
        self.assertIn("prefers-color-scheme: dark", page.styles[0])
        self.assertIn(("meta", {"name": "viewport",
                                "content": "width=device-width, initial-scale=1"}), page.tags)

    def test_places(self):
        _, page = self.read()
        text = re.sub(r"\s+", " ", page.text)
        for part in ("with --place NAME you look only among those who name the same",
                     "something public, not a part of the passphrase",
                     "which place they name, as a hash from which it can guess the name"):
            self.assertIn(part, text)

    def test_the_settings_in_force(self):
        _, page = self.read()
        text = re.sub(r"\s+", " ", page.text)
        for part in ("newcomers for30 minutes", "kept for36 hours", "for news45 seconds",
                     "in one bucket64", "in one request256"):
            self.assertIn(part, text)

    def test_the_command_has_this_address(self):
        for url in (self.server.url, "https://meet.example.org", "http://a-b.example:80",
                    "http://[2001:db8::1]:5000", "http://[::1]", "http://localhost",
                    "http://abcdef.onion", "https://192.0.2.7", "http://127.0.0.1"):
            _, page = self.read(Host=url.partition("://")[2])
            self.assertIn(f"reunion-client --server {url}\n", page.text)
            self.assertIn(f"reunion-link create --server {url}\n", page.text)
        for proto, url in (("https", "https://meet.example.org:8443"),
                           ("javascript", "http://meet.example.org:8443")):
            _, page = self.read(Host="meet.example.org:8443", **{"X-Forwarded-Proto": proto})
            self.assertIn(f"reunion-client --server {url}\n", page.text)

    def test_a_host_that_is_none_does_not_come_into_the_page(self):
        for host in ("<b>x</b>", "a b", "a;rm", "$(x)", "a:", "a:123456", "a:5x", "[::1", "[]",
                     "[x]", "::1", "-x", ".x", "a/b", "user@a", "'", "`id`", "x" * 200, "ä"):
            _, page = self.read(Host=host.encode("utf-8"))
            self.assertIn("reunion-client --server URL\n", page.text, host)
            self.assertIn("URL is the address that your browser shows", page.text)

    def test_head(self):
        self.assertEqual(self.server.request("HEAD", "/").body, b"")


if __name__ == "__main__":
    unittest.main(verbosity=2)
