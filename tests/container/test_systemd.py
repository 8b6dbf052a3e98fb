"""The packages in a clean Debian with systemd as its first process: installed, run, purged."""

import contextlib
import http.client
import pathlib
import re
import shutil
import tempfile
import threading
import unittest

import packages
from containers import Engine
from harness import Api
from programs import Failure, Program
from rendezvous import joined

IMAGE = "localhost/reunion-systemd"
SERVICE, SOCKET = "reunion-server.service", "reunion-server.socket"
SETTINGS = "/etc/default/reunion-server"
STATE = "/var/lib/private/reunion"

# What is installed when the packages are not yet, is what must be left when they are gone.
DOCKERFILE = """
FROM debian:bookworm-slim
RUN apt-get update \\
 && apt-get install --yes --no-install-recommends systemd libnss-systemd
RUN systemctl mask getty.target console-getty.service systemd-logind.service
COPY *.deb /packages/
RUN find / -xdev | sort >/before
RUN apt-get install --yes --no-install-recommends /packages/*.deb
STOPSIGNAL SIGRTMIN+3
CMD ["/lib/systemd/systemd"]
"""
# What systemd needs to be a first process, and to take from its services what their units say. The
# network is the engine's, which has nothing but loopback.
OPTIONS = ("--systemd=always", "--cap-add=SYS_ADMIN", "--security-opt=seccomp=unconfined",
           "--security-opt=unmask=ALL", "--network=host")
# Kept by apt, dpkg and systemd for themselves, or put there by the container's engine.
KEEPERS_OWN = re.compile(
    r"/(before|dev|proc|run|sys|tmp|var/(cache|log|tmp))(/|$)|/var/lib/(apt|dpkg|systemd)(/|$)|"
    r"/var/lib/private$")

# How long the journal's reader waits for a first process that is ready to be spoken to.
FOLLOW = ("until [ -S /run/systemd/private ]; do :; done; "
          f"exec journalctl --follow --lines=all --output=cat --unit={SERVICE}")

# The unit's own watchdog has a minute.
IMPATIENT = "[Service]\\nWatchdogSec=2s\\nTimeoutAbortSec=2s\\n"


class Machine:
    """A running container of the image, and the service in it."""

    def __init__(self, engine):
        self.engine = engine
        self.api = Api("127.0.0.1", 5000)

    def __enter__(self):
        self.container = self.engine.run(IMAGE, options=OPTIONS)
        self.journal = self.start("journal", "timeout", "1h", "sh", "-c", FOLLOW)
        self.wait_until_ready(1)
        return self

    def __exit__(self, *_):
        self.container.remove()
        self.journal.__exit__()

    def start(self, name, *command):
        """A Program in there."""
        return Program(name, self.engine.command("exec", self.container.name, *command),
                       env=self.engine.environment)

    def do(self, *command):
        """Returns: what it printed."""
        return self.container.execute(*command).strip()

    def property(self, name, unit=SERVICE):
        return self.do("systemctl", "show", "--value", "--property", name, unit)

    def count(self, part):
        """The lines so far of the service's journal with `part` in them."""
        return sum(part in line.text for line in list(self.journal.lines))

    def wait_until_ready(self, times):
        """Until the server has said so often, from the container's start on, that it serves."""
        self.journal.wait_for(f"{times} times ready",
                              lambda _: self.count('event="ready"') >= times)

    @contextlib.contextmanager
    def starting(self):
        """Wait, at the end, for one more start of the server than there were."""
        before = self.count('event="ready"')
        yield
        self.wait_until_ready(before + 1)


class Visitors:
    """They come one after the other, each on a connection of its own, until told to stop."""

    def __init__(self, api):
        self._api = api
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._come)
        self.served, self.refused = 0, 0

    def _come(self):
        while not self._stop.is_set():
            try:
                self.served += self._api.get("/v1/server").status == 200
            except ConnectionRefusedError:
                self.refused += 1
            except (OSError, http.client.HTTPException):
                pass  # A connection that was open as the server stopped may be closed.

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()


def setUpModule():
    global engine
    engine = unittest.enterModuleContext(Engine(None))
    made = packages.made(None)
    with tempfile.TemporaryDirectory(prefix="reunion-") as context:
        for name in packages.NAMES:
            shutil.copy(packages.package(made, name), context)
        dockerfile = pathlib.Path(context, "Dockerfile")
        dockerfile.write_text(DOCKERFILE)
        engine.build(IMAGE, dockerfile, context)


