"""What a mix does not do, whatever it is sent: it takes nothing twice, is no open relay, and says
nothing about what it drops."""

import os
import unittest

import box_packet_peer as packets
import mix_case
import mixes
import sphinx



class Attacks(mix_case.Mixes):
    count = 2

    def setUp(self):
        super().setUp()
        self.listed = self.sink()
        self.mix = self.start(0)
        self.attacker = self.client()
        self.honest = self.client()
        self.one = self.nodes[:1]

    def good(self, client=None, server=None, **named):
        """A packet for the exit, which would bring a request to a server."""
        client = client or self.attacker
        whole, _ = packets.Session((server or self.listed.node).public).request(b"x", packets.SHORT)
        content = sphinx.exit_content(named.get("surb") or client.surb(self.one),
                                      server or self.listed.node, whole[:sphinx.REQUEST_BYTES])
        hops = sphinx.route(self.one, named.get("window", client.window), sphinx.EXIT)
        return sphinx.make_packet(hops, content)

    def assert_dropped(self, why=None):
        """That what the attacker has sent leads to nothing: no request, and no answer to it."""
        self.assertEqual(self.pass_by(self.honest, self.listed), [], why)
        self.assertIsNone(self.attacker.receive(0.001), why)

    def send_raw(self, datagram, client=None):
        (client or self.attacker).socket.sendto(datagram, (self.one[0].address, self.one[0].port))

    def test_a_good_packet_is_taken_and_a_replay_is_not(self):
        datagram = self.attacker.send(self.good())
        self.assertEqual(len(self.listed.receive()[0]), packets.SHORT)
        self.send_raw(datagram)
        self.assert_dropped("the same datagram")

    def test_a_packet_is_not_taken_in_another_datagram_either(self):
        packet = self.good()
        self.attacker.send(packet)
        self.listed.receive()
        self.attacker.send(packet)
        self.assert_dropped("the same session")
        self.client().send(packet)
        self.assert_dropped("another session")

    def test_replays_with_another_payload_are_dropped(self):
        packet = self.good()
        self.attacker.send(packet)
        self.listed.receive()
        self.attacker.send(packet[:sphinx.HEADER_BYTES] + os.urandom(sphinx.PAYLOAD_BYTES))
        self.assert_dropped()

    def test_altered_packets_are_dropped(self):
        for at in (0, 31, 32, 47, 48, 71, 100, 247, 248, 700, 1159):
            packet = bytearray(self.good())
            packet[at] ^= 0x40
            self.attacker.send(bytes(packet))
            self.assert_dropped(at)

    def test_altered_datagrams_are_dropped(self):
        session = self.attacker.session
        for at in (0, 31, 32, 47, 48, 63, 64, 1231):
            datagram = bytearray(sphinx.mix_request(session, self.good())[0])
            datagram[at] ^= 1
            self.send_raw(bytes(datagram))
            self.assert_dropped(at)

    def test_other_sizes_ops_and_rubbish_are_dropped(self):
        session = self.attacker.session
        whole = sphinx.mix_request(session, self.good())[0]
        short, _ = session.request(b"\x20" + bytes(500), packets.SHORT)
        for why, datagram in (
                ("empty", b""), ("a byte less", whole[:-1]), ("a byte more", whole + b"x"),
                ("twice", whole * 2), ("random", os.urandom(packets.LONG)),
                ("random, short", os.urandom(packets.SHORT)), ("a short request", short),
                ("small order", bytes(32) + whole[32:]),
                ("another op", session.request(b"\x01" + self.good())[0]),
                ("no packet", session.request(b"\x20")[0]),
                ("a byte short", session.request(b"\x20" + self.good()[:-1])[0]),
                ("for another mix", packets.Session(self.nodes[1].public, session.own).request(
                    b"\x20" + self.good())[0])):
            self.send_raw(datagram)
            self.assert_dropped(why)

    def test_windows_that_are_not_taken(self):
        now = self.attacker.window
        for window in (0, now - 3, now + 3, 2 ** 32 - 1):
            self.attacker.send(self.good(window=window))
            self.assert_dropped(window)

    def test_other_kinds_are_dropped(self):
        for kind in (5, 127, 255):
            self.attacker.send(sphinx.make_packet(
                sphinx.route(self.one, self.attacker.window, kind), bytes(894)))
            self.assert_dropped(kind)
        self.attacker.send(sphinx.make_packet(
            sphinx.route(self.one, self.attacker.window, sphinx.EXIT), bytes(893)))
        self.assert_dropped("a content of another length")

    # No open relay

    def test_a_server_that_is_not_on_the_list_gets_nothing(self):
        other = self.sink(listed=False)
        self.attacker.send(self.good(server=other.node))
        self.assert_dropped()
        # Another port of one that is.
        node = sphinx.Node(self.listed.node.public, "127.0.0.1", self.nodes[1].port)
        self.attacker.send(self.good(server=node))
        self.assert_dropped()
        self.assertEqual(other.all_that_came(), [])

    def test_a_mix_that_is_not_on_the_list_gets_nothing(self):
        other = self.other_mix(listed=False)
        hops = sphinx.route([self.nodes[0], other.node], self.attacker.window, sphinx.DROP)
        self.attacker.send(sphinx.make_packet(hops))
        self.assert_dropped()
        self.assertEqual(other.all_that_came(), [])

    def test_a_server_gets_nothing_as_if_it_were_a_mix(self):
        hops = sphinx.route([self.nodes[0], self.listed.node], self.attacker.window, sphinx.DROP)
        self.attacker.send(sphinx.make_packet(hops))
        self.assert_dropped()

    def test_answers_by_a_surb_go_to_mixes_on_the_list_alone(self):
        other = self.other_mix(listed=False)
        surb = self.attacker.surb([other.node])
        self.attacker.send(self.good(surb=surb))
        request, exit_address = self.listed.receive()
        self.listed.socket.sendto(request[32:48] + bytes(packets.SHORT - 16), exit_address)
        self.assert_dropped()
        self.assertEqual(other.all_that_came(), [])

    def test_nobody_is_delivered_to_who_has_not_sent(self):
        victim = self.enterContext(mixes.Client(self.nodes[0]))
        hops = sphinx.route(self.one, self.attacker.window, sphinx.REPLY, victim.handle)
        self.attacker.send(sphinx.make_packet(hops, b"spam"))
        self.assert_dropped()
        self.assertIsNone(victim.receive(0.001))

    def test_who_sent_nothing_that_was_taken_is_not_delivered_to(self):
        """A datagram that was recorded and comes from elsewhere moves nobody's answers."""
        datagram = self.attacker.send(self.good())
        self.listed.receive()
        thief = self.enterContext(mixes.Client(self.nodes[0], own=self.attacker.session.own))
        self.send_raw(datagram, thief)
        surb = self.attacker.surb(self.one)
        _, _, packet = sphinx.use_surb(surb, b"for the attacker")
        self.pass_by(self.honest, self.listed)
        self.honest.send(packet)
        self.assertEqual(self.attacker.receive(), b"for the attacker")
        self.assertIsNone(thief.receive(0.001))

    # Answers

    def ask(self):
        """Returns: the request, and where its answer is awaited."""
        self.attacker.send(self.good())
        return self.listed.receive()

    def test_answers_of_others_are_ignored(self):
        request, exit_address = self.ask()
        answer = request[32:48] + os.urandom(packets.SHORT - 16)
        with mixes.Sink() as other:
            other.socket.sendto(answer, exit_address)
            self.assert_dropped("another port")
        self.listed.socket.sendto(os.urandom(16) + answer[16:], exit_address)
        self.assert_dropped("another a")
        self.listed.socket.sendto(answer[:-1], exit_address)
        self.assert_dropped("another size")
        self.listed.socket.sendto(answer, exit_address)
        self.assertEqual(self.attacker.receive(), answer)

    def test_a_second_answer_is_ignored(self):
        request, exit_address = self.ask()
        answer = request[32:48] + os.urandom(packets.SHORT - 16)
        for _ in range(2):
            self.listed.socket.sendto(answer, exit_address)
        self.assertEqual(self.attacker.receive(), answer)
        self.assert_dropped()

    def test_nothing_of_it_is_in_the_log(self):
        self.attacker.send(self.good())
        self.listed.receive()
        self.attacker.send(os.urandom(sphinx.PACKET_BYTES))
        self.assert_dropped()
        port = str(self.attacker.socket.getsockname()[1])
        self.mix.stop()
        self.assertNotIn(port, self.mix.transcript())


