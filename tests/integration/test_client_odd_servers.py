"""The client against servers that are none, lie, fall silent, or talk nonsense for a while."""

import email.utils
import json
import signal
import socket
import time
import unittest

import odd_server
from odd_server import OddServer, bucket, description, posted, sound_routes, this_hour
from ours import client

NONSENSE = (200, {}, b"<html>Welcome to nginx!</html>")


def come(url, *options, duration_s=600):
    return client("Alice", "from Alice", "jelly", duration_s, "--server", url, *options)


def problem(status, slug="x"):
    """A refusal by the server itself, not by something in between."""
    return (status, {}, f'{{"type": "urn:reunion:problem:{slug}"}}'.encode())


class NoServer(unittest.TestCase):
    """At first contact, the client says what is wrong and ends with 3."""

    def assert_ends(self, url, code, *parts, duration_s=600):
        with come(url, duration_s=duration_s) as alice:
            self.assertEqual(alice.wait_for_end(), code, alice.transcript())
            said = " ".join(line.text for line in alice.lines if line.stream == "err")
            for part in parts:
                self.assertIn(part, said)
            self.assertEqual([], [line for line in alice.lines if line.stream == "out"])

    def test_what_answers_is_no_server(self):
        for answer in (NONSENSE, (404, {}, b""), (302, {"Location": "/"}, b""), (200, {}, b""),
                       {"name": "something else"}, description(record_bytes={}),
                       description(salt="00"), (200, {}, b"[" * 100000), b"SSH-2.0-OpenSSH_9\r\n"):
            with OddServer({"GET /v1/server": answer}) as odd:
                self.assert_ends(odd.url, 3, "no REUNION server")
                self.assertEqual(len(odd.asked), 1)

    def test_an_endless_answer_is_cut(self):
        with OddServer({"GET /v1/server": (200, {}, b" " * 10_000_000)}) as odd:
            self.assert_ends(odd.url, 3, "no REUNION server", "too long")

    def test_nobody_is_there(self):
        with socket.socket() as bound:
            bound.bind(("127.0.0.1", 0))
            self.assert_ends(f"http://127.0.0.1:{bound.getsockname()[1]}", 3, "cannot be reached",
                             duration_s=1)

    def test_a_url_that_is_none(self):
        for url in ("example.org", "ftp://example.org", "http://"):
            self.assert_ends(url, 2, "--server wants")


class Refusals(unittest.TestCase):
    """Whom the client refuses, and who refuses it: it says so and ends with 4."""

    def assert_refused(self, routes, *parts, options=()):
        with OddServer({}) as odd:
            odd.routes = {**sound_routes(odd), **routes}
            with come(odd.url, *options) as alice:
                self.assertEqual(alice.wait_for_end(), 4, alice.transcript())
                said = " ".join(line.text for line in alice.lines if line.stream == "err")
                for part in parts:
                    self.assertIn(part, said)
            # Having refused, it tells that server nothing more.
            self.assertFalse(any("/t2" in line or "/feed" in line for line in odd.asked))

    def test_buckets_that_cannot_be_everybodys(self):
        hour = this_hour()
        for changed, parts in (
                (dict(created=hour + 7200), ("future", "the clock here agrees with the server's")),
                (dict(created=hour - 108000), ("too old", "the clock here agrees")),
                (dict(created=hour + 1), ("beginning of a window",)),
                (dict(created=hour, link="11" * 32), ("does not belong",))):
            self.assert_refused({"POST /v1/t1": posted(**changed)}, "not acceptable", *parts)
        for window_s in (60, 900, 7200):
            self.assert_refused({"GET /v1/server": description(open_window_s=window_s)},
                                "open for a time that is not allowed")

    def test_clocks_that_are_an_hour_apart(self):
        """By the Date header it is said whose is ahead."""
        for off_s, part in ((2 * 3600, "s ahead of the clock here"),
                            (-3 * 3600, "s behind the clock here")):
            date = email.utils.formatdate(time.time() + off_s, usegmt=True)
            told = (200, {"Date": date}, json.dumps(description()).encode())
            self.assert_refused({"GET /v1/server": told,
                                 "POST /v1/t1": posted(created=this_hour() + off_s)}, part)

    def test_very_many_buckets_are_crowded_and_no_reason(self):
        with OddServer({}) as odd:
            odd.routes = {**sound_routes(odd), "POST /v1/t1": posted(sequence=900)}
            with come(odd.url) as alice:
                alice.wait_for_line("very many people have come")
                odd.wait_for_request("/feed")

    def test_bounds_are_settings(self):
        hour = this_hour()
        for changed, bounds in (
                (dict(created=hour + 7200), ("--tolerance", "8000")),
                (dict(created=hour - 108000), ("--tolerance", "110000"))):
            with OddServer({}) as odd:
                odd.routes = {**sound_routes(odd), "POST /v1/t1": posted(**changed)}
                with come(odd.url, *bounds) as alice:
                    alice.wait_for_line("waiting for others")

    def test_a_t1_that_is_not_taken(self):
        for status in (400, 403):
            self.assert_refused({"POST /v1/t1": problem(status)}, "refused the request")

    def test_named_buckets(self):
        now = int(time.time())
        link = odd_server.link_of(now, 0)
        for answer, part in (
                ((404, {}, b""), "no bucket with that link"), ((410, {}, b""), "has expired"),
                (bucket(now + 5), "does not belong"), (bucket(now, link="11" * 32), "not belong"),
                (bucket(now + 1000, link=link), "does not belong")):
            self.assert_refused({"GET /v1/buckets/": answer}, part, options=("--bucket", link))


