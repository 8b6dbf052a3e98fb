"""Two of our clients who meet, Alice and Bob, or the first and the second."""

from ours import client, revealed


def come(name, server, *options):
    return client(name, f"from {name}", "jelly", 600, "--server", server, *options)


class MeetingCase:
    """For a unittest.TestCase."""

    def assert_meet(self, a, b):
        a.wait_for_line("from Bob", "out")
        b.wait_for_line("from Alice", "out")
        self.assertEqual(revealed(a.lines), ["from Bob"])
        self.assertEqual(revealed(b.lines), ["from Alice"])


def took_s(first, second):
    """Seconds from the second client's start to the later of the two messages."""
    lines = [first.wait_for_line("from second", "out"), second.wait_for_line("from first", "out")]
    return max(line.at_s for line in lines) - second.started_s
