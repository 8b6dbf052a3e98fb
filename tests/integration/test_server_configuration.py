"""Where settings come from, what is said about wrong ones, and the manual page."""

import concurrent.futures
import json
import pathlib
import socket
import tempfile
import unittest

from harness import Server
from manual_page import assert_good_roff
from ours import SOURCE
from programs import Program

MANUAL = SOURCE / "server" / "installed" / "reunion-server.8"


def run(*flags, variables=None):
    """A server that ends by itself. Returns: exit code, standard output, standard error."""
    with Program("server", [Server.binary, *flags], variables) as program:
        code = program.wait_for_end()
        return (code, *([line.text for line in program.lines if line.stream == stream]
                        for stream in ("out", "err")))


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="reunion-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, settings):
        path = self.folder / "reunion.json"
        path.write_text(settings if isinstance(settings, str) else json.dumps(settings))
        return path


class Sources(Folder):
    def test_the_report_tells_where_each_came_from(self):
        path = self.write({"threads": 4, "lifetime": "12h", "wait-max": 5})
        code, out, err = run("--check-config", "--config", path, "--wait-max=7",
                             variables={"REUNION_WAIT_MAX": "6", "REUNION_LIFETIME": "2d"})
        self.assertEqual((code, err), (0, []))
        told = {name: (origin, value) for name, origin, value in
                (line.split(None, 2) for line in out)}
        self.assertEqual(told["wait-max"], ("flag", "7s"))
        self.assertEqual(told["lifetime"], ("environment", "2d"))
        self.assertEqual(told["threads"], ("file", "4"))
        self.assertEqual(told["open-window"], ("default", "1h"))
        self.assertEqual(told["config"], ("flag", str(path)))

    def test_all_that_is_wrong_is_told_with_its_source(self):
        path = self.write({"threads": 0, "nonsense": 1})
        code, out, err = run("--check-config", "--wait-max=x",
                             variables={"REUNION_CONFIG": str(path), "REUNION_X": "1"})
        self.assertEqual((code, out), (2, []))
        text = "\n".join(err)
        for part in ("reunion-server: --wait-max needs TIME", '"REUNION_X" in the environment',
                     f'"threads" in {path} needs N', f"a key in {path} is not a setting: nonsense"):
            self.assertIn(part, text)
        self.assertEqual(len(err), 4)

    def test_the_same_is_told_by_a_server_that_would_start(self):
        code, out, err = run("--db", self.folder / "x.db", variables={"REUNION_THREADS": "0"})
        self.assertEqual((code, out), (2, []))
        self.assertEqual(len(err), 1)
        self.assertFalse((self.folder / "x.db").exists())

    def test_help_is_given_whatever_else_is_wrong(self):
        code, out, err = run("--help", "--nonsense", variables={"REUNION_X": "1"})
        self.assertEqual((code, err), (0, []))
        self.assertIn("  --listen WHERE ", "\n".join(out))

    def test_a_server_runs_by_what_it_is_told(self):
        path = self.write({"wait-max": 5, "records-per-post-max": 100})
        with Server("--config", path, "--records-per-post-max=50") as server:
            limits = server.get("/v1/server").json()["limits"]
        self.assertEqual((limits["wait_s_max"], limits["records_per_post_max"]), (5, 50))


class Probe(Folder):
    def test_a_server_that_is_well(self):
        told = self.folder / "addresses"
        with Server("--address-file", told) as server:
            self.assertEqual(run("--probe", f"--listen={server.host}:{server.port}"), (0, [], []))
            self.assertEqual(run("--probe", "--address-file", told), (0, [], []))
            self.assertEqual(run("--probe", variables={"REUNION_LISTEN": f"0.0.0.0:{server.port}"}),
                             (0, [], []))

    def test_nobody_there(self):
        with Server() as server:
            address = f"127.0.0.1:{server.port}"
        for where, why in ((address, "Connection refused"),
                           (f"unix:{self.folder}/socket", "No such file or directory")):
            code, out, err = run("--probe", f"--listen={where}")
            self.assertEqual((code, out), (1, []), where)
            self.assertEqual(err, [f"reunion-server: nobody answers at {where}: {why}"])

    def test_answers_that_are_not_good(self):
        """Over a unix socket: another status, nonsense, and an end before the answer."""
        path = str(self.folder / "socket")
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(path)
            listening.listen()

            def serve(answer):
                connection, _ = listening.accept()
                with connection:
                    asked = connection.recv(1000)
                    connection.sendall(answer)
                    return asked
            for answer, expected, why in (
                    (b"HTTP/1.1 200 OK\r\n\r\n", 0, ""),
                    (b"HTTP/1.1 503 No\r\n\r\n", 1, "cannot write to its database"),
                    (b"HTTP/1.1 404 No\r\n\r\n", 1, "answers with 404"),
                    (b"HTTP/1.1 2x0 ", 1, "another protocol"),
                    (b"nonsense of some length", 1, "another protocol"),
                    (b"HTTP/1.1", 1, "ended the connection"), (b"", 1, "ended the connection")):
                with concurrent.futures.ThreadPoolExecutor(1) as pool:
                    asked = pool.submit(serve, answer)
                    code, out, err = run("--probe", f"--listen=unix:{path}")
                    self.assertTrue(asked.result().startswith(b"GET /healthz HTTP/1.1\r\n"))
                self.assertEqual((code, out, len(err)), (expected, [], expected), answer)
                self.assertIn(why, "".join(err))

    def test_an_address_file_with_nonsense(self):
        told = self.folder / "addresses"
        for content, why in (
                ("nowhere\n", "it has no :PORT"), ("127.0.0.1\n", "it has no :PORT"),
                ("unix:" + "x" * 200, "at most 107 bytes"), (":1", "it has no address"),
                ("[]:1", "its brackets hold no address")):
            told.write_text(content)
            code, _, err = run("--probe", "--address-file", told)
            self.assertEqual((code, len(err)), (1, 1), err)
            self.assertTrue(err[0].startswith(
                f"reunion-server: nobody answers at {content.strip()}: "
                "it is no ADDRESS:PORT or unix:PATH, as "), err)
            self.assertIn(why, err[0])

    def test_an_address_file_that_says_nothing(self):
        """No other address is asked instead, where another server may be."""
        told = self.folder / "addresses"
        with Server() as server:
            for content, why in ((None, "No such file or directory"), ("", "it is empty"),
                                 ("\n", "it is empty")):
                if content is not None:
                    told.write_text(content)
                self.assertEqual(
                    run("--probe", "--address-file", told, "--listen",
                        f"{server.host}:{server.port}"),
                    (1, [], [f"reunion-server: the address file {told} says no address: {why}"]))
            self.assertIn("Is a directory", run("--probe", "--address-file", self.folder)[2][0])

    def test_bad_settings(self):
        self.assertEqual(run("--probe", "--listen=")[0], 2)


class Manual(unittest.TestCase):
    def test_the_page_is_good_roff(self):
        text = assert_good_roff(self, MANUAL)
        self.assertIn("--open-window TIME", text)
        self.assertIn("REUNION_OPEN_WINDOW", text)


if __name__ == "__main__":
    unittest.main(verbosity=2)
