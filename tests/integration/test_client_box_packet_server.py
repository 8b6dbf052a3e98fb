"""Clients at a reunion-server that answers packets of the box transport itself."""

import unittest

import box_packet_server
import box_peer
from link_program import LinkCase
from meeting import MeetingCase, come


class RealServer(LinkCase, MeetingCase, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = box_packet_server.server("--box-packets", "[::1]:0").start()
        (_, port), key = box_packet_server.address_of(cls.server)
        cls.key = box_peer.key_text(key)
        cls.url = f"box+udp://127.0.0.1:{port}#{cls.key}"

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()

    def test_two_meet(self):
        with come("Alice", self.url) as a, come("Bob", self.url) as b:
            self.assert_meet(a, b)

    def test_one_comes_by_http(self):
        with come("Alice", self.url) as a, come("Bob", self.server.url) as b:
            self.assert_meet(a, b)

    def test_in_a_place_by_version_6(self):
        line = self.server.program.wait_for_line("address=[::1]:", "err").text
        port = line.split("address=[::1]:")[1].split(" ")[0]
        with come("Alice", f"box+udp://[::1]:{port}#{self.key}", "--place", "café") as a, \
                come("Bob", self.url, "--place", "café") as b:
            self.assert_meet(a, b)

    def test_a_private_link(self):
        invitation, = self.create(self.url, "https://chat.example")
        self.assert_opens(invitation, "https://chat.example")

    def test_a_server_that_is_started_anew_while_somebody_waits(self):
        with box_packet_server.server() as server:
            (_, port), key = box_packet_server.address_of(server)
            url = f"box+udp://127.0.0.1:{port}#{box_peer.key_text(key)}"
            with come("Alice", url) as a:
                a.wait_for_line("waiting for others")
                server.flags = ("--box-packets", f"127.0.0.1:{port}")
                server.restart()
                with come("Bob", url) as b:
                    self.assert_meet(a, b)


if __name__ == "__main__":
    unittest.main(verbosity=2)