class Running(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.machine = cls.enterClassContext(Machine(engine))

    def setUp(self):
        self.enterContext(engine.inside())

    def test_it_serves_with_next_to_no_privileges(self):
        machine = self.machine
        self.assertEqual(machine.api.get("/healthz").status, 200)
        pid = machine.property("MainPID")
        status = dict(line.split(":\t", 1) for line in
                      machine.do("cat", f"/proc/{pid}/status").splitlines() if ":\t" in line)
        # Of those that systemd hands out to users that exist while their service does.
        for uid in status["Uid"].split():
            self.assertTrue(61184 <= int(uid) <= 65519, uid)
        for kind in ("CapEff", "CapPrm", "CapBnd", "CapAmb"):
            self.assertEqual(int(status[kind], 16), 0, kind)
        self.assertEqual((status["NoNewPrivs"], status["Seccomp"]), ("1", "2"))
        self.assertEqual(machine.do("stat", "--format=%a %U", STATE, f"{STATE}/reunion.db"),
                         "700 reunion-server\n600 reunion-server")

    def test_systemd_has_nothing_to_say_against_its_units(self):
        files = [f"/lib/systemd/system/{unit}" for unit in (SERVICE, SOCKET)]
        self.assertEqual(self.machine.do("sh", "-c", "systemd-analyze verify --man=no \"$@\" 2>&1",
                                         "verify", *files), "")

    def test_two_meet(self):
        with contextlib.ExitStack() as stack:
            people = [stack.enter_context(self.machine.start(
                name, "reunion-client", "--expect=1", "--no-linger", "--passphrase=jelly",
                f"--msg=from {name}")) for name in ("Alice", "Bob")]
            people[0].wait_for_line("from Bob", "out")
            people[1].wait_for_line("from Alice", "out")
            self.assertEqual([each.wait_for_end() for each in people], [0, 0])

    def test_who_comes_starts_it(self):
        machine = self.machine
        machine.do("systemctl", "stop", SERVICE)
        self.assertEqual(machine.property("Result"), "success")
        self.assertEqual(machine.property("ActiveState"), "inactive")
        with machine.starting():
            self.assertEqual(machine.api.get("/v1/server").status, 200)

    def test_a_restart_and_an_upgrade_refuse_nobody_and_lose_nothing(self):
        machine = self.machine
        stood = joined(machine.api, 3)
        listening_since = machine.property("ActiveEnterTimestampMonotonic", SOCKET)
        with Visitors(machine.api) as visitors:
            with machine.starting():
                machine.do("systemctl", "restart", SERVICE)
            with machine.starting():
                machine.do("sh", "-c", "dpkg --install /packages/reunion-server_*.deb")
        self.assertEqual(machine.property("ActiveEnterTimestampMonotonic", SOCKET),
                         listening_since)
        self.assertEqual(visitors.refused, 0)
        self.assertGreater(visitors.served, 0)
        for identity in stood:
            self.assertEqual(machine.api.get(f"/v1/t1/{identity.id.hex()}").body, identity.t1)

    def test_one_that_hangs_is_started_anew(self):
        machine = self.machine
        place = f"/run/systemd/system/{SERVICE}.d"
        machine.do("sh", "-c", f"mkdir -p {place} && printf '{IMPATIENT}' >{place}/impatient.conf")
        self.addCleanup(machine.do, "systemctl", "daemon-reload")
        self.addCleanup(machine.do, "rm", f"{place}/impatient.conf")
        with machine.starting():
            machine.do("sh", "-c", f"systemctl daemon-reload && systemctl restart {SERVICE}")
        hanging = machine.property("MainPID")
        with machine.starting():
            machine.do("systemctl", "kill", "--kill-whom=main", "--signal=STOP", SERVICE)
        self.assertNotEqual(machine.property("MainPID"), hanging)
        self.assertEqual(machine.property("NRestarts"), "1")
        self.assertEqual(machine.api.get("/healthz").status, 200)

    def test_wrong_settings_are_not_tried_again(self):
        machine = self.machine
        machine.do("sh", "-c", f"cp {SETTINGS} /tmp/settings && "
                   f"echo REUNION_LIFETIME=never >>{SETTINGS}")
        with self.assertRaises(Failure):
            machine.do("systemctl", "restart", SERVICE)
        self.assertEqual(machine.property("ActiveState"), "failed")
        self.assertEqual(machine.property("ExecMainStatus"), "2")
        self.assertEqual(machine.property("NRestarts"), "0")
        self.assertEqual(machine.count("REUNION_LIFETIME"), 1)
        machine.do("cp", "/tmp/settings", SETTINGS)
        with machine.starting():
            machine.do("systemctl", "start", SERVICE)


class Installed(unittest.TestCase):
    def test_on_a_system_that_runs(self):
        """As most are installed; the image's were when nothing could be started."""
        with engine.inside(), Machine(engine) as machine:
            machine.do("dpkg", "--purge", "reunion-server")
            with machine.starting():
                machine.do("sh", "-c", "dpkg --install /packages/reunion-server_*.deb")
            self.assertEqual([machine.property("SubState", unit) for unit in (SOCKET, SERVICE)],
                             ["running", "running"])
            self.assertEqual(machine.api.get("/healthz").status, 200)


class Purged(unittest.TestCase):
    @staticmethod
    def files(machine, *command):
        """What a command lists, without what others keep."""
        return {path for path in machine.do(*command).splitlines() if not KEEPERS_OWN.match(path)}

    def test_nothing_is_left(self):
        with engine.inside(), Machine(engine) as machine:
            machine.do("test", "-e", f"{STATE}/reunion.db")
            before = self.files(machine, "cat", "/before")
            self.assertLess(before, self.files(machine, "find", "/", "-xdev"))
            machine.do("apt-get", "purge", "--yes", "--autoremove", *packages.NAMES)
            self.assertEqual(self.files(machine, "find", "/", "-xdev") ^ before, set())
            self.assertEqual(machine.do("sh", "-c", "ls -A /var/lib/private"), "")
            self.assertEqual(machine.do("sh", "-c", "getent passwd reunion-server || :"), "")
            for unit in (SERVICE, SOCKET):
                self.assertEqual(machine.property("LoadState", unit), "not-found")
            with self.assertRaises(ConnectionRefusedError):
                machine.api.get("/v1/server")


if __name__ == "__main__":
    unittest.main(verbosity=2)