class Lists(mix_case.Mixes):
    count = 1

    def test_a_net_file_that_is_read_again_counts(self):
        mix, listed = self.start(0), self.sink()
        client = self.client()
        mix.reread()
        mix.wait_for_line('servers=1')
        client.ask(listed.node, b"x", self.nodes, self.nodes)
        listed.receive()
        later = self.sink()
        self.net.file.write_text("{}")
        mix.reread()
        mix.wait_for_line("the net stays as it was")
        client.ask(later.node, b"x", self.nodes, self.nodes)
        self.pass_by(client, listed)
        self.assertEqual(later.all_that_came(), [])
        self.net.write()
        mix.reread()
        mix.wait_for_line("servers=2")
        client.ask(later.node, b"x", self.nodes, self.nodes)
        later.receive()

    def test_mixes_that_do_not_know_each_other(self):
        """The first one's list has the second; that one's has not the first."""
        sink = self.sink()
        other = mixes.Net(self.folder, 0)
        self.net.add("other", "127.0.0.1", 5600)
        other.file = self.net.folder / "other.json"
        other.mixes, other.servers = [self.net.mixes[1]], self.net.servers
        other.nodes = self.net.nodes
        self.net.write()
        other.write()
        self.start(0)
        self.enterContext(mixes.Mix(other, 1))
        client = self.client()
        client.ask(sink.node, b"x", self.nodes, [self.nodes[0]])
        request, exit_address = sink.receive()
        sink.socket.sendto(request[32:48] + bytes(packets.SHORT - 16), exit_address)
        self.assertEqual(self.pass_by(client, sink), [])
        self.assertIsNone(client.receive(0.001), "no way back")


class NewSenders(mix_case.Mixes):
    """An address that is not this machine's may begin so many sessions."""

    count = 1

    def test_this_machine_has_no_limit(self):
        sink = self.sink()
        self.start(0, flags=("--rate-new-max", "1"))
        for _ in range(4):
            self.client().ask(sink.node, b"x", self.nodes, self.nodes)
            sink.receive()


if __name__ == "__main__":
    unittest.main(verbosity=2)
