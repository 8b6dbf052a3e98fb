"""reunion-mix: its command line, its files, and how it starts and stops."""

import json
import os
import pathlib
import signal
import socket
import tempfile
import unittest

import box_peer
import mix_case
import mixes


class Key(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def key(self, *arguments, **named):
        return mixes.run("key", "--state", self.folder, *arguments, **named)

    def test_it_makes_a_key_once_and_prints_its_line(self):
        lines = [self.key("--name", "alder", "--host", "203.0.113.5:5444") for _ in range(2)]
        for ran in lines:
            self.assertEqual((ran.returncode, ran.stderr), (0, ""), ran)
        self.assertEqual(lines[0].stdout, lines[1].stdout)
        line = json.loads(lines[0].stdout)
        self.assertEqual((line["name"], line["address"]), ("alder", "203.0.113.5:5444"))
        secret = box_peer.base64.b64decode((self.folder / "reunion-mix.key").read_text())
        self.assertEqual(box_peer.key_of_text(line["key"]), box_peer.KeyPair(secret).public)

    def test_without_a_host_it_is_the_first_listen_that_names_one_address(self):
        ran = self.key("--name", "a", "--listen", "0.0.0.0:5444", "--listen", "[2001:db8::5]:5000")
        self.assertEqual(json.loads(ran.stdout)["address"], "[2001:db8::5]:5000")
        ran = self.key("--name", "a")
        self.assertEqual(ran.returncode, 2)
        self.assertIn("name with --host", ran.stderr)

    def test_what_is_wrong_is_explained_and_no_key_is_made(self):
        for arguments, part in (
                ((), "--name NAME"), (("--name", ""), "--name"), (("--name", "a b"), "--name"),
                (("--name", "x" * 64), "more than 63"),
                (("--name", "a", "--host", "example.org:1"), "--host"),
                (("--name", "a", "--host", "203.0.113.5"), "--host"),
                (("--name", "a", "--host", "0.0.0.0:5444"), "--host")):
            ran = self.key(*arguments)
            self.assertEqual((ran.returncode, ran.stdout), (2, ""), ran)
            self.assertIn(part, ran.stderr)
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_a_key_that_others_may_read_is_refused(self):
        self.assertEqual(self.key("--name", "a", "--host", "203.0.113.5:5444").returncode, 0)
        path = self.folder / "reunion-mix.key"
        path.chmod(0o644)
        for ran in (self.key("--name", "a", "--host", "203.0.113.5:5444"),
                    mixes.run("--state", self.folder, "--check-config"),
                    mixes.run("--state", self.folder, "--listen", "127.0.0.1:0")):
            self.assertEqual(ran.returncode, 2, ran)
            self.assertIn("others than its owner may read", ran.stderr)

    @unittest.skipUnless(os.geteuid() == 0, "only root can give a folder away")
    def test_no_key_is_made_in_somebody_elses_folder(self):
        os.chown(self.folder, 65534, 65534)
        ran = self.key("--name", "a", "--host", "203.0.113.5:5444")
        self.assertEqual(ran.returncode, 2, ran)
        self.assertIn("belongs to another user, nobody", ran.stderr)
        self.assertEqual(list(self.folder.iterdir()), [])


class Settings(mix_case.Mixes):
    count = 1

    def check(self, *arguments, env=None):
        return mixes.run("--check-config", "--state", self.net.state(0), *arguments, env=env)

    def test_check_config_shows_what_is_in_force_and_whence(self):
        ran = self.check("--net", self.net.file, "--batch", "64",
                         env={"REUNION_MIX_INTERVAL": "1s"})
        self.assertEqual((ran.returncode, ran.stderr), (0, ""), ran)
        shown = {line.split()[0]: line.split()[1:] for line in ran.stdout.splitlines()}
        self.assertEqual(shown["batch"], ["flag", "64"])
        self.assertEqual(shown["interval"], ["environment", "1s"])
        self.assertEqual(shown["minimum"], ["default", "8"])

    def test_what_is_wrong_is_explained(self):
        bad = self.net.folder / "bad.json"
        bad.write_text('{"mixes": [{"name": "a", "address": "example.org:1", "key": "x"}]}')
        for arguments, part in (
                (("--batch", "0"), "--batch"), (("--batch", "4"), "--minimum is 8"),
                (("--interval", "0"), "--interval"), (("--cover", "2"), "--cover"),
                (("--listen", "unix:/x"), "no unix sockets"), (("--listen", "here:1"), "--listen"),
                (("--bach", "3"), "did you mean --batch"), (("--name", "x"), "reunion-mix key"),
                (("--net", "/nowhere/net.json"), "No such file"), (("--net", bad), "address")):
            ran = self.check(*arguments)
            self.assertEqual((ran.returncode, ran.stdout), (2, ""), ran)
            self.assertIn(part, ran.stderr)
            self.assertRegex(ran.stderr, r"\A(reunion-mix: .*\n)+\Z")

    def test_a_variable_that_is_no_setting_is_an_error(self):
        ran = self.check(env={"REUNION_MIX_BACH": "3"})
        self.assertEqual(ran.returncode, 2)
        self.assertIn("did you mean REUNION_MIX_BATCH", ran.stderr)
        self.assertEqual(self.check(env={"REUNION_LISTEN": "x"}).returncode, 0)

    def test_a_net_file_that_is_wrong_stops_the_start(self):
        self.net.file.write_text('{"mixes": []}')
        ran = mixes.run("--net", self.net.file, "--state", self.net.state(0), "--listen",
                        "127.0.0.1:0")
        self.assertEqual(ran.returncode, 2, ran)
        self.assertIn("the net file cannot be used", ran.stderr)

    def test_what_is_no_file_does_not_block(self):
        """A FIFO that nobody writes to: neither at the start nor when the file is read again."""
        fifo = self.net.folder / "fifo"
        os.mkfifo(fifo)
        ran = self.check("--net", fifo)
        self.assertEqual(ran.returncode, 2, ran)
        self.assertIn("it is no regular file", ran.stderr)
        with mixes.Mix(self.net, 0) as mix:
            fifo.replace(self.net.file)
            mix.reread()
            mix.wait_for_line("it is no regular file")
            mix.process.send_signal(signal.SIGTERM)
            self.assertEqual(mix.process.wait(mixes.PATIENCE_S), 0)

    def test_an_address_that_is_taken_stops_the_start(self):
        self.start(0)
        self.net.state(1).mkdir()
        ran = mixes.run("--net", self.net.file, "--state", self.net.state(1), "--listen",
                        f"127.0.0.1:{self.nodes[0].port}")
        self.assertEqual(ran.returncode, 4, ran)
        self.assertIn("Address already in use", ran.stderr)

    def test_help_and_version(self):
        self.assertIn("--batch N", mixes.run("--help").stdout)
        self.assertRegex(mixes.run("-V").stdout, r"\Areunion-mix \d\S* \(commit \S+\)\n\Z")


class Running(mix_case.Mixes):
    count = 1

    def test_without_a_net_file_it_runs_and_makes_its_key(self):
        folder = self.net.folder / "new"
        folder.mkdir()
        with mixes.Program("mix", [mixes.PROGRAM, "--state", folder, "--listen",
                                   "127.0.0.1:0"]) as mix:
            mix.wait_for_line('event="ready"')
            mix.wait_for_line("there is no net file")
            key = mix.wait_for_line("serving=mix").text.partition("key=")[2]
            ran = mixes.run("key", "--state", folder, "--name", "new", "--host", "203.0.113.5:1")
            self.assertEqual(json.loads(ran.stdout)["key"], key)
            self.assertEqual(mix.stop(), 0)
            self.assertNotIn("tags may be lost", mix.transcript())

    def test_a_mix_that_is_not_in_its_net_file_says_so(self):
        self.net.add("other", "127.0.0.1", 5600)
        self.net.mixes.pop(0)
        self.net.write()
        self.start(0).wait_for_line("this mix is not in the net file")

    def test_signals(self):
        for with_signal in (signal.SIGTERM, signal.SIGINT):
            mix = self.start(0)
            for ignored in (signal.SIGUSR1, signal.SIGPIPE, signal.SIGALRM):
                mix.process.send_signal(ignored)
            self.assertEqual(mix.stop(with_signal), 0)
            mix.wait_for_line("stopped")

    def test_sockets_that_are_handed_over_stand_for_the_default(self):
        sink = self.sink()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handed:
            handed.bind(("127.0.0.1", self.nodes[0].port))
            with mixes.Program("mix", ["sh", "-c",
                                       f"exec 3<&{handed.fileno()}; LISTEN_PID=$$ LISTEN_FDS=1 "
                                       'exec "$@"', "sh", mixes.PROGRAM, "--net", self.net.file,
                                       "--state", self.net.state(0), *mixes.QUICK],
                               pass_fds=[handed.fileno()]) as mix:
                mix.wait_for_line('event="ready"')
                self.assertEqual(mix.transcript().count("serving=mix"), 1)
                self.client().ask(sink.node, b"x", self.nodes, self.nodes)
                sink.receive()

    def test_a_socket_of_another_kind_is_refused(self):
        with socket.socket() as handed:
            handed.bind(("127.0.0.1", 0))
            handed.listen()
            with mixes.Program("mix", ["sh", "-c",
                                       f"exec 3<&{handed.fileno()}; LISTEN_PID=$$ LISTEN_FDS=1 "
                                       'exec "$@"', "sh", mixes.PROGRAM, "--state",
                                       self.net.state(0)], pass_fds=[handed.fileno()]) as mix:
                self.assertEqual(mix.wait_for_end(), 4)
                mix.wait_for_line("it is no UDP socket")


class Status(mix_case.Mixes):
    count = 1

    def get(self, mix, request):
        """Returns: the status, and the body."""
        line = mix.wait_for_line("serving=metrics").text
        host, port = line.partition("address=")[2].split(":")
        with socket.create_connection((host, int(port)), mixes.PATIENCE_S) as connection:
            connection.sendall(request)
            answer = b"".join(iter(lambda: connection.recv(4096), b""))
        head, _, body = answer.partition(b"\r\n\r\n")
        self.assertIn(b"Content-Length: %d\r\n" % len(body), head)
        return int(head.split()[1]), body.decode()

    def values(self, mix):
        status, text = self.get(mix, b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        self.assertEqual(status, 200)
        lines = [line for line in text.splitlines() if not line.startswith("#")]
        return {line.rpartition(" ")[0]: int(line.rpartition(" ")[2]) for line in lines}

    def test_metrics_are_coarse(self):
        sink = self.sink()
        mix, client = self.start(0), self.client()
        for _ in range(20):
            client.ask(sink.node, b"x", self.nodes, self.nodes)
            sink.receive()
        mix.wait_for_line("ready")
        values = self.values(mix)
        self.assertEqual([name for name, value in values.items()
                          if value % 16 and "info" not in name and "listed" not in name], [])
        self.assertIn(values['reunion_mix_packets_total{what="requests"}'], (0, 16))
        self.assertEqual(values["reunion_mix_listed"], 1)
        for _ in range(40):
            client.ask(sink.node, b"x", self.nodes, self.nodes)
            sink.receive()
        self.assertEqual(self.values(mix), values, "for a minute")

    def test_health_and_what_is_none_of_it(self):
        mix = self.start(0)
        ok = b"GET /healthz HTTP/1.1\r\n\r\n"
        self.assertEqual(self.get(mix, ok), (200, "ok\n"))
        for request, status in ((b"GET / HTTP/1.1\r\n\r\n", 404),
                                (b"POST /metrics HTTP/1.1\r\n\r\n", 405),
                                (b"rubbish\r\n\r\n", 400), (b"\r\n\r\n", 400),
                                (b"GET /metrics\r\nx: HTTP/1.1\r\n\r\n", 400)):
            self.assertEqual(self.get(mix, request)[0], status, request)
        with self.assertRaises(ConnectionError):
            self.get(mix, b"x" * 5000)
        self.assertEqual(self.get(mix, ok), (200, "ok\n"))

    def test_it_is_not_well_where_tags_cannot_be_written(self):
        sink, client = self.sink(), self.client()
        with mixes.Program("mix", ["prlimit", "--fsize=96", mixes.PROGRAM, "--net", self.net.file,
                                   "--state", self.net.state(0), "--metrics-listen",
                                   "127.0.0.1:5700", "--listen",
                                   f"127.0.0.1:{self.nodes[0].port}", *mixes.QUICK]) as mix:
            mix.wait_for_line('event="ready"')
            asked = ("--probe", "--metrics-listen", "127.0.0.1:5700")
            self.assertEqual(mixes.run(*asked).returncode, 0)
            for _ in range(6):
                client.ask(sink.node, b"x", self.nodes, self.nodes)
                sink.receive()
            client.ask(sink.node, b"x", self.nodes, self.nodes)
            mix.wait_for_line("tags cannot be written")
            ran = mixes.run(*asked)
            self.assertEqual(ran.returncode, 1, ran)
            self.assertIn("cannot write tags", ran.stderr)
        ran = mixes.run(*asked)
        self.assertEqual(ran.returncode, 1, ran)
        self.assertIn("nobody answers at 127.0.0.1:5700", ran.stderr)

    def test_an_address_that_is_taken(self):
        with socket.create_server(("127.0.0.1", 5445)):
            with mixes.Program("mix", [mixes.PROGRAM, "--state", self.net.state(0), "--listen",
                                       "127.0.0.1:0"]) as mix:
                mix.wait_for_line('event="ready"')
                mix.wait_for_line("cannot serve metrics")
            ran = mixes.run("--state", self.net.state(0), "--listen", "127.0.0.1:0",
                            "--metrics-listen", "127.0.0.1:5445")
            self.assertEqual(ran.returncode, 4, ran)


if __name__ == "__main__":
    unittest.main(verbosity=2)
