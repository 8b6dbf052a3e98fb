"""The independent model of the mix chain (lib/sphinx.py) against the known answers, so that what
other tests hold against the programs is what the specification says."""

import json
import os
import pathlib
import unittest

import box_packet_peer
import sphinx
from box_peer import KeyPair

FILE = json.loads((pathlib.Path(__file__).resolve().parent / "datagrams.json").read_text())
ALL, MESSAGES = FILE["mix"], FILE["groups"]["messages"]
known = bytes.fromhex


def hops_of(entry):
    return [(known(hop["mix_public"]), sphinx.Command.decode(known(hop["command"])))
            for hop in entry["hops"]]


def receive(secret, packet, window):
    """What one mix that has taken nothing yet does. Returns: the unwrapped packet, the content."""
    unwrapped = sphinx.unwrap(secret, packet)
    return unwrapped, sphinx.Taken().accept(unwrapped, window * sphinx.WINDOW_S)


class Primitives(unittest.TestCase):
    def test_derive_stream_mac_and_keys(self):
        for each in ALL["derive"]:
            self.assertEqual(sphinx.derive(known(each["secret"]), known(each["alpha"]),
                                           each["label"], each["length"]).hex(), each["result"])
        for each in ALL["stream"]:
            self.assertEqual(sphinx.stream(known(each["key"]), each["length"]).hex(),
                             each["result"])
        for each in ALL["mac"]:
            self.assertEqual(sphinx.mac(known(each["key"]), known(each["data"])).hex(),
                             each["result"])
        for each in ALL["surb_key"]:
            self.assertEqual(sphinx.surb_key(known(each["k"])).hex(), each["key"])
        for each in ALL["handles"]:
            self.assertEqual(sphinx.handle(known(each["client_session_public"])).hex(),
                             each["handle"])

    def test_wide(self):
        for each in ALL["wide"]:
            key, block, result = (known(each[name]) for name in ("key", "block", "result"))
            self.assertEqual(sphinx.wide(key, block), result)
            self.assertEqual(sphinx.wide_inverse(key, result), block)


class Packets(unittest.TestCase):
    def test_they_are_made_and_unwrapped(self):
        for entry in ALL["packets"]:
            packet = sphinx.make_packet(hops_of(entry), known(entry["content"]),
                                        known(entry["x"]), known(entry["random_padding"]))
            self.assertEqual(packet.hex(), entry["packet"])
            for hop in entry["hops"]:
                unwrapped, content = receive(known(hop["mix_secret"]), packet, entry["window"])
                self.assertEqual(unwrapped.command.encode().hex(), hop["command"])
                self.assertEqual(unwrapped.tag.hex(), hop["tag"])
                packet = unwrapped.packet
                if hop["sent_packet"] is not None:
                    self.assertEqual(packet.hex(), hop["sent_packet"])
            self.assertEqual(sphinx.content_of(unwrapped.payload).hex(), entry["content"])
            self.assertIn(content.hex(), ("", entry["content"]))

    def test_what_must_be_dropped_is(self):
        count = 0
        for entry in ALL["packets"]:
            for refused in entry["refused"]:
                secret = known(entry["hops"][refused["hop"]]["mix_secret"])
                with self.assertRaises(sphinx.Dropped, msg=refused["why"]):
                    receive(secret, known(refused["packet"]), refused["window"])
                count += 1
        self.assertGreater(count, 50)

    def test_what_is_not_looked_at_is_taken(self):
        for entry in ALL["packets"]:
            for taken in entry["also_taken"]:
                unwrapped, _ = receive(known(entry["hops"][-1]["mix_secret"]),
                                       known(taken["packet"]), entry["window"])
                self.assertEqual(sphinx.content_of(unwrapped.payload).hex(), entry["content"])

    def test_replays_are_dropped(self):
        for entry in ALL["replays"]:
            mix, secret = sphinx.Taken(), known(entry["mix_secret"])
            for step in entry["steps"]:
                packet, now = known(step["packet"]), step["unix_time"]
                if step["taken"]:
                    mix.accept(sphinx.unwrap(secret, packet), now)
                else:
                    with self.assertRaises(sphinx.Dropped, msg=step["why"]):
                        mix.accept(sphinx.unwrap(secret, packet), now)


