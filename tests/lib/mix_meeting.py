"""Our clients at a server of packets behind mixes of Python: what tests of them share."""

import unittest

import box_packet_server
import mix_peer
from meeting import MeetingCase, come


class Case(MeetingCase, unittest.TestCase):
    """Each test has a server of its own, so that those of others are not met."""

    def setUp(self):
        self.server = self.enterContext(box_packet_server.server())

    def chain(self, count, **options):
        """Mixes, with a door before the server."""
        self.door = self.enterContext(mix_peer.Door(self.server))
        return self.enterContext(mix_peer.Chain(count, self.door.node, **options))

    def come(self, name, chain, *options, url=None):
        return self.enterContext(come(name, url or self.door.url, "--mixes", chain.path, *options))

    def assert_two_meet(self, chain, *options, url=None):
        a = self.come("Alice", chain, *options, url=url)
        b = self.come("Bob", chain, *options, url=url)
        self.assert_meet(a, b)
        return a, b

    def assert_all_came_from(self, mixes):
        """And in short requests."""
        self.assertTrue(self.door.came)
        self.assertLessEqual({port for port, _ in self.door.came}, {mix.port for mix in mixes})
        self.assertEqual({size for _, size in self.door.came}, {894})
