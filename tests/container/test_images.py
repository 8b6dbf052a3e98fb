"""The images of docker/ are built for real, and what runs in their containers does its work; so
does what the files of docker-compose in docker/ make of them."""

import concurrent.futures
import http.client
import pathlib
import subprocess
import tempfile
import threading
import unittest

from containers import Container, Engine, run
from harness import Api, SecureApi
from needed import needs
from ours import SOURCE, client
from programs import PATIENCE_S
from rendezvous import Identity

SERVER, CLIENT, PROXY, MIX = (f"localhost/reunion-{name}"
                              for name in ("server", "client", "proxy", "mix"))
PORT = 5000
COMMIT = "0123456789abcdef" * 2 + "01234567"
# Acknowledged by then, the server is stopped while more are on their way.
ENOUGH_T1S = 40
POSTERS = 4
SHELLS = ("/usr/bin/dash", "/usr/bin/bash")

# What docker/compose.yaml asks for; and no shell is to be had, as none is needed.
HARDENED = ["--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--memory=512m",
            "--pids-limit=64", *(f"--volume=/dev/null:{shell}:ro" for shell in SHELLS)]

BUILD_TOOLS = ("gcc", "cc", "ld", "as", "make", "meson", "ninja", "pkg-config", "python3")


def setUpModule():
    global engine
    engine = unittest.enterModuleContext(Engine(None))
    for image in (SERVER, CLIENT, PROXY, MIX):
        name = image.removeprefix("localhost/reunion-")
        engine.build(image, SOURCE / "docker" / f"{name}.Dockerfile", SOURCE, COMMIT=COMMIT)


class Case(unittest.TestCase):
    def setUp(self):
        self.enterContext(engine.inside())

    def assert_no_privileges(self, container, user):
        status = container.status()
        for kind in ("Uid", "Gid"):
            self.assertEqual(status[kind].split(), [user] * 4)
        for kind in ("CapEff", "CapPrm", "CapBnd", "CapAmb"):
            self.assertEqual(int(status[kind], 16), 0, kind)
        self.assertEqual(status["NoNewPrivs"], "1")
        self.assertEqual(status["Seccomp"], "2")
        self.assertTrue(engine.inspect(container.name)["HostConfig"]["ReadonlyRootfs"])