class Troubles(unittest.TestCase):
    """Having its place, the client stays, says once what is wrong, and goes on by itself."""

    def test_nonsense_for_a_while(self):
        for nonsense in (NONSENSE, (200, {"Reunion-Cursor": "a b"}, b""), (204, {}, b""),
                         (200, {"Reunion-Cursor": "c"}, b"\x01" + bytes(288) + b"\x07"),
                         b"\x00\x01\x02"):
            with self.subTest(nonsense), OddServer({}) as odd:
                odd.routes = {**sound_routes(odd), "GET /v1/buckets/": nonsense}
                with come(odd.url) as alice:
                    alice.wait_for_line("nonsense")
                    odd.routes["GET /v1/buckets/"] = (200, {"Reunion-Cursor": "c"}, b"")
                    alice.wait_for_line("the server is back")
                    self.assertEqual(sum("nonsense" in line.text for line in alice.lines), 1)
                    self.assertEqual(alice.stop(signal.SIGINT), 130)

    def test_a_busy_server(self):
        with OddServer({}) as odd:
            odd.routes = {**sound_routes(odd), "POST /v1/t1": (503, {"Retry-After": "1"}, b"")}
            with come(odd.url) as alice:
                alice.wait_for_line("cannot serve requests now")
                odd.routes["POST /v1/t1"] = posted()
                alice.wait_for_line("waiting for others")
                self.assertEqual(alice.stop(signal.SIGTERM), 130)

    def test_the_feed_is_waited_on_not_asked_again(self):
        with OddServer({}) as odd:
            odd.routes = sound_routes(odd)
            with come(odd.url) as alice:
                odd.wait_for_request("/feed")
                self.assertEqual(alice.stop(signal.SIGINT), 130)
            feeds = [line for line in odd.asked if "/feed" in line]
            self.assertEqual(len(feeds), 1, odd.asked)
            self.assertTrue(feeds[0].endswith("wait=55"), feeds)

    def test_an_interrupt_ends_a_silent_request(self):
        for silent in ("GET /v1/server", "POST /v1/t1", "GET /v1/buckets/"):
            with OddServer({}) as odd:
                odd.routes = {**sound_routes(odd), silent: odd.silence}
                with come(odd.url) as alice:
                    odd.wait_for_request(silent)
                    self.assertEqual(alice.stop(signal.SIGINT), 130)


if __name__ == "__main__":
    unittest.main(verbosity=2)
