"""The files of the server's box transport: its key, and the list of its clients."""

import base64
import os
import pathlib
import signal
import tempfile
import unittest

import box_packet_server
import box_peer
import box_server
import qr_reader
from harness import Server
from programs import Program


class Files(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(
            self.enterContext(tempfile.TemporaryDirectory(prefix="reunion-")))
        self.key = self.folder / "reunion-box.key"

    def run_to_the_end(self, *flags):
        """Start a server that cannot start. Returns: its exit code and what it said."""
        with Program("server", [
                Server.binary, "--listen", "127.0.0.1:0", "--metrics-listen", "none", "--db",
                self.folder / "reunion.db", "--box-listen", "127.0.0.1:0", *flags]) as program:
            code = program.wait_for_end()
            return code, "\n".join(line.text for line in program.lines)

    def public_key(self, server):
        return box_server.box_of(server).key

    def test_the_key_is_made_once_and_for_its_owner_alone(self):
        with box_server.server(directory=self.folder) as server:
            first = self.public_key(server)
        self.assertEqual(self.key.stat().st_mode & 0o777, 0o600)
        secret = base64.b64decode(self.key.read_text(), validate=False)
        self.assertEqual(len(secret), 32)
        self.assertEqual(box_peer.KeyPair(secret).public, first)
        self.assertEqual([path.name for path in self.folder.glob("reunion-box*")], [self.key.name])
        with box_server.server(directory=self.folder) as server:
            self.assertEqual(self.public_key(server), first)

    def test_a_key_that_is_replaced(self):
        own = box_peer.KeyPair()
        with box_server.server(directory=self.folder) as server:
            first = self.public_key(server)
            self.key.write_text(base64.b64encode(own.secret).decode() + "\n")
            self.assertEqual(box_server.box_of(server).get("/v1/server").status, 200)
            self.assertNotEqual(first, own.public)
        with box_server.server(directory=self.folder) as server:
            self.assertEqual(self.public_key(server), own.public)

    def test_a_link_to_the_key(self):
        elsewhere = self.folder / "elsewhere"
        own = box_peer.KeyPair()
        elsewhere.write_text(base64.b64encode(own.secret).decode())
        elsewhere.chmod(0o600)
        self.key.symlink_to(elsewhere)
        with box_server.server(directory=self.folder) as server:
            self.assertEqual(self.public_key(server), own.public)

    def test_keys_that_are_refused(self):
        good = base64.b64encode(os.urandom(32)).decode() + "\n"
        texts = {
            "": "32 bytes", "short": "32 bytes", good[:-2] + "\n": "32 bytes",
            base64.b64encode(os.urandom(31)).decode() + "\n": "32 bytes",
            base64.b64encode(os.urandom(33)).decode() + "\n": "32 bytes",
            good + "x": "32 bytes", good.replace("=", "!"): "32 bytes",
            base64.b64encode(bytes(32)).decode() + "\n": "32 bytes",
        }
        for text, word in texts.items():
            with self.subTest(text):
                self.key.write_text(text)
                self.key.chmod(0o600)
                for flags in ((), ("--check-config",)):
                    code, said = self.run_to_the_end(*flags)
                    self.assertEqual(code, 2, said)
                    self.assertIn(word, said)
                    self.assertIn(str(self.key), said)
                self.assertEqual(self.key.read_text(), text)

    def test_modes_that_are_refused(self):
        self.key.write_text(base64.b64encode(os.urandom(32)).decode() + "\n")
        for mode in (0o640, 0o604, 0o620, 0o660):
            with self.subTest(oct(mode)):
                self.key.chmod(mode)
                code, said = self.run_to_the_end()
                self.assertEqual(code, 2, said)
                self.assertIn("others than its owner", said)
        self.key.chmod(0o400)
        with box_server.server(directory=self.folder) as server:
            self.assertEqual(box_server.box_of(server).get("/v1/server").status, 200)

    def test_places_that_are_no_file(self):
        nowhere = self.folder / "nowhere"
        nowhere.symlink_to(self.folder / "missing" / "key")
        loose = self.folder / "loose"
        loose.symlink_to(self.folder / "missing-file")
        fifo = self.folder / "fifo"
        os.mkfifo(fifo, 0o600)
        for path, word in ((self.folder / "missing" / "key", "No such file"), (nowhere, "stands"),
                           (loose, "symbolic link"), (fifo, "regular"), (self.folder, "regular")):
            with self.subTest(path):
                code, said = self.run_to_the_end("--box-key", path)
                self.assertEqual(code, 2, said)
                self.assertIn(word, said)
        self.assertFalse((self.folder / "missing-file").exists())

    def test_the_secret_is_not_in_the_log(self):
        with box_server.server("--log-level", "debug", directory=self.folder) as server:
            box_server.box_of(server).get("/v1/server")
        secret = self.key.read_text().strip()
        log = "\n".join(server.log())
        self.assertNotIn(secret, log)
        self.assertNotIn(base64.b64decode(secret).hex(), log)

    def ask_for_addresses(self, *flags):
        """What `reunion-server key` prints. Returns: its exit code, output and complaints."""
        with Program("key", [Server.binary, "key", "--db", self.folder / "reunion.db",
                             *flags]) as program:
            code = program.wait_for_end()
            return (code, [line.text for line in program.lines if line.stream == "out"],
                    "\n".join(line.text for line in program.lines if line.stream == "err"))

    def test_addresses_to_hand_out(self):
        code, printed, said = self.ask_for_addresses("--host", "example.org")
        self.assertEqual((code, printed), (2, []))
        self.assertIn("--box-listen", said)
        self.assertFalse(self.key.exists())
        with box_server.server(directory=self.folder) as server:
            key = box_peer.key_text(self.public_key(server))
        everywhere = ("--box-listen", "0.0.0.0:6000", "--box-listen", "[::1]:7000")
        for flags, wanted in (
                (("--host", "example.org"), ["example.org:5443"]),
                (("--host", "example.org", "--host", "[2001:db8::1]:99"),
                 ["example.org:5443", "[2001:db8::1]:99"]),
                ((*everywhere, "--host", "example.org", "--host=[::2]"),
                 ["example.org:6000", "[::2]:6000"]),
                (everywhere, ["[::1]:7000"])):
            with self.subTest(flags):
                code, printed, said = self.ask_for_addresses(*flags)
                self.assertEqual((code, said), (0, ""))
                self.assertEqual(printed, [f"box://{where}#{key}" for where in wanted])

    def test_addresses_for_packets(self):
        with box_packet_server.server(directory=self.folder) as server:
            key = box_peer.key_text(box_packet_server.address_of(server)[1])
        for flags, wanted in (
                (("--box-packets", "0.0.0.0:6000", "--host", "a"), ["box+udp://a:6000"]),
                (("--box-packets", "[::1]:7000"), ["box+udp://[::1]:7000"]),
                (("--box-packets", "[::1]:7000", "--box-listen", "0.0.0.0:99", "--host", "a"),
                 ["box://a:99", "box+udp://a:7000"])):
            with self.subTest(flags):
                code, printed, said = self.ask_for_addresses(*flags)
                self.assertEqual((code, said), (0, ""))
                self.assertEqual(printed, [f"{where}#{key}" for where in wanted])

    def test_addresses_as_codes(self):
        with box_server.server(directory=self.folder):
            pass
        code, printed, _ = self.ask_for_addresses("--qr", "--host", "example.org",
                                                  "--host", "[::2]")
        self.assertEqual(code, 0)
        addresses = [line for line in printed if not qr_reader.is_drawn(line)]
        second = printed.index(addresses[1])
        self.assertEqual((len(addresses), printed[0]), (2, addresses[0]))
        for address, lines in zip(addresses, (printed[1:second], printed[second + 1:])):
            self.assertEqual(qr_reader.read(self, lines), [address])

    def test_addresses_that_are_not_known(self):
        with box_server.server(directory=self.folder):
            pass
        for flags, word in (((), "--host"), (("--box-listen", "0.0.0.0:5443"), "--host"),
                            (("--host", "a b"), "HOST:PORT"), (("--host", "a#b"), "HOST:PORT"),
                            (("--host", "::1"), "HOST:PORT"), (("--host", "a:0"), "HOST:PORT"),
                            (("--host=-x",), "HOST:PORT")):
            with self.subTest(flags):
                code, printed, said = self.ask_for_addresses(*flags)
                self.assertEqual((code, printed), (2, []))
                self.assertIn(word, said)
        self.key.chmod(0o644)
        code, printed, said = self.ask_for_addresses("--host", "a")
        self.assertEqual((code, printed), (2, []))
        self.assertIn("others than its owner", said)

    def test_hosts_and_codes_are_for_the_word_key(self):
        for flags in (("--host", "example.org"), ("--qr",)):
            code, said = self.run_to_the_end(*flags)
            self.assertEqual(code, 2)
            self.assertIn(f"{flags[0]} is for reunion-server key", said)


class Clients(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(
            self.enterContext(tempfile.TemporaryDirectory(prefix="reunion-")))
        self.list = self.folder / "clients"
        self.anna, self.ben = box_peer.KeyPair(), box_peer.KeyPair()

    def write(self, *identities, text=""):
        self.list.write_text("".join(
            f"  {box_peer.key_text(each.public)}\t# somebody\n" for each in identities) + text)

    def start(self, *flags):
        return self.enterContext(box_server.server(
            "--box-clients", str(self.list), "--box-handshake-time-max", "1", *flags))

    def is_admitted(self, server, identity):
        """Whether a client is; one who is not gets nothing and is closed at the deadline."""
        box = box_server.box_of(server, identity)
        try:
            return box.get("/v1/server").status == 200
        except (box_peer.Broken, ConnectionError):
            return False

    def reread(self, server, event):
        seen = len([line for line in server.log() if event in line])
        server.program.process.send_signal(signal.SIGHUP)
        server.program.wait_for(event, lambda lines: len(
            [line for line in lines if event in line.text]) > seen)

    def test_only_those_on_the_list(self):
        self.write(self.anna, text="\n# nobody else\n")
        server = self.start()
        self.assertTrue(self.is_admitted(server, self.anna))
        self.assertFalse(self.is_admitted(server, self.ben))
        self.assertFalse(self.is_admitted(server, None))

    def test_the_list_is_read_again(self):
        self.write(self.anna)
        server = self.start()
        self.write(self.ben)
        self.assertFalse(self.is_admitted(server, self.ben))
        self.reread(server, 'event="box clients"')
        self.assertTrue(self.is_admitted(server, self.ben))
        self.assertFalse(self.is_admitted(server, self.anna))

    def test_a_broken_list_leaves_the_old_one(self):
        self.write(self.anna)
        server = self.start()
        for text in ("no key\n", box_peer.key_text(self.ben.public)[:-1] + "\n", "\0\n",
                     "A" * 43 + "\n"):
            with self.subTest(text):
                self.write(self.ben, text=text)
                self.reread(server, 'event="the list of box clients stays as it was"')
                self.assertIn("line=2", "\n".join(server.log()))
                self.assertTrue(self.is_admitted(server, self.anna))
        self.assertFalse(self.is_admitted(server, self.ben))
        self.list.unlink()
        self.reread(server, 'event="the list of box clients stays as it was"')
        self.assertTrue(self.is_admitted(server, self.anna))

    def test_a_list_that_anybody_may_write(self):
        self.write(self.anna)
        server = self.start()
        self.list.chmod(0o666)
        self.reread(server, 'event="the list of box clients stays as it was"')
        self.assertIn("everybody on this machine may write it", "\n".join(server.log()))

    def test_packets_do_not_go_together_with_a_list(self):
        """Their keys are made for them, so the list would keep nobody out."""
        self.write(self.anna)
        for flags in ((), ("--check-config",)):
            with Program("server", [
                    Server.binary, "--listen", "127.0.0.1:0", "--metrics-listen", "none", "--db",
                    ":memory:", "--box-key", self.folder / "key", "--box-packets", "127.0.0.1:0",
                    "--box-clients", self.list, *flags]) as program:
                self.assertEqual(program.wait_for_end(), 2)
                self.assertIn("--box-packets does not go together with --box-clients",
                              program.transcript())

    def test_an_empty_list_admits_nobody(self):
        self.write()
        self.assertFalse(self.is_admitted(self.start(), self.anna))

    def test_a_list_that_is_not_there_is_no_start(self):
        for flags in ((), ("--check-config",)):
            with Program("server", [
                    Server.binary, "--listen", "127.0.0.1:0", "--metrics-listen", "none", "--db",
                    ":memory:", "--box-key", self.folder / "key", "--box-listen", "127.0.0.1:0",
                    "--box-clients", self.list, *flags]) as program:
                self.assertEqual(program.wait_for_end(), 2)
                self.assertIn(str(self.list), program.transcript())

    def test_a_list_for_nobody_is_no_start(self):
        """Where no stream is served it would keep nobody out."""
        self.write(self.anna)
        with Program("server", [
                Server.binary, "--listen", "127.0.0.1:0", "--metrics-listen", "none", "--db",
                ":memory:", "--box-clients", self.list]) as program:
            self.assertEqual(program.wait_for_end(), 2)
            self.assertIn("give --box-listen", program.transcript())

    def test_a_hang_up_stops_a_server_without_a_list(self):
        with Program("server", [
                Server.binary, "--listen", "127.0.0.1:0", "--metrics-listen", "none", "--db",
                ":memory:", "--box-key", self.folder / "key", "--box-listen",
                "127.0.0.1:0"]) as program:
            program.wait_for_line('event="ready"', "err")
            self.assertEqual(program.stop(signal.SIGHUP), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
