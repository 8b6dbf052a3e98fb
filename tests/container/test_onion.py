"""What takes its time: an onion service by the sample for tor, in a Tor network of its own; and,
while that network finds itself, feeds that wait longer than proxies would by themselves."""

import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import unittest

import fronts
from harness import Server
from needed import needs
from ours import client
from programs import PATIENCE_S
from rendezvous import feed, joined
from tor_network import AS_USER, SOCKS_PORT, USER, TorNetwork

SAMPLE = fronts.SAMPLES / "tor" / "torrc"
# Where Debian's tor looks, as its user, who may not be able to read where the sources are.
TORRC = pathlib.Path("/etc/tor/torrc")
STATE = pathlib.Path("/var/lib/tor")
# Longer than the minute that a server waits at most unless told, and nginx for a byte.
WAIT_S = 65


def setUpModule():
    needs(None, "tor", "tor-gencert", "nginx", "caddy", "openssl", "setpriv")
    enter = unittest.enterModuleContext
    authority = fronts.prepare()
    global network, onion, feeds
    feeds = begin_to_wait(authority, enter)
    enter(Server("--listen", f"unix:{fronts.SOCKET}", "--socket-mode", "0666"))
    folder = enter(tempfile.TemporaryDirectory())
    os.chmod(folder, 0o711)
    shutil.chown(STATE, USER, USER)
    os.chmod(STATE, 0o700)
    shutil.copyfile(SAMPLE, TORRC)
    network = enter(TorNetwork(folder))
    onion = network.start("onion", "SocksPort 0\n", TORRC)


def begin_to_wait(authority, enter):
    """Feeds at a server to which nobody comes, each through a proxy. Returns: the future
    results."""
    server = enter(Server("--listen", "127.0.0.1:5000", "--wait-max", str(WAIT_S)))
    ada, = joined(server)
    pool = enter(concurrent.futures.ThreadPoolExecutor())
    return {kind.__name__: pool.submit(wait, enter(kind(authority)).api(), ada.bucket)
            for kind in (fronts.Nginx, fronts.Caddy)}


def wait(front, link):
    """Returns: the answer, and how long it took."""
    cursor = feed(front, link).headers["Reunion-Cursor"]
    start_s = time.monotonic()
    answer = feed(front, link, cursor, WAIT_S)
    return answer, time.monotonic() - start_s


class Waiting(unittest.TestCase):
    def test_the_whole_time(self):
        for name, waiting in feeds.items():
            with self.subTest(name):
                answer, took_s = waiting.result(PATIENCE_S)
                self.assertEqual((answer.status, answer.body), (200, b""))
                self.assertGreaterEqual(took_s, WAIT_S)


class Onion(unittest.TestCase):
    def test_its_user_may_not_enter_the_sources(self):
        """Nor may it where they lie below a home that is closed (lib/in-etc)."""
        done = subprocess.run([*AS_USER, "cat", SAMPLE], capture_output=True, text=True)
        self.assertIn("Permission denied", done.stderr)

    def test_tor_has_nothing_against_the_sample(self):
        done = subprocess.run([*AS_USER, "tor", "-f", TORRC, "--verify-config", "--hush"],
                              env={"HOME": STATE}, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_a_rendezvous(self):
        """One comes by Tor, the other one knows the socket."""
        network.wait_until_ready(onion)
        address = (STATE / "reunion" / "hostname").read_text().strip()
        with client("Alice", "from Alice", "jelly", 600, "--server", f"http://{address}",
                    "--proxy", f"socks5h://127.0.0.1:{SOCKS_PORT}") as a, \
                client("Bob", "from Bob", "jelly", 600, "--server", f"unix:{fronts.SOCKET}") as b:
            a.wait_for_line("from Bob", "out")
            b.wait_for_line("from Alice", "out")


if __name__ == "__main__":
    unittest.main(verbosity=2)