class Surbs(unittest.TestCase):
    def test_they_are_made_used_and_opened(self):
        for entry in ALL["surbs"]:
            first = sphinx.Node(b"", sphinx.address_text(known(entry["first_address"])),
                                entry["first_port"])
            surb, secrets = sphinx.make_surb(first, hops_of(entry), known(entry["x"]),
                                             known(entry["random_padding"]), known(entry["k"]))
            self.assertEqual(surb.hex(), entry["surb"])
            self.assertEqual(secrets.last_alpha.hex(), entry["last_alpha"])
            self.assertEqual([key.hex() for key in secrets.payload_keys], entry["payload_keys"])
            address, port, packet = sphinx.use_surb(surb, known(entry["content"]))
            self.assertEqual((address.hex(), port), (entry["first_address"], entry["first_port"]))
            self.assertEqual(packet.hex(), entry["packet"])
            for hop in entry["hops"]:
                unwrapped, _ = receive(known(hop["mix_secret"]), packet, entry["window"])
                packet = unwrapped.packet
            self.assertEqual(unwrapped.payload.hex(), entry["delivered_payload"])
            self.assertEqual(secrets.open(unwrapped.payload).hex(), entry["content"])
            for refused in entry["refused_payloads"]:
                with self.assertRaises(sphinx.Dropped, msg=refused["why"]):
                    secrets.open(known(refused["payload"]))


class Exchange(unittest.TestCase):
    """A request through three mixes, and its answer through three."""

    def setUp(self):
        self.entry, = ALL["exchanges"]
        self.mixes = [sphinx.Node(known(each["public"]),
                                  sphinx.address_text(known(each["address"])), each["port"])
                      for each in self.entry["mixes"]]
        self.client = KeyPair(self.field("client_session_secret"))

    def field(self, name):
        return known(self.entry[name])

    def along(self, name):
        return [self.mixes[i] for i in self.entry[name]]

    def surb(self):
        back, window = self.along("route_back"), self.entry["window"]
        hops = sphinx.route(back, window, sphinx.REPLY, sphinx.handle(self.client.public))
        return sphinx.make_surb(back[0], hops, self.field("surb_x"),
                                self.field("surb_random_padding"), self.field("surb_k"))

    def walk(self, packet, legs, route):
        """Through the mixes of a route. Returns: what the last one has."""
        for leg, place in zip(self.entry[legs], self.entry[route], strict=True):
            self.assertEqual(packet.hex(), leg["packet"])
            session = box_packet_peer.Session(known(leg["to_public"]),
                                              KeyPair(known(leg["session_secret"])))
            datagram, _ = sphinx.mix_request(session, packet, a=known(leg["a"]))
            self.assertEqual(datagram.hex(), leg["datagram"])
            unwrapped, content = receive(known(self.entry["mixes"][place]["secret"]), packet,
                                         self.entry["window"])
            packet = unwrapped.packet
        return unwrapped, content

    def test_each_datagram_is_as_it_should_be(self):
        surb, secrets = self.surb()
        self.assertEqual(surb, self.field("surb"))
        end = box_packet_peer.Session(self.field("server_public"),
                                      KeyPair(self.field("end_session_secret")))
        whole, a = end.request(self.field("q"), box_packet_peer.SHORT, self.field("end_a"))
        request = whole[:sphinx.REQUEST_BYTES]
        self.assertEqual(request, self.field("request_core"))
        server = sphinx.Node(end.own.public, sphinx.address_text(self.field("server_address")),
                             self.entry["server_port"])
        content = sphinx.exit_content(surb, server, request)
        self.assertEqual(content, self.field("content"))
        hops = sphinx.route(self.along("route_out"), self.entry["window"], sphinx.EXIT)
        packet = sphinx.make_packet(hops, content, self.field("x"), self.field("random_padding"))
        _, arrived = self.walk(packet, "legs_out", "route_out")
        self.assertEqual(sphinx.exit_parts(arrived),
                         (surb, self.field("server_address"), server.port, request))
        address, port, packet = sphinx.use_surb(surb, self.field("server_datagram"))
        self.assertEqual(address + port.to_bytes(2, "big"), self.along("route_back")[0].endpoint)
        delivered, _ = self.walk(packet, "legs_back", "route_back")
        self.assertEqual((delivered.alpha, delivered.payload, delivered.command.address),
                         (self.field("reply_alpha"), self.field("reply_payload"),
                          self.field("client_handle")))
        self.assertEqual(delivered.alpha, secrets.last_alpha)
        answer = secrets.open(delivered.payload)
        self.assertEqual(answer, self.field("server_datagram"))
        self.assertEqual(end.open_answer(answer, a, box_packet_peer.SHORT), self.field("p"))

    def test_the_delivery_opens(self):
        leg = self.entry["legs_out"][0]
        session = box_packet_peer.Session(known(leg["to_public"]), self.client)
        p = session.open_answer(self.field("reply_datagram"), known(leg["a"]))
        self.assertEqual(sphinx.delivery(p),
                         (self.field("reply_alpha"), self.field("reply_payload")))


