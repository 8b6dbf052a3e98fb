"""On a local network with the unmodified reference: whoever comes first, and a group of both."""

import concurrent.futures
import unittest

import reference_venv
from local_network import (events, local_network, reference_messages, wait_until_sent,
                           wait_until_waiting)

STAY = ("--timeout", "600")
COMES_AGAIN_MAX = 40


def ours_messages(program):
    return {event["text"] for event in events(program) if event["event"] == "message"}


def messages_of_reference(host, message, passphrase):
    """What a reference shows, once it has met somebody."""
    for _ in range(COMES_AGAIN_MAX):
        with host.reference(message, passphrase, *STAY) as program:
            if program.wait_for_end() != 0:
                raise AssertionError(program.transcript())
            messages = [text for text in reference_messages(program.lines) if text]
        if messages:
            return messages
    raise AssertionError(f"it met nobody in {COMES_AGAIN_MAX} runs")


class Interop(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        reference_venv.ready()

    def meet(self, ours, reference):
        """Both see the other's message, and end."""
        self.assertEqual((ours.wait_for_end(), reference.wait_for_end()), (0, 0))
        self.assertEqual(ours_messages(ours), {"from the reference"})
        self.assertEqual(reference_messages(reference.lines), ["from us"])

    def test_the_reference_comes_first(self):
        with local_network(self, 2) as (one, two), \
                one.reference("from the reference", "jelly", *STAY) as reference:
            wait_until_sent(reference)
            with two.ours("from us", "jelly", "--json", *STAY) as ours:
                self.meet(ours, reference)

    def test_we_come_first(self):
        with local_network(self, 2) as (one, two), \
                two.ours("from us", "jelly", "--json", "--exact-size", *STAY) as ours:
            wait_until_waiting(ours)
            with one.reference("from the reference", "jelly", *STAY) as reference:
                self.meet(ours, reference)

    def test_a_group_of_five_with_two_passphrases(self):
        """The reference ends with the first T3 of anybody, also one that tells it nothing. Then it
        comes again, as its user would have it do; whose T3 is first is left to the network."""
        with local_network(self, 5, jitter=30, seed=5) as (a, b, c, d, e), \
                a.ours("a", "one", "--json", "--reveal-all", *STAY) as of_a, \
                b.ours("b", "one", "--json", "--reveal-all", *STAY) as of_b, \
                d.ours("d", "two", "--json", "--reveal-all", *STAY) as of_d, \
                concurrent.futures.ThreadPoolExecutor() as others:
            of_c = others.submit(messages_of_reference, c, "c", "one")
            of_e = others.submit(messages_of_reference, e, "e", "two")
            of_a.wait_for_line('"text":"b"')
            of_b.wait_for_line('"text":"a"')
            of_d.wait_for_line('"text":"e"')
            self.assertEqual(of_e.result(), ["d"])
            met, = of_c.result()
            {"a": of_a, "b": of_b}[met].wait_for_line('"text":"c"')
            for program, messages in ((of_a, {"b", "c"}), (of_b, {"a", "c"}), (of_d, {"e"})):
                self.assertEqual(program.stop(), 0)
                self.assertLessEqual(ours_messages(program), messages)


if __name__ == "__main__":
    unittest.main(verbosity=2)
