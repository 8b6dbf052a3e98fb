"""Private links from one person to another, through a real server."""

import concurrent.futures
import os
import pathlib
import resource
import socket
import subprocess
import tempfile
import unittest

import qr_reader
from gateway import Gateway
from harness import Server
from link_program import INVITATION, LINK, LinkCase, events, run
from odd_server import OddServer
from relay import Relay, Wire
from socks_server import SocksServer

LINKS = 64
LINK_BYTES_MAX = 238

# So many at a time: each works with 256 MiB for its key.
AT_ONCE = 2


class Case(LinkCase, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server().start()

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def file(self, name, content):
        path = self.folder / name
        path.write_text(content)
        path.chmod(0o600)
        return path


class OneBucket(Case):
    def test_64_links_of_64_people_have_64_readers(self):
        links = [f"https://chat.example/join#{number}" for number in range(LINKS)]
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            invitations = list(pool.map(
                lambda link: self.create(self.server.url, link)[0], links))
            self.assertEqual(len({INVITATION.match(each).group(2) for each in invitations}), 1)
            list(pool.map(self.assert_opens, invitations, links))


class Words(Case):
    """Every way a link, an invitation and a passphrase can be given."""

    def test_the_longest_link_and_the_first_that_is_too_long(self):
        longest = "x" * LINK_BYTES_MAX
        self.assert_opens(self.create(self.server.url, longest)[0], longest)
        self.assert_ends(run("create", "--server", self.server.url, longest + "x"), 2,
                         "239 bytes")
        self.assert_ends(run("create", "--server", self.server.url, ""), 2, "link is empty")

    def test_texts_that_are_not_plain(self):
        for link, shown in (("caf\u00e9 \u2603", "caf\u00e9 \u2603"),
                            ("bell\a", "escaped:bell\\x07")):
            invitation = self.create(self.server.url, link)[0]
            self.assert_opens(invitation, shown)
        told = events(run("open", "--json", invitation))
        self.assertEqual(told[1]["text"], "bell\a")

    def test_standard_input_and_files(self):
        url = self.server.url
        invitation = self.assert_done(run("create", "--server", url, typed="by input\n"))[0]
        link_file = self.file("link", "by file\n")
        other = self.assert_done(run("create", "--server", url, "--file", link_file))[0]
        self.assertEqual(self.assert_done(run("open", typed=f"  {invitation}\r\n")), ["by input"])
        path = self.file("invitation", f"{other}\n")
        self.assertEqual(self.assert_done(run("open", "--file", path)), ["by file"])
        self.assertEqual(self.assert_done(run("open", "--file", "-", typed=other)), ["by file"])
        # Where no passphrase is to follow it is read whole.
        whole = run("create", "--server", url, typed="by\ntwo\n", env={"REUNION_PASSPHRASE": "x"})
        self.assert_opens(self.assert_done(whole)[0], "escaped:by\\x0atwo")

    def test_one_that_is_made_can_go_another_way(self):
        invitation, passphrase = self.create(self.server.url, "apart", "--separate")
        self.assertNotIn("#", invitation)
        self.assertRegex(passphrase, r"^[a-z]+(-[a-z]+){7}$")
        self.assert_opens(invitation, "apart", "--passphrase", passphrase)
        # Asked for, it is the next line.
        typed = f"{invitation}\n{passphrase}\n"
        self.assertEqual(self.assert_done(run("open", typed=typed)), ["apart"])
        # So it is in a file.
        for text in (typed, typed.replace("\n", "\r\n")):
            path = self.file("both", text)
            self.assertEqual(self.assert_done(run("open", "--file", path)), ["apart"])
        self.assertEqual(self.assert_done(run("open", "--file", "-", typed=typed)), ["apart"])
        self.assert_ends(run("open", "--file", path, "--passphrase", "x"), 2, "one place")
        self.assert_ends(run("open", "--file", self.file("three", typed + "x\n")), 2,
                         "not a complete invitation")
        whole, = self.create(self.server.url, "whole")
        self.assert_ends(run("open", "--file", self.file("whole", f"{whole}\n{passphrase}\n")), 2,
                         "give no other")
        done = run("open", "--passphrase", passphrase + "x", invitation)
        self.assert_ends(done, 1, "no entry opens with this passphrase")
        self.assertEqual(done.stdout, "")

    def test_one_that_is_given(self):
        phrase = "jelly & donut#1 caf\u00e9"
        ways = ((("--passphrase", phrase), {}),
                (("--passphrase-file", self.file("phrase", phrase + "\n")), {}),
                ((), {"env": {"REUNION_PASSPHRASE": phrase}}))
        for options, further in ways:
            whole = self.create(self.server.url, "given", *options, **further)
            self.assertEqual(len(whole), 1)
            self.assert_opens(whole[0], "given")
        bare = self.create(self.server.url, "given", "--separate", "--passphrase", phrase)
        self.assertEqual(len(bare), 1)
        for options, further in ways:
            self.assert_opens(bare[0], "given", *options, **further)
        reading, writing = os.pipe()
        os.write(writing, phrase.encode())
        os.close(writing)
        self.assert_opens(bare[0], "given", "--passphrase-fd", reading, pass_fds=(reading,))
        os.close(reading)

    def test_events(self):
        done = run("create", "--json", "--separate", "--server", self.server.url, "told")
        self.assert_ends(done, 0)
        start, invitation, end = events(done)
        self.assertEqual((start["event"], end["event"]), ("start", "end"))
        self.assertEqual((end["outcome"], end["code"]), ("done", 0))
        self.assertEqual(invitation["event"], "invitation")
        self.assertIn(invitation["bucket"], invitation["invitation"])
        done = run("open", "--json", "--passphrase", invitation["passphrase"],
                   invitation["invitation"])
        self.assertEqual([each["event"] for each in events(done)], ["start", "link", "end"])
        self.assertEqual(events(done)[1]["text"], "told")
        done = run("open", "--json", "--passphrase", "wrong", invitation["invitation"])
        failed, end = events(done)[1:]
        self.assertEqual((failed["event"], failed["reason"]), ("failed", "closed"))
        self.assertEqual((end["outcome"], end["code"], done.returncode), ("closed", 1, 1))


class Machines(Case):
    """Nothing is told where this machine fails, but that."""

    MEGABYTES = 200  # less than a key needs

    def test_too_little_memory(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_AS, (self.MEGABYTES << 20,) * 2)
        invitation = self.create(self.server.url, "x")[0]
        for arguments in (["open", invitation], ["create", "--server", self.server.url, "x"]):
            done = subprocess.run([LINK, *arguments], stdin=subprocess.DEVNULL, check=False,
                                  capture_output=True, text=True, preexec_fn=limit)
            self.assert_ends(done, 5, "Cannot allocate memory")

    def test_standard_output_that_takes_no_more(self):
        invitation = self.create(self.server.url, "x")[0]
        for arguments in (["open", invitation], ["open", "--json", invitation],
                          ["create", "--server", self.server.url, "x"]):
            with open("/dev/full", "w") as full:
                done = subprocess.run([LINK, *arguments], stdin=subprocess.DEVNULL, stdout=full,
                                      stderr=subprocess.PIPE, text=True, check=False)
            self.assertEqual((done.returncode, "No space left" in done.stderr), (5, True), done)

    def test_nothing_is_posted_for_a_standard_output_that_takes_nothing(self):
        """A device, a file system and a pipe that nobody reads, each before a server is asked."""
        reading, writing = os.pipe()
        os.close(reading)
        self.addCleanup(os.close, writing)
        full = os.open("/dev/full", os.O_WRONLY)
        self.addCleanup(os.close, full)
        for output, reason in ((full, "No space left"), (writing, "Broken pipe")):
            for more in ((), ("--json",)):
                with OddServer({}) as odd:
                    done = subprocess.run([LINK, "create", "--server", odd.url, *more, "x"],
                                          stdin=subprocess.DEVNULL, stdout=output,
                                          stderr=subprocess.PIPE, text=True, check=False)
                    self.assertEqual(done.returncode, 5, done)
                    self.assertIn(f"cannot write to standard output: {reason}", done.stderr)
                    self.assertEqual(odd.asked, [])

    def test_an_invitation_that_is_lost_after_all(self):
        """Whoever reads it goes away between the post and the invitation."""
        reading, writing = os.pipe()

        def go_away(line, status, headers, body):
            if line.startswith("POST /v1/links"):
                os.close(reading)
            return status, headers, body
        with Gateway(self.server) as gateway:
            gateway.change = go_away
            done = subprocess.run([LINK, "create", "--server", gateway.url, "x"],
                                  stdin=subprocess.DEVNULL, stdout=writing,
                                  stderr=subprocess.PIPE, text=True, check=False)
        os.close(writing)
        self.assertEqual(done.returncode, 5, done)
        self.assertIn("cannot write to standard output: Broken pipe", done.stderr)
        self.assertIn("its invitation is lost", done.stderr)
        self.assertIn("Create it once more", done.stderr)


class Codes(Case):
    """A QR code is read from what the terminal is sent."""

    def test_a_reader_of_codes_reads_the_invitation(self):
        for options in ((), ("--passphrase", "\u2603" * 100)):
            lines = self.create(self.server.url, "https://chat.example/x", "--qr", *options)
            for line in lines[1:]:
                self.assertRegex(line, r"^\x1b\[40;97m[ \u2580\u2584\u2588]+\x1b\[0m$")
            self.assertEqual(qr_reader.read(self, lines[1:]), [lines[0]])

    def test_one_that_is_too_long_is_refused_before_anything_is_posted(self):
        done = run("create", "--qr", "--server", self.server.url, "--passphrase", "\u2603" * 340,
                   "x")
        self.assert_ends(done, 2, "too long for a QR code")


class Ways(Case):
    def test_a_socket(self):
        path = self.folder / "socket"
        with Server("--listen", f"unix:{path}") as server:
            invitation = self.create(f"unix:{path}", "by socket")[0]
            self.assert_opens(invitation, "by socket")
            self.assert_opens(invitation, "by socket", "--server", server.url)

    def test_tor_sees_nobody_twice(self):
        with SocksServer(self.server.host, self.server.port) as socks:
            tor = ("--proxy", socks.url)
            invitation = self.create("http://meet.onion", "by Tor", *tor)[0]
            created = socks.kinds()
            self.assertEqual(sorted(map(sorted, created.values())),
                             [["link"], ["read"], ["read"]])
            self.assert_opens(invitation, "by Tor", *tor)
            opened = {who: kinds for who, kinds in socks.kinds().items() if who not in created}
            self.assertEqual(list(opened.values()), [{"read"}])
            self.assertTrue(all(visit.by_name and visit.host == "meet.onion"
                                for visit in socks.visits))

    def test_a_proxy_of_http(self):
        relay = Relay(self.connect)
        proxy = f"http://127.0.0.1:{relay.start()}"
        self.addCleanup(relay.stop)
        self.create("http://meet.example", "x", "--insecure-http", "--proxy", proxy)

    def connect(self, peer):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += peer.recv(1)
        self.assertTrue(head.startswith(b"CONNECT meet.example:80 "), head)
        peer.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        return Wire(socket.create_connection((self.server.host, self.server.port)))

    def test_what_is_not_safe_is_not_done(self):
        for server, said in (("http://meet.example", "--insecure-http"),
                             ("http://meet.onion", "--proxy"), ("ftp://x", "--server wants")):
            self.assert_ends(run("create", "--server", server, "x"), 2, said)
        invitation = self.create(self.server.url, "x")[0]
        for server, said in (("http://meet.example", "--insecure-http"),
                             ("http://meet.onion", "--proxy"),
                             ("ftp://x", "names no server"), ("x", "names no server")):
            self.assert_ends(run("open", invitation.replace(self.server.url, server)), 2, said)


if __name__ == "__main__":
    unittest.main(verbosity=2)
