"""What an operator is told: what was to be done, on what, and the system's reason."""

import os
import pathlib
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import unittest

from harness import Api, Server
from needed import needs
from programs import PATIENCE_S, Program, environment
from rendezvous import joined


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.database = self.folder / "reunion.db"

    def assert_told(self, code, *parts, flags=(), variables=None):
        """The server ends with a code, and one line of what it says has all the parts."""
        done = subprocess.run(
            [Server.binary, "--metrics-listen", "none", *map(str, flags)], check=False,
            capture_output=True, text=True, timeout=PATIENCE_S, env=environment(variables))
        self.assertEqual(done.returncode, code, done)
        lines = done.stderr.splitlines()
        self.assertTrue(any(all(part in line for part in parts) for line in lines),
                        (parts, lines))

    def without_rights(self):
        """The server's command as one who may do no more than files allow. It has a copy, as the
        build may be below somebody's home, which is closed to root without its rights as well."""
        if os.geteuid() != 0:
            return [Server.binary]
        needs(self, "setpriv")
        program = shutil.copy(Server.binary, self.folder)
        return ["setpriv", "--bounding-set=-all", "--inh-caps=-all", program]

    def assert_listening_fails(self, where, *parts):
        self.assert_told(4, 'event="cannot listen"', f'address="{where}"', *parts,
                         flags=("--listen", where, "--db", ":memory:"))


