"""Clients that reach servers through a chain of mixes: two meet, hand over links, and nothing goes
to the server but from an exit."""

import json
import os
import socket
import unittest

from link_program import LinkCase, run
from meeting import come
from needed import lacks
from ours import BUILD
from programs import Program

try:
    import box_packet_server
    import box_peer
    import mix_peer
    import sphinx
    from mix_meeting import Case
    LACKING = None
except ModuleNotFoundError as error:
    Case = unittest.TestCase
    LACKING = f"{error} (Debian's package python3-nacl)"


def setUpModule():
    if LACKING:
        lacks(None, LACKING)


class Meetings(Case):
    def assert_meeting_through(self, count):
        chain = self.chain(count)
        a, b = self.assert_two_meet(chain)
        self.assert_all_came_from(chain.mixes)
        for mix in chain.mixes:
            self.assertLessEqual(mix.sizes, {1232, 894})
            self.assertEqual(mix.dropped, [])
            self.assertTrue(mix.kinds())
        exits = [mix for mix in chain.mixes if sphinx.EXIT in mix.kinds()]
        self.assertGreaterEqual(len(exits), min(count, 2))
        for program in a, b:
            program.wait_for_line(f"go through {min(count, 3)} of {count} mixes", "err")

    def test_through_three(self):
        self.assert_meeting_through(3)

    def test_through_one(self):
        self.assert_meeting_through(1)

    def test_through_two(self):
        self.assert_meeting_through(2)

    def test_through_five(self):
        self.assert_meeting_through(5)

    def test_the_servers_address_is_the_net_files(self):
        """Neither the name in the URL is looked up, nor does anything go to an address there."""
        chain = self.chain(3)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as trap:
            trap.bind(("127.0.0.1", 0))
            trap.setblocking(False)
            key = box_peer.key_text(self.door.node.public)
            port = trap.getsockname()[1]
            a = self.come("Alice", chain, url=f"box+udp://127.0.0.1:{port}#{key}")
            b = self.come("Bob", chain, url=f"box+udp://nowhere.invalid#{key}")
            self.assert_meet(a, b)
            self.assertRaises(BlockingIOError, trap.recv, 1)

    def test_whatever_way_the_others_come(self):
        chain = self.chain(3)
        a = self.come("Alice", chain)
        with come("Bob", self.server.url) as b:
            self.assert_meet(a, b)

    def test_two_servers_in_one_run(self):
        with box_packet_server.server() as other:
            node = mix_peer.node_of(other)
            self.door = self.enterContext(mix_peer.Door(self.server))
            chain = self.enterContext(mix_peer.Chain(3, self.door.node, node))
            a = self.come("Alice", chain, "--server", mix_peer.url_of(node))
            a.wait_for("both servers", lambda lines: sum(
                "waiting for others" in line.text for line in lines) == 2)
            b = self.come("Bob", chain, url=mix_peer.url_of(node))
            self.assert_meet(a, b)

    def test_many_are_there(self):
        """Pages are shorter than without mixes."""
        chain = self.chain(3)
        for _ in range(10):
            self.assertEqual(self.server.post("/v1/t1", os.urandom(288), os.urandom(32)).status,
                             201)
        self.assert_two_meet(chain)

    def test_events(self):
        chain = self.chain(3)
        a = self.come("Alice", chain, "--json")
        line = a.wait_for_line('"mixes"', "out")
        event = json.loads(line.text)
        self.assertEqual((event["event"], event["route"], event["mixes"]), ("mixes", 3, 3))
        self.assertGreaterEqual(event["each_way_ms"], 0)

    def test_check(self):
        chain = self.chain(3)
        with Program("check", [BUILD / "client" / "reunion-client", "check", "--server",
                               self.door.url, "--mixes", chain.path]) as program:
            self.assertEqual(program.wait_for_end(), 0, program.transcript())
            program.wait_for_line("good   server", "out")
            program.wait_for_line("go through 3 of 3 mixes", "err")
        self.assert_all_came_from(chain.mixes)


class Routes(Case):
    def test_a_route_is_kept(self):
        """Clients send to its first mix alone, and its last one is the only exit."""
        chain = self.chain(5)
        self.assert_two_meet(chain, "--route", "m3,m0,m4")
        kinds = {mix.name: set(mix.kinds()) for mix in chain.mixes}
        self.assertEqual(kinds, {"m0": {sphinx.FORWARD}, "m1": set(), "m2": set(),
                                 "m3": {sphinx.FORWARD, sphinx.REPLY}, "m4": {sphinx.EXIT}})
        self.assert_all_came_from([chain.mixes[4]])

    def test_routes_of_one_and_of_five(self):
        chain = self.chain(5)
        a = self.come("Alice", chain, "--route", "m2")
        b = self.come("Bob", chain, "--route", "m4,m3,m2,m1,m0")
        self.assert_meet(a, b)
        self.assert_all_came_from([chain.mixes[2], chain.mixes[0]])

    def test_each_request_looks_like_somebody_elses(self):
        """No two have one EC. With each mix a client has one session at most."""
        chain = self.chain(3)
        seen = []
        for mix in chain.mixes:
            def ask(content, own=mix, send=mix._ask):
                seen.append(sphinx.exit_parts(content)[3][:32])
                send(content)
            mix._ask = ask
        self.assert_two_meet(chain)
        self.assertGreater(len(seen), 6)
        self.assertEqual(len(set(seen)), len(seen))
        for mix in chain.mixes:
            neighbours = {each._sessions[mix.name].own.public for each in chain.mixes
                          if mix.name in each._sessions}
            self.assertLessEqual(len({session for _, session in mix.log if session} - neighbours),
                                 2)


