"""What tests of real mixes have in common."""

import tempfile
import unittest

import box_packet_peer as packets
import box_packet_server
import mixes


class Mixes(unittest.TestCase):
    """`count` mixes with keys, of which tests start those that they need."""

    count = 3
    hosts = None  # addresses of the mixes; or all have one

    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory())
        self.net = mixes.Net(self.folder, self.count, hosts=self.hosts)
        self.nodes = self.net.nodes

    def start(self, *which, flags=(), env=None):
        """Returns: a mix, or all of them."""
        found = [self.enterContext(mixes.Mix(self.net, i, *flags, env=env))
                 for i in (which or range(self.count))]
        return found[0] if len(which) == 1 else found

    def server(self):
        """A server that is on the list. Returns: it, and its Node."""
        server = self.enterContext(box_packet_server.server())
        return server, self.net.add_server(*box_packet_server.address_of(server))

    def sink(self, listed=True):
        """A server of this test."""
        sink = self.enterContext(mixes.Sink())
        if listed:
            self.net.add_server(sink.socket.getsockname(), sink.keys.public,
                                f"sink{len(self.net.servers)}")
        return sink

    def other_mix(self, listed=True):
        """A mix of this test."""
        sink = self.enterContext(mixes.Sink())
        if listed:
            self.net.mixes.append({"name": f"sink{len(self.net.mixes)}",
                                   "address": f"127.0.0.1:{sink.node.port}",
                                   "key": mixes.box_peer.key_text(sink.keys.public)})
            self.net.write()
        return sink

    def client(self, first=0, **named):
        return self.enterContext(mixes.Client(self.nodes[first], **named))

    def pass_by(self, client, sink):
        """Return when what the client sent before has had its effects, if it has any: two requests
        to the sink, one after the other. Returns: the requests that the sink got before."""
        found = []
        for _ in range(2):
            _, a = client.ask(sink.node, bytes([packets.DESCRIBE]), [client.first], [client.first])
            while (datagram := sink.receive()[0])[32:48] != a:
                found.append(datagram)
        return found