class Images(Case):
    @classmethod
    def setUpClass(cls):
        engine.podman("network", "create", "meeting")

    def setUp(self):
        super().setUp()
        self.api = Api("127.0.0.1", PORT)

    def serve(self):
        """A server's container, gone after the test; its volume is not."""
        container = engine.run(SERVER, "--rate-max", "0", options=[
            *HARDENED, "--network=meeting", "--name=server", "--volume=records:/var/lib/reunion",
            f"--publish=127.0.0.1:{PORT}:{PORT}"])
        self.addCleanup(container.remove)
        with container.follow() as output:
            output.wait_for_line('event="ready"')
        return container

    def content(self, image):
        """The paths of all files of an image."""
        return engine.podman("run", "--rm", "--network=none", *engine.limits(),
                             "--user=0", "--entrypoint=find", image, "/", "-xdev", "-type",
                             "f").splitlines()

    def test_what_is_not_in_them(self):
        for image in (SERVER, CLIENT, MIX):
            files = self.content(image)
            self.assertIn(image.replace("localhost", "/usr/bin"), files)
            names = {path.rpartition("/")[2] for path in files if path.startswith("/usr/bin/")}
            self.assertEqual(sorted(name for name in names if name in BUILD_TOOLS or
                                    name.startswith(("gcc", "x86_64-linux-gnu-"))), [])
            self.assertEqual([path for path in files if path.endswith((".h", ".c"))
                              or path.startswith(("/src", "/build", "/var/lib/apt/lists/"))], [])

    def test_what_they_say_of_themselves(self):
        for image, program in ((SERVER, "reunion-server"), (CLIENT, "reunion-client"),
                               (CLIENT, "reunion-link"), (CLIENT, "reunion-group"),
                               (CLIENT, "reunion-on-an-ethernet"),
                               (MIX, "reunion-mix")):
            version = engine.podman("run", "--rm", "--network=none", *engine.limits(),
                                    f"--entrypoint={program}", image, "--version")
            self.assertIn(COMMIT[:12], version)
        for image, user in ((SERVER, 10001), (CLIENT, 10001), (MIX, 10003)):
            config = engine.inspect(image)["Config"]
            self.assertEqual(config["User"], f"{user}:{user}")
            self.assertEqual(config["Entrypoint"], [image.replace("localhost", "/usr/bin")])
        for name, volume in ((SERVER, "reunion"), (MIX, "reunion-mix")):
            image = engine.inspect(name)
            self.assertEqual(list(image["Config"]["Volumes"]), [f"/var/lib/{volume}"])
            self.assertEqual(image["Healthcheck"]["Test"],
                             ["CMD", name.replace("localhost", "/usr/bin"), "--probe"])

    def test_a_client_inside_meets_one_outside(self):
        server = self.serve()
        self.assertTrue(server.is_healthy())
        inside = engine.run(
            CLIENT, "--server", f"http://server:{PORT}", "--insecure-http", "--duration", "600",
            "--msg", "from inside", "--passphrase", "jelly",
            options=[*HARDENED, "--network=meeting"])
        self.addCleanup(inside.remove)
        with inside.follow() as a, client("outside", "from outside", "jelly", 600, "--server",
                                          f"http://127.0.0.1:{PORT}") as b:
            a.wait_for_line("from outside", "out")
            b.wait_for_line("from inside", "out")
        self.assertEqual(inside.stop(), 0)

    def test_it_has_no_privileges(self):
        self.assert_no_privileges(self.serve(), "10001")

    def test_who_does_not_serve_is_not_healthy(self):
        idle = engine.run(SERVER, "-f", "/dev/null",
                          options=["--network=none", "--entrypoint=tail"])
        self.addCleanup(idle.remove)
        self.assertFalse(idle.is_healthy())

    def test_a_stop_and_a_new_container_lose_nothing(self):
        """It is stopped while clients post; what was acknowledged stands afterwards."""
        server = self.serve()
        stood, enough = [], threading.Event()
        with concurrent.futures.ThreadPoolExecutor(POSTERS) as pool:
            posters = [pool.submit(self.post_until_stopped, stood, enough) for _ in range(POSTERS)]
            self.assertTrue(enough.wait(PATIENCE_S))
            self.assertEqual(server.stop(), 0)
            for poster in posters:
                poster.result(PATIENCE_S)
        self.assert_stand_after_restart(server, stood)

    def post_until_stopped(self, stood, enough):
        try:
            with self.api.connect() as connection:
                while True:
                    identity = Identity()
                    if identity.join(self.api, connection=connection).status == 201:
                        stood.append(identity)
                    if len(stood) >= ENOUGH_T1S:
                        enough.set()
        except (OSError, ValueError, http.client.HTTPException):
            pass

    def assert_stand_after_restart(self, server, stood):
        self.assertGreaterEqual(len(stood), ENOUGH_T1S)
        server.remove()
        self.serve()
        with self.api.connect() as connection:
            for identity in stood:
                answer = self.api.request("GET", f"/v1/t1/{identity.id.hex()}",
                                          connection=connection)
                self.assertEqual(answer.body, identity.t1)


