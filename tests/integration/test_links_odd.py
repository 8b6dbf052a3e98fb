"""reunion-link against servers that lie, lose, repeat and make up, and against its users."""

import contextlib
import pathlib
import re
import signal
import socket
import subprocess
import time
import unittest

from link_program import INVITATION, LINK, LinkCase, events, run
from manual_page import assert_good_roff
from odd_links import OddLinks
from odd_server import OddServer, binary_id, link_of, this_hour
from ours import BUILD, SOURCE
from programs import Program
from terminal import Terminal

MANUAL = SOURCE / "client" / "installed" / "reunion-link.1"
SEAL = BUILD / "tests" / "lib" / "seal_link"
LINK_ID = "Reunion-Bucket-Id"


@contextlib.contextmanager
def odd_links(**bucket):
    odd = OddLinks(**bucket)
    with OddServer(odd.routes()) as server:
        odd.server, odd.url = server, server.url
        yield odd


class Case(LinkCase, unittest.TestCase):
    def assert_refused(self, done, word):
        """With the code 4, and nothing told but that and why."""
        self.assert_ends(done, 4)
        start, refused, end = events(done)
        self.assertEqual((refused["event"], refused["reason"]), ("refused", word), refused)
        self.assertEqual((start["event"], end["code"]), ("start", 4))

    def assert_failed(self, done, code, word):
        self.assert_ends(done, code)
        failed, end = events(done)[1:]
        self.assertEqual((failed["event"], failed["reason"]), ("failed", word), failed)
        self.assertEqual(end["code"], code)


def swapped(entries):
    return [bytes(256)] + entries[1:]


def altered(entries):
    """Each entry in one bit."""
    return [bytes([each[0] ^ 1]) + each[1:] for each in entries]


def repeated(entries):
    return entries[:-1] + entries[:1]


def fewer(entries):
    return entries[:-1]


def more(entries):
    return entries + [bytes(256)]


class Creating(Case):
    def create(self, odd, *options):
        return run("create", "--json", "--server", odd.url, *options, "https://chat.example/x")

    def test_buckets_that_cannot_be_everybodys(self):
        hour = this_hour()
        for made, word, within in (
                (dict(created=hour + 7200), "bucket-future", ("--tolerance", "8000")),
                (dict(created=hour - 108000), "bucket-old", ("--tolerance", "110000")),
                (dict(sequence=17), "bucket-sequence", ("--max-sequence", "17"))):
            with odd_links(**made) as odd:
                self.assert_refused(self.create(odd), word)
                # Refused before it is looked into, and taken where it is allowed.
                self.assertEqual(len(odd.server.asked), 1, odd.server.asked)
                self.assert_ends(self.create(odd, *within), 0)
        with odd_links(created=hour + 1) as odd:
            self.assert_refused(self.create(odd, "--tolerance", "8000"), "bucket-grid")

    def test_servers_that_name_another_bucket_when_asked_again(self):
        with odd_links(sequence=5) as odd:
            self.assert_ends(self.create(odd), 0)
            asked = [line for line in odd.server.asked if "/v1/links" in line]
            self.assertEqual(asked, ["POST /v1/links", "GET /v1/links",
                                     f"GET /v1/links/{odd.link}"])

            def answer(sequence, created=odd.created):
                return {"created": created, "seq": sequence, "id": f"{created}-{sequence}",
                        "link": link_of(created, sequence, b"l")}
            # It may have filled meanwhile, or its hour have ended.
            for changes in (answer(6), answer(0, odd.created + 3600)):
                odd.current_changes = changes
                self.assert_ends(self.create(odd), 0)
                odd.posted.clear()
            for changes in (answer(4), answer(7), answer(0, odd.created - 3600)):
                odd.current_changes = changes
                self.assert_refused(self.create(odd), "bucket-not-current")
                odd.posted.clear()
            odd.server.routes["GET /v1/links"] = (404, {}, b"")
            self.assert_refused(self.create(odd, "--tolerance", "0"), "bucket-not-current")

    def test_links_that_are_no_hash_of_the_id(self):
        with odd_links() as odd:
            for link in ("11" * 32, link_of(odd.created, 0, b"r"), link_of(odd.created, 1, b"l")):
                odd.posted_changes = {"link": link}
                self.assert_refused(self.create(odd), "bucket-link")

    def test_what_was_posted_is_looked_for(self):
        for spoil, word in (
                (lambda entries: [bytes([each]) * 256 for each in range(64)], "link-missing"),
                (altered, "link-missing"), (repeated, "entry-repeated"),
                (fewer, "bucket-size"), (more, "bucket-size"),
                (lambda _: [], "bucket-size")):
            with odd_links() as odd:
                odd.spoil = spoil
                self.assert_refused(self.create(odd), word)
        with odd_links() as odd:
            odd.headers = {}
            self.assert_refused(self.create(odd), "bucket-id")
        for status in (404, 410):
            with odd_links() as odd:
                odd.server.routes[f"GET /v1/links/{odd.link}"] = (status, {}, b"")
                self.assert_refused(self.create(odd), "link-missing")

    def test_servers_that_take_none(self):
        with odd_links() as odd:
            odd.server.routes["POST /v1/links"] = (404, {}, b"")
            self.assert_failed(self.create(odd), 3, "nonsense")
        problem = b'{"type": "urn:reunion:problem:wrong-key"}'
        with odd_links() as odd:
            odd.server.routes["POST /v1/links"] = (403, {}, problem)
            self.assert_refused(self.create(odd), "not-taken")
            odd.server.routes["POST /v1/links"] = (201, {}, b"<html>")
            self.assert_failed(self.create(odd), 3, "nonsense")
            odd.server.routes["POST /v1/links"] = b"SSH-2.0-OpenSSH_9\r\n"
            self.assert_failed(self.create(odd), 3, "nonsense")
            self.assertEqual(len(odd.posted), 0)