class Listening(Folder):
    def test_an_address_that_is_not_here(self):
        self.assert_listening_fails("192.0.2.1:5000", 'reason="Cannot assign requested address"',
                                    "no interface of this machine")

    def test_one_that_is_in_use(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            where = f"127.0.0.1:{taken.getsockname()[1]}"
            self.assert_listening_fails(where, 'reason="Address already in use"')
            self.assert_told(4, "serving=metrics", where, "Address already in use",
                             flags=("--listen", "127.0.0.1:0", "--metrics-listen", where, "--db",
                                    ":memory:"))

    def test_a_port_for_root_alone(self):
        lowest = int(pathlib.Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text())
        if lowest < 2:
            self.skipTest("every port is everybody's here")
        done = subprocess.run(
            [*self.without_rights(), "--metrics-listen", "none", "--db", ":memory:", "--listen",
             f"127.0.0.1:{lowest - 1}"], check=False, capture_output=True, text=True,
            timeout=PATIENCE_S, env=environment())
        self.assertEqual(done.returncode, 4, done)
        self.assertIn(f'address="127.0.0.1:{lowest - 1}" serving=api reason="Permission denied"',
                      done.stderr)

    def test_paths(self):
        file = self.folder / "file"
        file.write_text("mine")
        self.assert_listening_fails(f"unix:{self.folder}/no/socket", "No such file or directory",
                                    "make the folder first")
        self.assert_listening_fails(f"unix:{file}/socket", "Not a directory")
        self.assert_listening_fails(f"unix:{file}", "something that is no socket stands there")
        self.assert_listening_fails(f"unix:{self.folder}", "something that is no socket")
        self.assertEqual(file.read_text(), "mine")
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(self.folder / "socket"))
            listening.listen()
            self.assert_listening_fails(f"unix:{self.folder}/socket", "Address already in use")

    def test_a_path_that_is_too_long(self):
        where = f"unix:{self.folder}/{'x' * 120}"
        self.assert_told(2, "--listen needs", where[:40], "at most 107 bytes",
                         flags=("--listen", where))

    def test_what_is_no_address(self):
        for where, why in (("localhost:5000", "not numeric"), ("127.0.0.1:99999", "beyond 65535"),
                           ("127.0.0.1:http", "its port is no number"), ("127.0.0.1", "no :PORT"),
                           (":5000", "it has no address"), ("::1:5000", "in brackets"),
                           ("[::1]", "no :PORT"), ("unix:", "no path")):
            for flag in ("--listen", "--metrics-listen"):
                self.assert_told(2, f"{flag} needs", f'"{where}": ', why, flags=(flag, where))

    def test_an_address_file_that_cannot_be_written(self):
        for path, reason in ((self.folder / "no" / "where", "No such file or directory"),
                             (self.folder, "Is a directory")):
            self.assert_told(4, "cannot write the address file", f'file="{path}"', reason,
                             flags=("--listen", "127.0.0.1:0", "--db", ":memory:",
                                    "--address-file", path))
        self.assertEqual(list(self.folder.iterdir()), [])
    def assert_no_address_file(self, path, *parts):
        """The server ends, and neither what stands at the path nor its folder has changed."""
        before = sorted(self.folder.iterdir()), path.lstat()
        self.assert_told(4, "cannot write the address file", f'file="{path}"', *parts,
                         flags=("--listen", "127.0.0.1:0", "--db", ":memory:", "--address-file",
                                path))
        after = path.lstat()
        self.assertEqual(sorted(self.folder.iterdir()), before[0])
        self.assertEqual((after.st_mode, after.st_ino), (before[1].st_mode, before[1].st_ino))

    def test_an_address_file_where_something_else_stands(self):
        """A device, a FIFO, a socket or a link is left as it is, and none is waited for."""
        fifo, link, dangling = (self.folder / name for name in ("fifo", "link", "dangling"))
        os.mkfifo(fifo)
        link.symlink_to("/proc/self/fd/1")
        dangling.symlink_to(self.folder / "nowhere")
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(str(self.folder / "socket"))
        for path in (fifo, self.folder / "socket"):
            self.assert_no_address_file(path, "no regular file stands there")
        for path in (link, dangling):
            self.assert_no_address_file(path, "a symbolic link stands there")
        node = self.folder / "null"
        if os.geteuid() == 0:
            try:
                os.mknod(node, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
            except PermissionError:
                return
            self.assert_no_address_file(node, "no regular file stands there")

    def test_an_address_file_that_is_the_log(self):
        log = self.folder / "log"
        with log.open("w") as stream:
            done = subprocess.run([Server.binary, "--metrics-listen", "none", "--listen",
                                   "127.0.0.1:0", "--db", ":memory:", "--address-file", log],
                                  check=False, stderr=stream, timeout=PATIENCE_S,
                                  env=environment())
        self.assertEqual(done.returncode, 4)
        self.assertIn("standard output or error leads into it", log.read_text())

    def test_what_stands_beside_an_address_file_is_left_alone(self):
        """The name of the file that is not whole yet is nobody's."""
        beside = self.folder / "where.new"
        os.mkfifo(beside)
        with Server("--address-file", self.folder / "where") as server:
            self.assertEqual((self.folder / "where").read_text(),
                             f"{server.host}:{server.port}\n")
        self.assertTrue(stat.S_ISFIFO(beside.stat().st_mode))
        self.assertEqual(sorted(each.name for each in self.folder.iterdir()),
                         ["where", "where.new"])


class Databases(Folder):
    def assert_refused(self, path, *parts):
        self.assert_told(3, 'event="the database cannot be used"', f'file="{path}"', *parts,
                         flags=("--listen", "127.0.0.1:0", "--db", path))

    def test_what_is_no_file(self):
        fifo = self.folder / "fifo"
        os.mkfifo(fifo)
        self.assert_refused(self.folder, "Is a directory")
        self.assert_refused(fifo, "no regular file")
        self.assertTrue(stat.S_ISFIFO(fifo.stat().st_mode))
        for device in ("/dev/null", "/dev/zero", "/dev/full"):
            self.assert_refused(device, "no regular file")

    def test_names_that_lead_nowhere(self):
        loop = self.folder / "loop"
        loop.symlink_to(loop)
        (self.folder / "file").write_text("")
        self.assert_refused(self.folder / "no" / "r.db", "No such file or directory",
                            "its directory does not exist")
        self.assert_refused(self.folder / "file" / "r.db", "Not a directory")
        self.assert_refused(loop, "Too many levels of symbolic links", "links lead nowhere")
        too_long = self.folder / ("x" * 300)
        self.assert_told(3, f'file="{str(too_long)[:200]}"', "File name too long", "a shorter one",
                         flags=("--db", too_long))
        self.assertFalse((self.folder / "no").exists())

    def test_names_that_sqlite_takes_for_something_else(self):
        """No file of that name is made instead of what was meant."""
        for name, why in (("file:x?mode=memory", "it is a URI"), (":memory", "only :memory:"),
                          (":MEMORY:", "only :memory:")):
            before = pathlib.Path(name).exists()
            self.assert_told(2, "--db needs", f'"{name}"', why,
                             flags=("--listen", "127.0.0.1:0", "--db", name))
            self.assertEqual(pathlib.Path(name).exists(), before)

    def test_a_symbolic_link_is_followed(self):
        link = self.folder / "link"
        link.symlink_to(self.database)
        with Server(directory=self.folder, database=link) as server:
            ada, = joined(server)
        with Server(directory=self.folder) as server:
            self.assertEqual(server.get(f"/v1/t1/{ada.id.hex()}").body, ada.t1)
        self.assertTrue(link.is_symlink())

    def test_one_that_is_in_use(self):
        with Server(directory=self.folder) as server:
            ada, = joined(server)
            self.assert_refused(self.database, "another server is using it")
            alias = self.folder / "alias"
            alias.symlink_to(self.database)
            self.assert_refused(alias, "another server is using it")
            self.assertEqual(server.get(f"/v1/t1/{ada.id.hex()}").body, ada.t1)

    def test_one_that_may_not_be_written(self):
        self.database.write_bytes(b"")
        self.database.chmod(0o400)
        done = subprocess.run([*self.without_rights(), "--metrics-listen", "none", "--db",
                               self.database], check=False, capture_output=True, text=True,
                              timeout=PATIENCE_S, env=environment())
        self.assertEqual(done.returncode, 3, done)
        self.assertIn(f'file="{self.database}" reason="Permission denied"', done.stderr)


class Settings(Folder):
    def test_a_configuration_that_cannot_be_read(self):
        nowhere = self.folder / "nowhere.json"
        self.assert_told(2, str(nowhere), "--config", "No such file or directory",
                         flags=("--config", nowhere))
        self.assert_told(2, str(self.folder), "REUNION_CONFIG", "Is a directory",
                         variables={"REUNION_CONFIG": str(self.folder)})

    def test_where_in_a_file(self):
        path = self.folder / "a.json"
        path.write_text('{"threads": 1,\n "lifetime": }\n')
        self.assert_told(2, str(path), "line 2, column 14", flags=("--config", path))
        path.write_text('{"lifetme": "1h"}')
        self.assert_told(2, str(path), "did you mean lifetime?", flags=("--config", path))

    def test_an_address_file_that_is_another_of_its_files(self):
        """It would take its place."""
        with Server(directory=self.folder) as server:
            joined(server)
        before = self.database.read_bytes()
        alias = self.folder / "alias"
        alias.symlink_to(self.database)
        for name in (self.database, alias):
            self.assert_told(2, "address-file and db name the same file", str(name),
                             flags=("--db", self.database, "--address-file", name))
        for ending in ("-wal", "-shm", "-journal"):
            for database in (self.database, alias, f"{self.folder}/./reunion.db"):
                path = f"{self.database}{ending}"
                self.assert_told(2, "address-file and db name the same file", path,
                                 flags=("--db", database, "--address-file", path))
                self.assertFalse(pathlib.Path(path).exists())
        config = self.folder / "a.json"
        config.write_text("{}")
        self.assert_told(2, "address-file and config name the same file", str(config),
                         flags=("--config", config, "--address-file", config))
        self.assertEqual(self.database.read_bytes(), before)

    def test_a_database_that_is_still_to_be_made(self):
        """What would lie beside it is known before, where its links lead as well."""
        link = self.folder / "link"
        link.symlink_to("reunion.db")
        for database in (self.database, link):
            for ending in ("", "-wal"):
                self.assert_told(2, "address-file and db name the same file",
                                 flags=("--db", database, "--address-file",
                                        f"{self.database}{ending}"))
        self.assertEqual(list(self.folder.iterdir()), [link])

    def test_a_socket_that_is_another_of_its_files(self):
        place = self.folder / "place"
        self.assert_told(2, "address-file and listen name the same file", str(place),
                         flags=("--listen", f"unix:{place}", "--address-file", place))
        self.assert_told(2, "listen and db name the same file", f"{self.database}-journal",
                         flags=("--listen", f"unix:{self.database}-journal", "--db",
                                self.database))
        self.assert_told(2, "listen and metrics-listen name the same file",
                         flags=("--listen", f"unix:{place}", "--metrics-listen",
                                f"unix:{place}"))

    def test_names_that_are_nearly_right(self):
        self.assert_told(2, '"--treads" is not a flag; did you mean --threads?',
                         flags=("--treads", "2"))
        self.assert_told(2, "REUNION_LISTENS", "did you mean REUNION_LISTEN?",
                         variables={"REUNION_LISTENS": "127.0.0.1:1"})


class Signals(Folder):
    def test_each_that_stops_does_so_in_order(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            with self.subTest(number), Server(directory=self.folder) as server:
                everyone = joined(server, 3)
                server.program.process.send_signal(number)
                self.assertEqual(server.stop(), 0)
                self.assertIn('event="stopped"', server.log()[-1])
                # Folded into the file: an orderly stop leaves no log behind.
                self.assertFalse(pathlib.Path(f"{self.database}-wal").exists())
                server.start()
                for each in everyone:
                    self.assertEqual(server.get(f"/v1/t1/{each.id.hex()}").body, each.t1)

    def test_twice(self):
        with Server(directory=self.folder) as server:
            joined(server)
            for number in (signal.SIGTERM, signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
                server.program.process.send_signal(number)
            self.assertEqual(server.program.wait_for_end(), 0)
            self.assertIn('event="stopped"', server.log()[-1])
            self.assertFalse(pathlib.Path(f"{self.database}-wal").exists())

    def test_while_it_starts(self):
        """Whenever it comes, the server ends as one that was never started, or in order."""
        with Server(directory=self.folder) as server:
            ada, = joined(server)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with Program("server", [Server.binary, "--listen", "127.0.0.1:0", "--metrics-listen",
                                    "none", "--db", self.database]) as program:
                program.process.send_signal(number)
                self.assertIn(program.wait_for_end(), (0, -number))
        with Server(directory=self.folder) as server:
            self.assertEqual(server.get(f"/v1/t1/{ada.id.hex()}").body, ada.t1)

    def test_those_that_mean_nothing(self):
        with Server(directory=self.folder) as server:
            for number in (signal.SIGUSR1, signal.SIGUSR2, signal.SIGPIPE, signal.SIGALRM,
                           signal.SIGXFSZ, signal.SIGVTALRM, signal.SIGPROF, signal.SIGIO):
                server.program.process.send_signal(number)
                joined(server)
            self.assertEqual(server.get("/healthz").status, 200)

    def test_a_hang_up_that_is_ignored_stays_so(self):
        with Program("server", ["nohup", Server.binary, "--listen", "127.0.0.1:0",
                                "--metrics-listen", "none", "--db", self.database]) as program:
            program.wait_for_line('event="ready"', "err")
            status = dict(line.split(":\t") for line in pathlib.Path(
                f"/proc/{program.process.pid}/status").read_text().splitlines() if ":\t" in line)
            bit = 1 << (signal.SIGHUP - 1)
            self.assertTrue(int(status["SigIgn"], 16) & bit)
            self.assertFalse(int(status["SigBlk"], 16) & bit)  # what is blocked is waited for
            program.process.send_signal(signal.SIGHUP)
            address = program.wait_for_line("address=").text.split("address=")[1]
            self.assertEqual(Api(*address.rsplit(":", 1)).get("/healthz").status, 200)
            self.assertEqual(program.stop(), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
