"""Two people meet over packets of the box transport where the network is bad: the smallest MTU that
IPv6 allows, loss, duplicates, and datagrams that overtake each other."""

import pathlib
import subprocess
import tempfile
import unittest

from local_network import local_network
from ours import BUILD, revealed

MTU = 1280
PORT = 5443


class Lossy(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(
            self.enterContext(tempfile.TemporaryDirectory(prefix="reunion-")))

    def network(self, **how):
        hosts = self.enterContext(local_network(self, 3, **how))
        for number, host in enumerate(hosts, 1):
            host.ip("link", "set", "eth0", "mtu", MTU)
            host.ip("addr", "add", f"fd00::{number}/64", "dev", "eth0", "nodad")
        return hosts

    def serve(self, host):
        """Returns: the address that clients name."""
        server = self.enterContext(host.program(
            "server", BUILD / "server" / "reunion-server", "--listen", "127.0.0.1:0",
            "--metrics-listen", "none", "--db", self.folder / "reunion.db",
            "--box-packets", f"[fd00::3]:{PORT}"))
        key = server.wait_for_line("serving=box-packets", "err").text.split(" key=")[1]
        server.wait_for_line('event="ready"', "err")
        self.addCleanup(server.stop)
        return f"box+udp://[fd00::3]:{PORT}#{key}"

    @staticmethod
    def come(host, name, url):
        return host.program(name, BUILD / "client" / "reunion-client", "--duration", 600, "--msg",
                            f"from {name}", "--passphrase", "jelly", "--server", url)

    @staticmethod
    def fragments(host):
        """How many fragments this host has made of datagrams that were too long."""
        counts = subprocess.run([str(part) for part in host.command("cat", "/proc/net/snmp6")],
                                check=True, capture_output=True, text=True).stdout
        named = dict(line.split() for line in counts.splitlines())
        return int(named["Ip6FragCreates"])

    def assert_meet(self, hosts):
        url = self.serve(hosts[2])
        with self.come(hosts[0], "Alice", url) as a, self.come(hosts[1], "Bob", url) as b:
            a.wait_for_line("from Bob", "out")
            b.wait_for_line("from Alice", "out")
            self.assertEqual((revealed(a.lines), revealed(b.lines)),
                             (["from Bob"], ["from Alice"]))
        self.assertEqual([self.fragments(host) for host in hosts], [0, 0, 0])

    def test_loss_duplicates_and_a_changed_order(self):
        self.assert_meet(self.network(loss=0.05, dup=0.1, delay=1, jitter=30))

    def test_nothing_but_the_small_mtu(self):
        self.assert_meet(self.network())


if __name__ == "__main__":
    unittest.main(verbosity=2)
