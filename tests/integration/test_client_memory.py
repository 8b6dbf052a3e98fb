"""What of a client's secrets lies in its memory, and who may look at that. A sanitizer's own memory
is too large to be read, and its checker of leaks has to look."""

import contextlib
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import unittest

from harness import Server
from moved_clock import worker_of
from needed import lacks, needs, needs_root
from odd_server import OddServer, sound_routes
from ours import BUILD, client
from programs import Program
from relay import Relay, Wire

try:
    from nacl import bindings

    import box_packet_relay
    from box_relay import BoxRelay
    LACKING = None
except ModuleNotFoundError as error:
    LACKING = f"{error} (Debian's package python3-nacl)"

CLIENT = BUILD / "client" / "reunion-client"


def memory_that_is_not_locked(pid):
    """All that a process can read of its memory, but for what is locked, as secrets are."""
    mapping = re.compile(r"([0-9a-f]+)-([0-9a-f]+) r\S+ .*")
    area = None
    with open(f"/proc/{pid}/smaps") as smaps, open(f"/proc/{pid}/mem", "rb") as memory:
        for line in smaps:
            if found := mapping.match(line):
                area = (int(found[1], 16), int(found[2], 16))
            elif line.startswith("VmFlags:") and area:
                (begin, end), area = area, None
                if "lo" not in line.split() and "io" not in line.split():
                    memory.seek(begin)
                    with contextlib.suppress(OSError):
                        yield memory.read(end - begin)


class Memory(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def test_the_write_key_is_in_locked_memory_alone(self):
        needs_root(self)
        sent = []
        with Server() as server, client("Bob", "from Bob", "jelly", 600, "--server", server.url):
            relay = Relay(lambda _: Wire(socket.create_connection((server.host, server.port)),
                                         sent.append))
            url = f"http://127.0.0.1:{relay.start()}"
            self.addCleanup(relay.stop)
            with Program("Alice", [CLIENT, "--server", url, "--msg", "from Alice", "--passphrase",
                                   "jelly"]) as alice:
                alice.wait_for_line("from Bob", "out")
                key, = set(re.findall(rb"Authorization: Bearer ([0-9a-f]{64})\r\n", b"".join(sent)))
                pid = worker_of(alice.process.pid)
                bucket = alice.wait_for_line(
                    "waiting for others in bucket").text.split()[-1].encode()
                memory = list(memory_that_is_not_locked(pid))
                # What is public is found, as it is looked for where it can be.
                self.assertTrue(any(bucket in area for area in memory))
                for form in (key, bytes.fromhex(key.decode())):
                    self.assertFalse(any(form in area for area in memory))

    def test_nor_is_it_elsewhere_with_the_box_transport(self):
        needs_root(self)
        if LACKING:
            lacks(self, LACKING)
        with Server() as server, BoxRelay((server.host, server.port)) as relay, \
                client("Bob", "from Bob", "jelly", 600, "--server", server.url), \
                Program("Alice", [CLIENT, "--server", relay.url, "--msg", "from Alice",
                                  "--passphrase", "jelly"]) as alice:
            alice.wait_for_line("from Bob", "out")
            key, = set(re.findall(rb"Authorization: Bearer ([0-9a-f]{64})\r\n",
                                  b"".join(relay.asked)))
            memory = list(memory_that_is_not_locked(worker_of(alice.process.pid)))
            self.assertTrue(any(relay.key.encode() in area for area in memory))
            for form in (key, bytes.fromhex(key.decode())):
                self.assertFalse(any(form in area for area in memory))

    def test_nor_are_the_keys_of_packets(self):
        """The write key, and what each session has in common with the server."""
        needs_root(self)
        if LACKING:
            lacks(self, LACKING)
        with Server() as server, \
                box_packet_relay.PacketRelay((server.host, server.port)) as relay, \
                client("Bob", "from Bob", "jelly", 600, "--server", server.url), \
                Program("Alice", [CLIENT, "--server", relay.url, "--msg", "from Alice",
                                  "--passphrase", "jelly"]) as alice:
            alice.wait_for_line("from Bob", "out")
            memory = list(memory_that_is_not_locked(worker_of(alice.process.pid)))
            asked = list(relay.asked)
            self.assertTrue(any(relay.key.encode() in area for area in memory))
            keys = {q[1:33] for _, q in asked if q[0] == box_packet_relay.POST_T1}
            self.assertEqual(len(keys), 1)
            sessions = {session for session, _ in asked}
            keys |= {bindings.crypto_box_beforenm(session, relay.own.secret)
                     for session in sessions}
            self.assertGreater(len(keys), 2)
            for key in keys:
                self.assertFalse(any(key in area for area in memory))

    def test_nobody_else_may_look(self):
        needs_root(self)
        needs(self, "setpriv")
        self.folder.chmod(0o755)
        copy = self.folder / "reunion-client"
        shutil.copy(CLIENT, copy)
        nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
        with Program("a program", [*nobody, "sh", "-c", "echo ready && exec cat"],
                     stdin=subprocess.PIPE) as program:
            program.wait_for_line("ready")
            self.assertEqual(os.stat(f"/proc/{program.process.pid}/mem").st_uid, 65534)
            program.process.stdin.close()
            program.wait_for_end()
        with OddServer({}) as odd:
            odd.routes = sound_routes(odd)
            # Where the build is nobody may look, perhaps.
            with Program("Alice", [*nobody, copy, "--server", odd.url, "--msg", "x",
                                   "--passphrase", "jelly"],
                         env={"XDG_CONFIG_HOME": str(self.folder)}) as alice:
                alice.wait_for_line("waiting for others")
                for pid in (alice.process.pid, worker_of(alice.process.pid)):
                    self.assertEqual(os.stat(f"/proc/{pid}/mem").st_uid, 0)
                    self.assertRegex(pathlib.Path(f"/proc/{pid}/limits").read_text(),
                                     r"Max core file size +0 +0 ")


if __name__ == "__main__":
    unittest.main(verbosity=2)