class Cover(Case):
    def test_two_meet_under_cover(self):
        chain = self.chain(3)
        self.assert_two_meet(chain, "--cover", "1")
        self.assert_all_came_from(chain.mixes)

    def test_it_goes_on_while_nothing_is_asked(self):
        """And is answered as everything is."""
        chain = self.chain(3)
        a = self.come("Alice", chain, "--cover", "1")
        a.wait_for_line("waiting for others")
        seen = packets_taken(chain)
        chain.wait_for("cover", lambda: packets_taken(chain) >= seen + 20)
        self.assertIsNone(a.process.poll())


def packets_taken(chain):
    return sum(len(mix.log) for mix in chain.mixes)


class Links(LinkCase, Case):
    def test_create_and_open(self):
        chain = self.chain(3)
        invitation, = self.create(self.door.url, "https://chat.example", "--mixes", chain.path)
        self.assert_opens(invitation, "https://chat.example", "--mixes", chain.path)
        self.assert_all_came_from(chain.mixes)

    def test_an_invitation_to_another_server(self):
        chain = self.chain(3)
        invitation, = self.create(self.server.url, "https://chat.example")
        self.assert_ends(run("open", "--mixes", chain.path, invitation), 2, "box+udp://")
        self.assertEqual(self.door.came, [])


class Usage(LinkCase, Case):
    """Nothing is sent."""

    def assert_refused(self, chain, said, *options, url=None):
        options = [str(each) for each in options]
        with come("Alice", url or self.door.url, *options) as a:
            a.wait_for_line(said, "err")
            self.assertEqual(a.wait_for_end(), 2)
        done = run("create", "--server", url or self.door.url, *options, "https://chat.example")
        self.assert_ends(done, 2, said)
        self.assertEqual([mix.log for mix in chain.mixes], [[]] * len(chain.mixes))
        self.assertEqual(self.door.came, [])

    def test_options_that_do_not_go_together(self):
        chain = self.chain(1)
        self.assert_refused(chain, "name it with --mixes", "--route", "m0")
        self.assert_refused(chain, "name their net file with --mixes", "--cover", "5")
        self.assert_refused(chain, "do not go through a proxy", "--mixes", chain.path, "--proxy",
                            "socks5h://127.0.0.1:9")

    def test_servers_that_no_mix_sends_to(self):
        chain = self.chain(1)
        for url in self.server.url, self.door.url.replace("box+udp", "box"):
            self.assert_refused(chain, "mixes carry packets alone", "--mixes", chain.path, url=url)
        other = self.door.url[:-43] + box_peer.key_text(box_peer.KeyPair().public)
        self.assert_refused(chain, "mixes send to none that they do not know; it has s0",
                            "--mixes", chain.path, url=other)

    def test_all_servers_or_none(self):
        chain = self.chain(1)
        with come("Alice", self.door.url, "--server", self.server.url, "--mixes",
                  chain.path) as a:
            a.wait_for_line("mixes carry packets alone", "err")
            self.assertEqual(a.wait_for_end(), 2)

    def test_routes(self):
        chain = self.chain(6)
        for route, said in (("m0,m9", 'has no mix "m9"; it has m0, m1, m2, m3, m4, m5'),
                            ("", 'has no mix ""'), ("m0,", 'has no mix ""'),
                            ("m0,m1,m0", "names the mix m0 twice"),
                            ("m0,m1,m2,m3,m4,m5", "more than 5 mixes")):
            with self.subTest(route=route):
                self.assert_refused(chain, said, "--mixes", chain.path, "--route", route)

    def test_net_files(self):
        chain = self.chain(2)
        net = chain.net()
        path = chain.path.with_name("other.json")
        self.assert_refused(chain, "cannot read the file of --mixes", "--mixes", path)
        for wrong, said in (
                ("", "is no JSON"), ("[]", "this is no JSON object"),
                (json.dumps({"mixes": net["mixes"]}), '"servers" is missing'),
                (json.dumps({**net, "mixes": []}), '"mixes" is empty'),
                (json.dumps({**net, "mixes": [net["mixes"][0]] * 2}), "has the same name"),
                (json.dumps({**net, "mixes": [{**net["mixes"][0],
                                               "address": "mix.example:5444"}]}),
                 'number 1 of "mixes" (m0): "address" must be numeric'),
                (json.dumps(net) + " " * 65536, "longer than 64 KiB")):
            with self.subTest(said=said):
                path.write_text(wrong, "utf-8")
                self.assert_refused(chain, said, "--mixes", path)

    def test_a_fifo_does_not_block(self):
        chain = self.chain(1)
        fifo = chain.path.parent / "fifo"
        os.mkfifo(fifo)
        self.assert_refused(chain, "it is no regular file", "--mixes", fifo)

    def test_a_folder(self):
        chain = self.chain(1)
        self.assert_refused(chain, "cannot read the file of --mixes", "--mixes",
                            chain.path.parent)


if __name__ == "__main__":
    unittest.main(verbosity=2)
