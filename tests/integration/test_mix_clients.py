"""Our clients through real mixes: they meet, hand over links, and do without one that is killed."""

import tempfile
import unittest

import box_peer
import mix_case
import mixes
from link_program import LinkCase
from local_network import local_network
from meeting import MeetingCase, come
from ours import BUILD, revealed
from programs import Program

MESH_LOSS = 0.05


class Case(MeetingCase, mix_case.Mixes):
    def setUp(self):
        super().setUp()
        _, node = self.server()
        self.url = f"box+udp://{node.address}:{node.port}#{box_peer.key_text(node.public)}"

    def come(self, name, *options):
        return self.enterContext(come(name, self.url, "--mixes", self.net.file, *options))

    def assert_two_meet(self, *options):
        a, b = self.come("Alice", *options), self.come("Bob", *options)
        self.assert_meet(a, b)
        return a, b


class ThroughOne(Case):
    count = 1

    def test_two_meet(self):
        self.start(0)
        self.assert_two_meet()


class ThroughThree(LinkCase, Case):
    def test_two_meet_and_hear_what_it_costs(self):
        self.start(flags=("--interval", "100ms"))
        for program in self.assert_two_meet():
            program.wait_for_line("requests go through 3 of 3 mixes, about 0.", "err")

    def test_a_link(self):
        self.start()
        invitation, = self.create(self.url, "https://chat.example", "--mixes", self.net.file)
        self.assert_opens(invitation, "https://chat.example", "--mixes", self.net.file)

    def test_check(self):
        self.start()
        with Program("check", [BUILD / "client" / "reunion-client", "check", "--server", self.url,
                               "--mixes", self.net.file]) as program:
            self.assertEqual(program.wait_for_end(), 0, program.transcript())
            program.wait_for_line("good   server", "out")

    def test_cover(self):
        self.start()
        self.assert_two_meet("--cover", "1")


class ThroughFive(Case):
    count = 5

    def test_two_meet(self):
        self.start()
        self.assert_two_meet()

    def test_a_route_of_five(self):
        self.start()
        self.assert_two_meet("--route", "mix4,mix2,mix0,mix1,mix3")

    def test_one_is_killed_and_comes_back(self):
        started = self.start()
        a = self.come("Alice")
        a.wait_for_line("waiting for others")
        started[3].process.kill()
        started[3].wait_for_end()
        b = self.come("Bob")
        self.assert_meet(a, b)
        a.wait_for_line("the mix mix3 does not answer", "err")
        self.start(3)
        a.wait_for_line("the mix mix3 answers again", "err")


class Hosts(unittest.TestCase):
    """Each mix, the server and each client is a host of its own."""

    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory(prefix="reunion-"))

    def serve(self, host, address):
        """Returns: its key."""
        server = self.enterContext(host.program(
            "server", BUILD / "server" / "reunion-server", "--listen", "127.0.0.1:0",
            "--metrics-listen", "none", "--db", f"{self.folder}/reunion.db", "--box-packets",
            f"{address}:5443"))
        key = server.wait_for_line("serving=box-packets", "err").text.split(" key=")[1]
        server.wait_for_line('event="ready"', "err")
        self.addCleanup(server.stop)
        return key

    def test_five_percent_are_lost(self):
        hosts = self.enterContext(local_network(self, 6, loss=MESH_LOSS, dup=0.1, delay=1,
                                                jitter=20))
        net = mixes.Net(self.folder, 0)
        for number in range(3):
            net.add(f"mix{number}", f"10.78.0.{number + 1}", mixes.FIRST_PORT)
        key = self.serve(hosts[3], "10.78.0.4")
        net.add_server(("10.78.0.4", 5443), box_peer.key_of_text(key))
        for number in range(3):
            mix = self.enterContext(hosts[number].program(
                f"mix {number}", mixes.PROGRAM, "--net", net.file, "--state", net.state(number),
                "--listen", f"10.78.0.{number + 1}:{mixes.FIRST_PORT}", "--metrics-listen", "none",
                *mixes.QUICK))
            mix.wait_for_line('event="ready"')
        url = f"box+udp://10.78.0.4:5443#{key}"
        a, b = (self.enterContext(host.program(
            name, BUILD / "client" / "reunion-client", "--duration", 600, "--msg", f"from {name}",
            "--passphrase", "jelly", "--server", url, "--mixes", net.file))
            for name, host in (("Alice", hosts[4]), ("Bob", hosts[5])))
        a.wait_for_line("from Bob", "out")
        b.wait_for_line("from Alice", "out")
        self.assertEqual((revealed(a.lines), revealed(b.lines)), (["from Bob"], ["from Alice"]))


if __name__ == "__main__":
    unittest.main(verbosity=2)