class Opening(Case):
    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        self.odd = self.stack.enter_context(odd_links())
        self.invitation = self.create(self.odd.url, "https://chat.example/x")[0]

    def open(self, *options):
        return run("open", "--json", *options, self.invitation)

    def test_entries_that_were_tampered_with(self):
        for spoil, word in ((repeated, "entry-repeated"), (fewer, "bucket-size"),
                            (more, "bucket-size"), (lambda _: [bytes(2 << 20)], None)):
            self.odd.spoil = spoil
            if word:
                self.assert_refused(self.open(), word)
            else:
                self.assert_failed(self.open(), 3, "nonsense")
        for spoil in (altered, lambda entries: [each for each in entries
                                                if each not in self.odd.posted] + [bytes(256)]):
            self.odd.spoil = spoil
            self.assert_failed(self.open(), 1, "closed")

    def test_entries_that_were_made_up(self):
        ours = self.odd.posted[0]
        self.odd.spoil = lambda entries: [ours] + swapped(entries)[:63]
        self.odd.entries.remove(ours)
        self.assert_opens(self.invitation, "https://chat.example/x")
        # By one who knows the passphrase.
        _, _, salt, passphrase = INVITATION.match(self.invitation).groups()
        second = subprocess.run([SEAL, passphrase, salt, "https://other.example"], check=True,
                                capture_output=True).stdout
        self.assertEqual(len(second), 256)
        self.odd.spoil = lambda entries: [ours, second] + entries[:62]
        self.assert_refused(self.open(), "entries-open")

    def test_buckets_that_cannot_be_everybodys(self):
        hour = this_hour()
        for made, word, within in (
                ((hour + 7200, 0), "bucket-future", ("--tolerance", "8000")),
                ((hour, 17), "bucket-sequence", ("--max-sequence", "17"))):
            link = link_of(*made, b"l")
            self.odd.headers = {LINK_ID: binary_id(*made).hex()}
            self.odd.server.routes[f"GET /v1/links/{link}"] = self.odd.read
            done = run("open", "--json", self.invitation.replace(self.odd.link, link))
            self.assert_refused(done, word)
            done = run("open", "--json", *within, self.invitation.replace(self.odd.link, link))
            self.assert_ends(done, 0)

    def test_an_invitation_of_before_there_was_a_grid(self):
        made = (this_hour() + 1234, 0)
        link = link_of(*made, b"l")
        self.odd.headers = {LINK_ID: binary_id(*made).hex()}
        self.odd.server.routes[f"GET /v1/links/{link}"] = self.odd.read
        invitation = self.invitation.replace(self.odd.link, link)
        self.assert_refused(run("open", "--json", "--tolerance", "8000", invitation), "bucket-grid")
        told = run("open", "--tolerance", "8000", invitation)
        self.assert_ends(told, 4)
        self.assertIn("before servers kept to hours", told.stderr)
        self.assertIn("Ask whoever made it for a new one", told.stderr)

    def test_ids_that_are_none(self):
        for headers, word in (({}, "bucket-id"), ({LINK_ID: "0"}, "bucket-id"),
                              ({LINK_ID: "x" * 24}, "bucket-id"),
                              ({LINK_ID: "0" * 26}, "bucket-id"),
                              ({LINK_ID: "00" * 12}, "bucket-link"),
                              ({LINK_ID: binary_id(self.odd.created, 1).hex()}, "bucket-link")):
            self.odd.headers = headers
            self.assert_refused(self.open(), word)

    def test_servers_that_have_none(self):
        route = f"GET /v1/links/{self.odd.link}"
        for answer, code, word in (
                ((404, {}, b""), 6, "no-bucket"), ((410, {}, b""), 6, "bucket-over"),
                ((302, {"Location": "/"}, b""), 3, "nonsense"),
                (b"SSH-2.0-OpenSSH_9\r\n", 3, "nonsense")):
            self.odd.server.routes[route] = answer
            self.assert_failed(self.open(), code, word)

    def test_servers_that_cannot_serve_for_a_while(self):
        """Half a minute is given to what cannot be reached, and to what cannot serve now."""
        def busy(*_):
            routes[route] = self.odd.read
            return (503, {}, b"")
        routes = self.odd.server.routes
        route = f"GET /v1/links/{self.odd.link}"
        routes[route] = busy
        done = self.open()
        self.assert_ends(done, 0)
        start, away, back, *_ = events(done)
        self.assertEqual((away["event"], away["reason"]), ("away", "busy"), away)
        self.assertEqual((back["event"], back["server"]), ("back", self.odd.server.url), back)
        with socket.socket() as bound:
            bound.bind(("127.0.0.1", 0))
            done = self.open("--server", f"http://127.0.0.1:{bound.getsockname()[1]}")
        self.assert_ends(done, 3)
        start, away, failed, end = events(done)
        self.assertEqual([each["event"] for each in (start, away, failed, end)],
                         ["start", "away", "failed", "end"])
        self.assertEqual((away["reason"], failed["reason"]), ("unreachable",) * 2)


