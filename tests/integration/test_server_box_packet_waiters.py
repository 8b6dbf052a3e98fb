"""Ten thousand feeds that wait over packets: no thread or socket each, and little memory."""

import pathlib
import unittest

import box_packet_peer as packets
import box_packet_server
from rendezvous import joined

WAITERS, TOGETHER = 10000, 40
BYTES_MAX = 8 << 10


class Waiters(unittest.TestCase):
    def setUp(self):
        self.server = self.enterContext(box_packet_server.clock_server("--client-waiters-max", 0))
        self.ada, = joined(self.server)
        self.link = bytes.fromhex(self.ada.bucket)
        self.peer = self.enterContext(box_packet_server.peer_of(self.server))
        _, self.key = box_packet_server.address_of(self.server)
        self.cursor, _ = self.peer.ask(packets.feed(self.link, self.ada.id)).feed()

    def status(self, name):
        text = pathlib.Path(f"/proc/{self.server.program.process.pid}/status").read_text()
        return int(text.split(f"{name}:")[1].split()[0])

    def files(self):
        return len(list(pathlib.Path(f"/proc/{self.server.program.process.pid}/fd").iterdir()))

    def begin(self, count):
        """So many sessions more, each with a feed that waits, over one socket."""
        for i in range(count):
            session = packets.Session(self.key)
            datagram, _ = session.request(packets.feed(self.link, self.ada.id, self.cursor, 60))
            self.peer.socket.sendto(datagram, self.peer.address)
            # The system keeps no more than some dozens for the server.
            if i % TOGETHER == TOGETHER - 1:
                self.peer.ask(bytes([packets.DESCRIBE]))

    def test_memory(self):
        self.begin(TOGETHER)
        self.server.wait_for_waiting(TOGETHER)
        before = [self.status("VmRSS"), self.status("Threads"), self.files()]
        self.begin(WAITERS - TOGETHER)
        self.server.wait_for_waiting(WAITERS)
        after = [self.status("VmRSS"), self.status("Threads"), self.files()]
        self.assertEqual(before[1:], after[1:])
        each = (after[0] - before[0]) * 1024 / (WAITERS - TOGETHER)
        print(f"{each:.0f} bytes for each that waits")
        self.assertLessEqual(each, BYTES_MAX)
        # One more is refused; all are woken by what is for all of them.
        more = packets.Session(self.key)
        datagram, a = more.request(packets.feed(self.link, self.ada.id, self.cursor, 60))
        self.peer.socket.sendto(datagram, self.peer.address)
        self.peer.session = more
        self.assertEqual(self.peer.receive(a).status, packets.NOT_NOW)
        joined(self.server)
        self.server.wait_for_waiting(0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
