"""Packets of kind 4 at real mixes: what the last one makes of a group's message, from the known
answers and into the mailboxes of a real server."""

import json
import os
import pathlib
import unittest

import box_packet_peer as packets
import box_packet_server
import box_peer
import mailbox_peer
import mix_case
import sphinx

KNOWN = pathlib.Path(__file__).resolve().parent.parent / "kat" / "datagrams.json"
MESSAGES = json.loads(KNOWN.read_text())["groups"]["messages"]
known = bytes.fromhex


def opened(datagram, keys):
    """A request of op 19. Returns: its session (as the server's end of it), a and body."""
    public, a = datagram[:32], datagram[32:48]
    session = packets.Session(public, keys)
    plain = packets.bindings.crypto_box_open_afternm(
        datagram[48:], packets.request_nonce(public, a), session.shared)
    q = packets.unpadded(plain)
    assert q[0] == sphinx.OP_DELIVER and len(q) == 1 + sphinx.COPY_DELIVERY_BYTES, q[:1]
    return session, a, q[1:]


def answer(session, a, status=packets.SUCCESS):
    b = os.urandom(16)
    box = packets.bindings.crypto_box_afternm(
        packets.padded(bytes([status]), packets.BOX_BYTES[packets.LONG] - packets.TAG_BYTES),
        packets.answer_nonce(a, b), session.shared)
    return a + b + box


class Division(mix_case.Mixes):
    count = 3

    def send(self, client, division, route=None):
        content = division if isinstance(division, bytes) else division.encode()
        client.send(sphinx.make_packet(
            sphinx.route(route or self.nodes, client.window, sphinx.DIVIDE), content))

    def receive_copies(self, sink, count=sphinx.RECIPIENTS):
        """As a server that answers each: until so many different ones are there. Returns: bodies,
        whence they came, and their sessions."""
        found, froms = {}, set()
        while len(found) < count:
            datagram, came_from = sink.receive()
            self.assertEqual(len(datagram), packets.LONG)
            session, a, body = opened(datagram, sink.keys)
            sink.socket.sendto(answer(session, a), came_from)
            found.setdefault(body, datagram[:32])
            froms.add(came_from)
        return list(found), froms, list(found.values())

    def known_division(self, message, sink):
        """A known message for the server of this test, which has the known key."""
        division = sphinx.Division.decode(known(message["divide_content"]))
        division.address = sphinx.packed_address("127.0.0.1")
        division.port = sink.node.port
        return division

    def known_sink(self, message):
        sink = self.enterContext(mix_case.mixes.Sink())
        sink.keys = box_peer.KeyPair(known(message["server_secret"]))
        sink.node.public = sink.keys.public
        return sink

    def test_known_messages(self):
        sinks = [self.known_sink(message) for message in MESSAGES]
        for i, sink in enumerate(sinks):
            self.net.add_server(sink.socket.getsockname(), sink.keys.public, f"known{i}")
        self.start()
        client = self.client()
        for message, sink in zip(MESSAGES, sinks, strict=True):
            division = self.known_division(message, sink)
            self.send(client, division)
            bodies, froms, sessions = self.receive_copies(sink)
            self.assertEqual(froms, {("127.0.0.1", self.nodes[-1].port)})
            self.assertEqual(len(set(sessions)), sphinx.RECIPIENTS)
            self.assert_of(message, division, [sphinx.open_copy_delivery(body, sink.keys)
                                               for body in bodies])

    def assert_of(self, message, division, received):
        self.assertEqual(sorted(token for _, token, _ in received),
                         sorted(token for token, _ in division.recipients))
        wanted = {each["token"]: each for each in message["recipients"]}
        for mailbox, token, copy in received:
            recipient = wanted[token.hex()]
            self.assertEqual(mailbox.hex(), recipient["mailbox_id"])
            self.assertEqual(copy[:32], token[:16] + known(recipient["u"]))
            if not recipient["filler"]:
                opened_m, t = sphinx.open_copy(copy, known(message["key"]["secret"]),
                                               known(message["key"]["public"]))
                self.assertEqual((opened_m, t.hex()), (division.message, message["t"]))

    def test_what_is_refused(self):
        message = MESSAGES[0]
        sink = self.known_sink(message)
        other = self.sink(listed=False)
        self.net.add_server(sink.socket.getsockname(), sink.keys.public)
        listed = self.sink()
        self.start(0)
        client, honest = self.client(), self.client()
        good = self.known_division(message, sink)
        for why, content in (
                ("a byte less", good.encode()[:-1]), ("a byte more", good.encode() + b"x"),
                ("nothing", b""), ("as long as may be", good.encode() + bytes(28)),
                ("no point", self.changed(good, server_public=bytes(32))),
                ("no point to seal to", self.changed(good, blinded=bytes(32))),
                ("another key", self.changed(good, server_public=listed.keys.public)),
                ("no such server", self.changed(good, port=other.node.port)),
                ("a mix", self.changed(good, port=self.nodes[1].port)),
                ("an address of zeros", self.changed(good, address=bytes(16)))):
            self.send(client, content, self.nodes[:1])
            self.assertEqual(self.pass_by(honest, listed), [], why)
            self.assertEqual(sink.all_that_came() + other.all_that_came(), [], why)
        self.send(client, good, self.nodes[:1])
        self.receive_copies(sink)

    def changed(self, division, **what):
        return sphinx.dataclasses.replace(division, **what).encode()

    def test_what_is_not_answered_comes_again(self):
        message = MESSAGES[0]
        sink = self.known_sink(message)
        self.net.add_server(sink.socket.getsockname(), sink.keys.public)
        self.start(0)
        self.send(self.client(), self.known_division(message, sink), self.nodes[:1])
        seen, numbers = {}, set()
        while len(seen) < sphinx.RECIPIENTS or min(seen.values()) < 2:
            datagram, came_from = sink.receive()
            session, a, body = opened(datagram, sink.keys)
            self.assertNotIn(a, numbers)
            numbers.add(a)
            seen[body] = seen.get(body, 0) + 1
            if seen[body] > 1:
                sink.socket.sendto(answer(session, a), came_from)
        self.assertEqual(len(seen), sphinx.RECIPIENTS)


class IntoMailboxes(mix_case.Mixes):
    """A real server keeps what a real mix delivers."""

    count = 3

    def test_a_message_reaches_its_mailboxes(self):
        server = self.enterContext(box_packet_server.server("--mailboxes", "8"))
        node = self.net.add_server(*box_packet_server.address_of(server))
        self.start()
        peer = self.enterContext(box_packet_server.peer_of(server))
        reader = mailbox_peer.OverPackets(peer)
        keys = [os.urandom(32) for _ in range(3)]
        for key in keys:
            self.assertEqual(reader.open(key)[0], mailbox_peer.SUCCESS)
        message = MESSAGES[0]
        tokens = [mailbox_peer.token_for(key, node.public) for key in (*keys, os.urandom(32))]
        division = sphinx.Division(
            sphinx.packed_address(node.address), node.port, node.public,
            known(message["blinded_public"]), known(message["message"]),
            [(token, os.urandom(16)) for token in tokens])
        client = self.client()
        client.send(sphinx.make_packet(
            sphinx.route(self.nodes, client.window, sphinx.DIVIDE), division.encode()))
        for key, token in zip(keys, tokens):
            page = reader.read(key, wait=20)
            self.assertEqual(len(page.copies), 1)
            self.assertEqual(page.copies[0][:16], token[:16])


if __name__ == "__main__":
    unittest.main(verbosity=2)