class Users(Case):
    """What is said to those who slip, and what others see meanwhile."""

    def test_commands_and_options(self):
        for arguments, said in (
                ((), "create or open"), (("crate",), "create or open"),
                (("create", "x"), "--server"),
                (("create", "--server", "http://127.0.0.1", "a", "b"),
                 "argument 5 is one too many"),
                (("create", "--server", "http://127.0.0.1", "--server", "http://127.0.0.2", "x"),
                 "--server is given twice"),
                (("create", "--server", "http://127.0.0.1", "--file", "f", "SECRET"), "one place"),
                (("create", "--server", "http://127.0.0.1", "--qr", "--json", "SECRET"), "--qr"),
                (("create", "--server", "http://127.0.0.1"), "no link"),
                (("create", "--server", "http://127.0.0.1", "--passphrase-fd", "0"), "argument or"),
                (("open", "--separate", "SECRET"), "does not go with open"),
                (("open", "--confirm", "SECRET"), "does not go with open"),
                (("open",), "no invitation"), (("open", "SECRET"), "not a complete invitation"),
                (("open", "reunion-link:v2?x"), "another version")):
            done = run(*arguments, typed="")
            self.assert_ends(done, 2, said)
            self.assertNotIn("SECRET", done.stderr + done.stdout)

    def test_two_passphrases(self):
        invitation = f"reunion-link:v1?server=http://127.0.0.1&bucket={'0' * 64}&salt={'0' * 32}"
        done = run("open", "--passphrase", "x", invitation + "#SECRET")
        self.assert_ends(done, 2, "give no other")
        self.assert_ends(run("open", invitation, typed=""), 2, "no passphrase")
        self.assert_ends(run("open", "--passphrase", "", invitation), 2, "empty passphrase")

    def test_help_version_and_manual_page(self):
        text = self.assert_done(run("--help"))
        self.assertIn("Usage: reunion-link create [OPTION]... [LINK]", text[0])
        self.assertRegex(self.assert_done(run("--version"))[0], r"^reunion-link \d+\.\d+\.\d+")
        page = assert_good_roff(self, MANUAL)
        for part in ("--passphrase-file FILE", "EXIT STATUS", "Only with create.", "gone"):
            self.assertIn(part, page)

    def test_every_word_for_a_program_is_in_the_manual_page(self):
        page = MANUAL.read_text()
        section = page[page.index(".SH EVENTS"):page.index(".SH ENVIRONMENT")].replace("\\-", "-")
        code = "".join(path.read_text() for path in (SOURCE / "client" / "links").glob("*.c")
                       if path.name != "program.c")  # which has the options
        words = set(re.findall(r'json_line_open\(&line, "([a-z-]+)"\)', code))
        words |= set(re.findall(r'\{\s*"([a-z]+-[a-z]+)",', code))
        words |= set(re.findall(r'BUCKET_[A-Z_]+\] = "([a-z-]+)"',
                                (SOURCE / "client" / "cli" / "bounds.c").read_text()))
        words |= set(re.findall(r'return "([a-z-]+)"',
                                (SOURCE / "client" / "cli" / "reason.c").read_text()))
        self.assertGreater(len(words), 12, words)
        self.assertEqual({word for word in words if word not in section}, set())

    def test_secrets_are_seen_nowhere_and_a_signal_ends_it(self):
        with odd_links() as odd:
            odd.server.routes = {"": odd.server.silence}
            invitation = (f"reunion-link:v1?server={odd.url}&bucket={'0' * 64}&salt={'0' * 32}"
                          "#SECRET-phrase")
            for arguments in (["create", "--server", odd.url, "SECRET link", "--passphrase=SECRET"],
                              ["open", invitation]):
                before = len(odd.server.asked)
                with Program("user", [LINK, *arguments]) as user:
                    odd.server.wait_for_more(before)
                    process = pathlib.Path(f"/proc/{user.process.pid}")
                    self.assertNotIn(b"SECRET", (process / "cmdline").read_bytes())
                    self.assertEqual(user.stop(signal.SIGINT), 130)
                    self.assertNotIn("SECRET", user.transcript())

    def test_a_log_of_what_happens_names_nothing(self):
        with odd_links() as odd:
            made = run("create", "-v", "--server", odd.url, "https://chat.example/SECRET")
            told = run("open", "-v", self.assert_done(made)[0])
            self.assertIn('event="reading the bucket back"', made.stderr)
            self.assertIn('event="trying all entries"', told.stderr)
            for said in (made.stderr, told.stderr):
                for secret in ("SECRET", odd.link, odd.url):
                    self.assertNotIn(secret, said)

    def test_a_terminal_that_is_too_narrow_for_a_code(self):
        with odd_links() as odd:
            for columns, narrow in ((56, True), (57, False)):
                with Terminal([LINK, "create", "--qr", "--separate", "--server", odd.url, "x"],
                              columns=columns) as user:
                    self.assertEqual(user.wait_for_end(), 0, user.shown)
                    self.assertEqual(b"the code needs 57 columns" in user.shown, narrow, user.shown)

    def test_on_a_terminal(self):
        with odd_links() as odd:
            with Terminal([LINK, "create", "--separate", "--server", odd.url]) as user:
                user.read_until(b"Link: ")
                self.assertTrue(user.echoes())
                user.type(b"https://chat.example/x\n")
                self.assertEqual(user.wait_for_end(), 0, user.shown)
                lines = user.shown.decode().splitlines()
            at = next(i for i, line in enumerate(lines) if INVITATION.match(line))
            with Terminal([LINK, "open"], columns=300) as user:
                for question, answer in ((b"Invitation: ", lines[at]),
                                         (b"Passphrase: ", lines[at + 1])):
                    user.read_until(question)
                    self.assertFalse(user.echoes())
                    user.type(answer.encode() + b"\n")
                self.assertEqual(user.wait_for_end(), 0, user.shown)
                self.assertIn(b"https://chat.example/x", user.shown)
                self.assertNotIn(lines[at + 1].encode(), user.shown)
                self.assertTrue(user.is_as_before())


if __name__ == "__main__":
    unittest.main(verbosity=2)
