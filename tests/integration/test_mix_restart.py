"""A mix that is stopped or killed and starts again takes no packet twice; and what it does about
its files."""

import pathlib
import signal
import stat
import unittest

import box_packet_peer as packets
import mix_case
import mixes
import sphinx

BOOT_ID = pathlib.Path("/proc/sys/kernel/random/boot_id")


class Restarted(mix_case.Mixes):
    count = 1

    def setUp(self):
        super().setUp()
        self.listed = self.sink()
        self.attacker = self.client()
        self.state = self.net.state(0)

    def send_good(self):
        """Returns: the datagram of a request that the server has got."""
        whole, a = packets.Session(self.listed.node.public).request(b"x", packets.SHORT)
        content = sphinx.exit_content(self.attacker.surb(self.nodes), self.listed.node,
                                      whole[:sphinx.REQUEST_BYTES])
        datagram = self.attacker.send(sphinx.make_packet(
            sphinx.route(self.nodes, self.attacker.window, sphinx.EXIT), content))
        self.assertEqual(self.listed.receive()[0][32:48], a)
        return datagram

    def replay(self, datagrams):
        for each in datagrams:
            self.attacker.socket.sendto(each, (self.nodes[0].address, self.nodes[0].port))
        self.assertEqual(self.pass_by(self.client(), self.listed), [])

    def test_a_mix_that_was_stopped_or_killed_takes_nothing_twice(self):
        taken = []
        for with_signal in (signal.SIGTERM, signal.SIGKILL, signal.SIGKILL, signal.SIGTERM):
            mix = self.start(0)
            self.replay(taken)
            taken += [self.send_good() for _ in range(3)]
            mix.stop(with_signal)
            self.assertNotIn("tags may be lost", mix.transcript())
        mix = self.start(0)
        self.assertRegex(mix.transcript(), r"kept=[1-9]")
        self.replay(taken)

    def test_a_part_of_a_tag_at_the_end_is_of_no_matter(self):
        mix = self.start(0)
        taken = [self.send_good()]
        mix.stop(signal.SIGKILL)
        for each in self.state.glob("tags-*"):
            with each.open("ab") as file:
                file.write(b"part")
        self.start(0)
        taken.append(self.send_good())
        self.replay(taken)
        for each in self.state.glob("tags-*"):
            self.assertIn(each.stat().st_size % 16, (0, 4))

    def refuses(self, mix):
        """That the mix takes nothing for a while."""
        line = mix.wait_for_line("packets are refused for a while").text
        seconds = int(line.partition("seconds=")[2].split()[0])
        self.assertTrue(600 <= seconds <= 1200, line)
        self.attacker.ask(self.listed.node, b"x", self.nodes, self.nodes)
        mix.stop()
        self.assertEqual(self.listed.all_that_came(), [])

    def test_without_its_state_it_refuses_packets_for_a_while(self):
        mix = self.start(0)
        taken = self.send_good()
        mix.stop()
        for each in self.state.glob("tags-*"):
            each.unlink()
        (self.state / "state").unlink()
        mix = self.start(0)
        self.attacker.socket.sendto(taken, (self.nodes[0].address, self.nodes[0].port))
        self.refuses(mix)
        # Neither does another start take them earlier.
        mix = self.start(0)
        self.attacker.ask(self.listed.node, b"x", self.nodes, self.nodes)
        mix.stop()
        self.assertEqual(self.listed.all_that_came(), [])

    def boot(self):
        """As if the machine had been started anew."""
        state, this = self.state / "state", BOOT_ID.read_text().strip()
        text = state.read_text()
        self.assertIn(this, text)
        state.write_text(text.replace(this, ("1" if this[0] == "0" else "0") + this[1:]))

    def test_after_a_boot_that_did_not_stop_it_it_refuses_packets_for_a_while(self):
        self.start(0).stop(signal.SIGKILL)
        self.boot()
        self.refuses(self.start(0))

    def test_after_a_boot_it_goes_on_if_it_was_stopped(self):
        mix = self.start(0)
        taken = [self.send_good()]
        mix.stop()
        self.boot()
        self.start(0)
        self.replay(taken)


class Files(mix_case.Mixes):
    count = 1

    def test_only_its_owner_may_read_what_it_writes(self):
        sink = self.sink()
        self.start(0)
        self.client().ask(sink.node, b"x", self.nodes, self.nodes)
        sink.receive()
        found = {each.name.partition("-")[0]: stat.S_IMODE(each.stat().st_mode)
                 for each in self.net.state(0).iterdir()}
        self.assertEqual(found, {"reunion": 0o600, "state": 0o600, "tags": 0o600})

    def test_a_folder_is_one_mixs_at_a_time(self):
        self.start(0)
        ran = mixes.run("--state", self.net.state(0), "--listen", "127.0.0.1:0")
        self.assertEqual(ran.returncode, 3, ran)
        self.assertIn("another mix uses it", ran.stderr)

    def test_a_state_that_is_none_is_refused(self):
        for text in ("", "x\n", "reunion-mix state 1\nboot -\nclosed 1\nfirst -1\n",
                     "reunion-mix state 2\nboot -\nclosed 1\nfirst 0\n"):
            (self.net.state(0) / "state").write_text(text)
            ran = mixes.run("--state", self.net.state(0), "--listen", "127.0.0.1:0")
            self.assertEqual(ran.returncode, 3, ran)
            self.assertIn("state was not written by this program", ran.stderr)

    def start_with_files_of(self, size):
        """As on a disk that is full: no file may grow beyond so many bytes."""
        return self.enterContext(mixes.Program("mix", [
            "prlimit", f"--fsize={size}", mixes.PROGRAM, "--net", self.net.file, "--state",
            self.net.state(0), "--listen", f"127.0.0.1:{self.nodes[0].port}", *mixes.QUICK]))

    def test_a_full_disk_at_the_start(self):
        mix = self.start_with_files_of(32)
        self.assertEqual(mix.wait_for_end(), 3, mix.transcript())
        mix.wait_for_line("File too large")

    def test_a_packet_whose_tag_cannot_be_written_leads_to_nothing(self):
        sink, client = self.sink(), self.client()
        mix = self.start_with_files_of(128)
        mix.wait_for_line('event="ready"')
        for _ in range(8):
            client.ask(sink.node, b"x", self.nodes, self.nodes)
            sink.receive()
        client.ask(sink.node, b"x", self.nodes, self.nodes)
        mix.wait_for_line("tags cannot be written")
        mix.stop()
        self.assertEqual(sink.all_that_came(), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
