"""Clients whose mixes fail, lie or are slow: two meet all the same where there are others, and the
user hears which mix it is."""

import os
import signal
import unittest

import side_by_side
from needed import lacks

try:
    import mix_peer
    import sphinx
    from box_packet_relay import Weather
    from mix_meeting import Case
    LACKING = None
except ModuleNotFoundError as error:
    Case = unittest.TestCase
    LACKING = f"{error} (Debian's package python3-nacl)"


def setUpModule():
    if LACKING:
        lacks(None, LACKING)


class BadMixes(Case):
    def test_five_percent_are_lost(self):
        chain = self.chain(5)
        for number, mix in enumerate(chain.mixes):
            mix.weather = Weather(lost=0.05, seed=number)
        self.assert_two_meet(chain)

    def test_nobody_listens_at_one(self):
        chain = self.chain(5)
        chain.mixes[2].kill()
        a, b = self.assert_two_meet(chain)
        for program in a, b:
            program.wait_for_line("the mix m2 does not answer", "err")
            self.assertFalse([line.text for line in program.lines
                              if "does not answer" in line.text and "m2" not in line.text])

    def test_one_is_silent(self):
        chain = self.chain(5)
        chain.mixes[1].silent = True
        a, b = self.assert_two_meet(chain)
        for program in a, b:
            line = program.wait_for_line("the mix m1 does not answer", "err")
            self.assertIn("using others", line.text)

    def test_one_is_slow(self):
        chain = self.chain(5)
        chain.mixes[3].weather = Weather(late_s=6)
        self.assert_two_meet(chain)

    def test_one_drops_half(self):
        chain = self.chain(5)
        chain.mixes[0].weather = Weather(lost=0.5)
        self.assert_two_meet(chain)

    def test_one_alters_payloads(self):
        """Exits drop these requests, and the client these answers."""
        chain = self.chain(5)
        chain.mixes[4].leave = lambda packet: [packet[:-1] + bytes([packet[-1] ^ 1])]
        a, _ = self.assert_two_meet(chain)
        self.assertTrue(any("an altered payload" in mix.dropped for mix in chain.mixes))
        a.wait_for_line("the mix m4 does not answer", "err")

    def test_one_alters_headers(self):
        chain = self.chain(5)
        chain.mixes[0].leave = lambda packet: [packet[:60] + bytes([packet[60] ^ 1]) + packet[61:]]
        self.assert_two_meet(chain)
        self.assertTrue(any("a wrong MAC" in mix.dropped for mix in chain.mixes))

    def test_one_repeats_everything(self):
        chain = self.chain(3)
        chain.mixes[1].leave = lambda packet: [packet] * 3
        self.assert_two_meet(chain)
        self.assertTrue(any("a replay" in mix.dropped for mix in chain.mixes))

    def test_deliveries_are_repeated(self):
        """A SURB is used once: what comes again is ignored."""
        chain = self.chain(3)
        for mix in chain.mixes:
            def deliver(handle, delivered, send=mix._deliver):
                for _ in range(3):
                    send(handle, delivered)
            mix._deliver = deliver
        self.assert_two_meet(chain)

    def test_garbage_is_delivered(self):
        """Nor does what opens and is for no SURB of ours do any harm."""
        chain = self.chain(3)
        for mix in chain.mixes:
            def send(datagram, address, port, own=mix, send=mix._send):
                if port not in {each.port for each in [*chain.mixes, self.door.node]}:
                    for bad in (os.urandom(1232), datagram[:-1], datagram + b"x", b"",
                                datagram[:16] + os.urandom(1216)):
                        send(bad, address, port)
                    for session, a, _, _ in list(own._clients.values()):
                        send(mix_peer.answer_of(own.own, session, a, b"\0" + os.urandom(944)),
                             address, port)
                        send(mix_peer.answer_of(own.own, session, a, b"\0"), address, port)
                send(datagram, address, port)
            mix._send = send
        self.assert_two_meet(chain)

    def test_one_of_three_is_silent(self):
        """The routes do not become shorter; which mix it is is said."""
        chain = self.chain(3)
        chain.mixes[1].silent = True
        a = self.come("Alice", chain)
        a.wait_for_line("no answer through the mixes", "err")
        line = a.wait_for_line("the mix m1 does not answer", "err")
        self.assertIn("not enough others", line.text)
        self.assertNotIn(sphinx.EXIT, chain.mixes[0].kinds() + chain.mixes[2].kinds())
        chain.mixes[1].silent = False
        b = self.come("Bob", chain)
        self.assert_meet(a, b)

    def test_the_route_has_a_mix_that_fails(self):
        """Nothing goes over others."""
        chain = self.chain(5)
        chain.mixes[1].kill()
        a = self.come("Alice", chain, "--route", "m0,m1,m2")
        a.wait_for_line("no answer through the mixes", "err")
        self.assertNotEqual(a.stop(signal.SIGINT), 0)
        self.assertEqual(chain.mixes[3].log + chain.mixes[4].log, [])
        self.assertEqual(self.door.came, [])

    def test_the_server_is_away(self):
        """That is no mix's fault."""
        chain = self.chain(5)
        for mix in chain.mixes:
            mix.servers = set()
        a = self.come("Alice", chain)
        line = a.wait_for_line("no answer through the mixes", "err")
        self.assertNotIn("failed:", line.text)
        self.assertTrue(any("no server that is known" in mix.dropped for mix in chain.mixes))
        self.assertEqual(self.door.came, [])

    def test_nobody_listens_at_any(self):
        chain = self.chain(3)
        for mix in chain.mixes:
            mix.kill()
        a = self.come("Alice", chain)
        for mix in ("m0", "m1", "m2"):
            a.wait_for_line(f"the mix {mix} does not answer (Connection refused)", "err")
        # It says so as soon as it cannot be reached, which may be before the last one was tried.
        a.wait_for_line("no answer through the mixes; failed: m", "err")
        self.assertNotEqual(a.stop(signal.SIGINT), 0)


if __name__ == "__main__":
    if LACKING:
        unittest.main(verbosity=2)
    side_by_side.main(BadMixes)
