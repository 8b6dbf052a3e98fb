"""Real mixes and a real server, and an independent client that goes through them."""

import tempfile
import unittest

import box_packet_peer as packets
import box_packet_server
import mixes
import rendezvous


class Mixes(unittest.TestCase):
    count = 3
    flags = ()

    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory())
        self.net = mixes.Net(self.folder, self.count)
        self.nodes = self.net.nodes

    def start(self, *which, flags=()):
        return [self.enterContext(mixes.Mix(self.net, i, *self.flags, *flags))
                for i in (which or range(self.count))]

    def server(self):
        """A server that is on the list. Returns: it, and its Node."""
        server = self.enterContext(box_packet_server.server())
        return server, self.net.add_server(*box_packet_server.address_of(server))

    def client(self, first=0, **named):
        return self.enterContext(mixes.Client(self.nodes[first], **named))


class Exchanges(Mixes):
    count = 5

    def test_requests_and_answers_through_one_to_five_mixes(self):
        server, node = self.server()
        self.start()
        client = self.client()
        told = server.get("/v1/server").json()
        for count in range(1, self.count + 1):
            out = self.nodes[:count]
            back = [*reversed(self.nodes[1:count]), self.nodes[0]]
            end, a = client.ask(node, bytes([packets.DESCRIBE]), out, back)
            self.assertEqual(client.answer(end, a).description()["salt"].hex(), told["salt"])

    def test_the_answer_goes_where_the_clients_newest_packet_came_from(self):
        _, node = self.server()
        self.start(0)
        one = [self.nodes[0]]
        client = self.client()
        moved = self.client(own=client.session.own)
        for each in (client, moved, client):
            end, a = each.ask(node, bytes([packets.DESCRIBE]), one, one)
            self.assertEqual(each.answer(end, a).status, packets.SUCCESS)

    def test_a_t1_that_is_posted_through_mixes_is_there(self):
        server, node = self.server()
        self.start()
        client = self.client()
        identity = rendezvous.Identity()
        end, a = client.ask(node, packets.post_t1(identity.key, identity.t1), self.nodes[:3],
                            [self.nodes[3], self.nodes[4], self.nodes[0]])
        bucket = client.answer(end, a).bucket()
        stored = server.get(f"/v1/t1/{identity.id.hex()}")
        self.assertEqual(stored.body, identity.t1)
        self.assertEqual(bucket.count, 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