class Own(unittest.TestCase):
    def test_addresses(self):
        for text in ("127.0.0.1", "203.0.113.5", "::1", "2001:db8::7"):
            self.assertEqual(sphinx.address_text(sphinx.packed_address(text)), text)
        self.assertEqual(sphinx.packed_address("1.2.3.4").hex(), 20 * "0" + "ffff01020304")

    def test_random_packets_pass_each_number_of_mixes(self):
        for count in range(1, sphinx.HOPS_MAX + 1):
            pairs = [KeyPair() for _ in range(count)]
            mixes = [sphinx.Node(pair.public, "127.0.0.1", i) for i, pair in enumerate(pairs)]
            content = os.urandom(sphinx.EXIT_BYTES)
            packet = sphinx.make_packet(sphinx.route(mixes, 7, sphinx.EXIT), content)
            for pair in pairs:
                self.assertEqual(len(packet), sphinx.PACKET_BYTES)
                unwrapped, found = receive(pair.secret, packet, 7)
                packet = unwrapped.packet
            self.assertEqual(found, content)


class Divided(unittest.TestCase):
    def test_contents_copies_and_deliveries(self):
        for message in MESSAGES:
            content = known(message["divide_content"])
            division = sphinx.Division.decode(content)
            self.assertEqual(division.encode(), content)
            server = KeyPair(known(message["server_secret"]))
            for i, each in enumerate(message["divided"]):
                copy = division.copy(i, known(each["copy_secret"]))
                body = division.delivery(i, copy, known(each["delivery_secret"]))
                self.assertEqual(copy.hex(), each["copy"])
                self.assertEqual(body.hex(), each["delivery"])
                mailbox, token, again = sphinx.open_copy_delivery(body, server)
                wanted = message["recipients"][i]
                self.assertEqual((mailbox.hex(), token.hex(), again),
                                 (wanted["mailbox_id"], wanted["token"], copy))
                if not wanted["filler"]:
                    opened, t = sphinx.open_copy(copy, known(message["key"]["secret"]),
                                                 known(message["key"]["public"]))
                    self.assertEqual((opened, t.hex()), (division.message, message["t"]))

    def test_refused_contents(self):
        for message in MESSAGES:
            for refused in message["refused_divide_contents"]:
                with self.assertRaises(sphinx.Dropped, msg=refused["why"]):
                    division = sphinx.Division.decode(known(refused["content"]))
                    division.delivery(0, division.copy(0))


if __name__ == "__main__":
    unittest.main(verbosity=2)
