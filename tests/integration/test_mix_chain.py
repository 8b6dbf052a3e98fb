"""Real mixes and a real server, and an independent client that goes through them."""

import unittest

import box_packet_peer as packets
import mix_case
import rendezvous
import sphinx


class Chain(mix_case.Mixes):
    count = 5

    def test_requests_and_answers_through_one_to_five_mixes(self):
        server, node = self.server()
        self.start()
        client = self.client()
        shown = server.get("/v1/server").json()
        for count in range(1, self.count + 1):
            out = self.nodes[:count]
            back = [*reversed(self.nodes[1:count]), self.nodes[0]]
            end, a = client.ask(node, bytes([packets.DESCRIBE]), out, back)
            self.assertEqual(client.answer(end, a).description()["salt"].hex(), shown["salt"])

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


class AddressesOfTheirOwn(mix_case.Mixes):
    """What a mix sends comes from the address that it listens on, whichever the system would
    choose; so servers' answers find it there."""

    hosts = ("127.0.0.2", "127.0.0.3", "127.0.0.4")

    def test_each_mix_is_an_exit(self):
        _, node = self.server()
        sink = self.sink()
        self.start()
        for i, exit_node in enumerate(self.nodes):
            client = self.client(i)
            out = [exit_node, self.nodes[i - 1], exit_node]
            back = [self.nodes[i - 2], exit_node]
            end, a = client.ask(node, bytes([packets.DESCRIBE]), out, back)
            self.assertEqual(client.answer(end, a).status, packets.SUCCESS)
            client.ask(sink.node, bytes([packets.DESCRIBE]), out, [exit_node])
            self.assertEqual(sink.receive()[1], (self.hosts[i], exit_node.port))


class OneMix(mix_case.Mixes):
    count = 1

    def test_the_answer_goes_where_the_clients_newest_packet_came_from(self):
        _, node = self.server()
        self.start(0)
        client = self.client()
        moved = self.client(own=client.session.own)
        for each in (client, moved, client):
            end, a = each.ask(node, bytes([packets.DESCRIBE]), self.nodes, self.nodes)
            self.assertEqual(each.answer(end, a).status, packets.SUCCESS)

    def test_cover_counts_as_the_newest_packet(self):
        sink = self.sink()
        self.start(0)
        client = self.client()
        moved = self.client(own=client.session.own)
        moved.surbs = client.surbs
        client.ask(sink.node, bytes([packets.DESCRIBE]), self.nodes, self.nodes)
        _, exit_address = sink.receive()
        moved.send_cover()
        self.pass_by(self.client(), sink)
        client.ask(sink.node, b"x", self.nodes, self.nodes)
        request, _ = sink.receive()
        moved.send_cover()
        self.pass_by(self.client(), sink)
        answer = request[32:48] + bytes(packets.SHORT - 16)
        sink.socket.sendto(answer, exit_address)
        self.assertEqual(moved.receive(), answer)

    def test_over_ipv6(self):
        self.net.add("six", "::1", 5600)
        self.net.write()
        _, node = self.server()
        self.start(1, flags=("--listen", "127.0.0.1:5601"))
        six = [self.nodes[1]]
        client = self.client(1, host="::1")
        end, a = client.ask(node, bytes([packets.DESCRIBE]), six, six)
        self.assertEqual(client.answer(end, a).status, packets.SUCCESS)


class Sizes(mix_case.Mixes):
    count = 2

    def test_every_datagram_has_the_size_that_the_specification_says(self):
        """Towards mixes and clients 1232 bytes, towards a server 894; and what goes to a mix opens
        with its key, is no longer the packet that came, and has a filling that is fresh."""
        sink, mix = self.sink(), self.other_mix()
        self.start(0)
        client = self.client()
        request = bytes(range(256)) * 2
        end, a = client.ask(sink.node, request, [self.nodes[0]], [mix.node, self.nodes[0]])
        asked, exit_address = sink.receive()
        self.assertEqual(len(asked), packets.SHORT)
        self.assertEqual(asked[:32], end.own.public)
        sink.socket.sendto(asked[32:48] + bytes(packets.SHORT - 16), exit_address)
        window = client.window
        while True:
            datagram, came_from = mix.receive()
            self.assertEqual(len(datagram), packets.LONG)
            self.assertEqual(came_from, exit_address)
            unwrapped = sphinx.unwrap(mix.keys.secret, mix.open(datagram))
            # Cover never leads back to the mix that made it.
            if unwrapped.command.port == self.nodes[0].port:
                break
        self.assertEqual(unwrapped.command.kind, sphinx.FORWARD)
        self.assertIn(unwrapped.command.window, (window, window + 1))
        client.send(unwrapped.packet)
        content = client.receive()
        self.assertEqual(content, asked[32:48] + bytes(packets.SHORT - 16))

    def test_fillings_differ(self):
        sink = self.sink()
        self.start(0)
        client = self.client()
        fillings = set()
        for _ in range(3):
            client.ask(sink.node, b"x", self.nodes[:1], self.nodes[:1])
            fillings.add(sink.receive()[0][sphinx.REQUEST_BYTES:])
        self.assertEqual(len(fillings), 3)


class Cover(mix_case.Mixes):
    count = 2

    def cover_of(self, mix):
        """What comes next, which is cover, unwrapped."""
        return sphinx.unwrap(mix.keys.secret, mix.open(mix.receive()[0]))

    def test_an_idle_mix_sends_cover(self):
        mix = self.other_mix()
        self.start(0)
        kinds, sessions = set(), set()
        while kinds != {sphinx.DROP, sphinx.FORWARD}:
            datagram, _ = mix.receive()
            self.assertEqual(len(datagram), packets.LONG)
            sessions.add(datagram[:32])
            kinds.add(sphinx.unwrap(mix.keys.secret, mix.open(datagram)).command.kind)
        self.assertLessEqual(len(sessions), 2, "an EC for each window")

    def test_without_cover_an_idle_mix_is_silent_and_a_batch_is_filled_up(self):
        sink, mix = self.sink(), self.other_mix()
        self.start(0, flags=("--cover", "0"))
        client = self.client()
        client.send_cover()
        client.ask(sink.node, b"x", self.nodes[:1], self.nodes[:1])
        sink.receive()
        self.pass_by(client, sink)
        self.assertLessEqual(len(mix.all_that_came()), 3, "one for each batch of one")


if __name__ == "__main__":
    unittest.main(verbosity=2)