class Composed(Case):
    """By docker-compose, at podman's service of Docker's API."""

    @classmethod
    def setUpClass(cls):
        needs(cls, "docker-compose")
        cls.docker = cls.enterClassContext(engine.docker_api())

    def compose(self, *arguments, file="compose.yaml", **environment):
        return run("docker-compose", "--file", SOURCE / "docker" / file,
                   "--project-name", "reunion", *arguments,
                   environment={**self.docker, "REUNION_SITE": "localhost", **environment})

    def up(self):
        self.compose("up", "--detach", "--no-build")
        self.server, self.proxy = (Container(engine, f"reunion_{name}_1")
                                   for name in ("server", "proxy"))
        for container, ready in ((self.server, 'event="ready"'), (self.proxy, "serving initial")):
            with container.follow() as output:
                output.wait_for_line(ready)

    def test_all_of_it(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.addCleanup(self.compose, "down", "--volumes")
        self.up()
        # Caddy is its own authority for that name.
        self.authority = folder / "authority.pem"
        self.authority.write_text(self.proxy.execute(
            "cat", "/var/lib/proxy/caddy/pki/authorities/local/root.crt"))
        self.api = SecureApi("localhost", 443, self.authority)
        self.assert_they_meet()
        for container, user in ((self.server, "10001"), (self.proxy, "10002")):
            self.assert_no_privileges(container, user)
            limits = engine.inspect(container.name)["HostConfig"]
            self.assertGreater(limits["Memory"], 0)
            self.assertGreater(limits["PidsLimit"], 0)
        self.assertTrue(self.server.is_healthy())
        self.assert_the_server_is_alone()
        self.assert_a_new_start_has_the_records()

    def assert_they_meet(self):
        options = ("--server", "https://localhost", "--cacert", self.authority)
        with client("Alice", "from Alice", "jelly", 600, *options) as a, \
                client("Bob", "from Bob", "jelly", 600, *options) as b:
            a.wait_for_line("from Bob", "out")
            b.wait_for_line("from Alice", "out")

    def assert_the_server_is_alone(self):
        """It publishes nothing, it has no way out, and its metrics are not what the proxy shows."""
        published = engine.inspect(self.server.name)["HostConfig"]["PortBindings"]
        self.assertEqual([port for port, places in published.items() if places], [])
        self.assertEqual(self.default_routes(self.server), [])
        self.assertNotEqual(self.default_routes(self.proxy), [])
        self.assertEqual(self.api.get("/metrics").status, 404)

    @staticmethod
    def default_routes(container):
        table = pathlib.Path(f"/proc/{container.status()['Pid']}/net/route").read_text()
        return [line for line in table.splitlines()[1:] if line.split()[1] == "00000000"]

    def assert_a_new_start_has_the_records(self):
        identity = Identity()
        self.assertEqual(identity.join(self.api).status, 201)
        self.compose("down")
        self.up()
        self.assertEqual(self.api.get(f"/v1/t1/{identity.id.hex()}").body, identity.t1)

    def test_at_home(self):
        """Reached by address and key alone, by streams and by packets."""
        self.addCleanup(self.compose, "down", "--volumes", file="compose-home.yaml")
        self.compose("up", "--detach", "--no-build", file="compose-home.yaml")
        server = Container(engine, "reunion_server_1")
        with server.follow() as output:
            output.wait_for_line('event="ready"')
        stream, packets = server.execute(
            "reunion-server", "key", "--host", "127.0.0.1").split()
        self.assertEqual([each.partition("127")[0] for each in (stream, packets)],
                         ["box://", "box+udp://"])
        with client("Alice", "from Alice", "jelly", 600, "--server", stream) as a, \
                client("Bob", "from Bob", "jelly", 600, "--server", packets) as b:
            a.wait_for_line("from Bob", "out")
            b.wait_for_line("from Alice", "out")
        self.assert_no_privileges(server, "10001")
        self.assertTrue(server.is_healthy())
        published = engine.inspect(server.name)["HostConfig"]["PortBindings"]
        self.assertEqual(sorted(port for port, places in published.items() if places),
                         ["5443/tcp", "5443/udp"])

    def test_a_name_is_needed(self):
        done = subprocess.run(
            ["docker-compose", "--file", SOURCE / "docker" / "compose.yaml", "config"],
            env={**self.docker, "REUNION_SITE": ""}, capture_output=True, text=True)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("the name of the place", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
