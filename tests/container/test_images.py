"""The images of docker/ are built for real, and what runs in their containers does its work."""

import concurrent.futures
import http.client
import threading
import unittest

from containers import Engine
from harness import Api
from ours import SOURCE, client
from programs import PATIENCE_S
from rendezvous import Identity

SERVER, CLIENT = "localhost/reunion-server", "localhost/reunion-client"
PORT = 5000
# Acknowledged by then, the server is stopped while more are on their way.
ENOUGH_T1S = 40
POSTERS = 4
SHELLS = ("/usr/bin/dash", "/usr/bin/bash")

# What docker/compose.yaml asks for; and no shell is to be had, as none is needed.
HARDENED = ["--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--memory=512m",
            "--pids-limit=64", *(f"--volume=/dev/null:{shell}:ro" for shell in SHELLS)]

BUILD_TOOLS = ("gcc", "cc", "ld", "as", "make", "meson", "ninja", "pkg-config", "python3")


class Images(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.engine = cls.enterClassContext(Engine(cls))
        for image, name in ((SERVER, "server"), (CLIENT, "client")):
            cls.engine.build(image, SOURCE / "docker" / f"{name}.Dockerfile", SOURCE)
        cls.engine.podman("network", "create", "meeting")

    def setUp(self):
        self.enterContext(self.engine.inside())
        self.api = Api("127.0.0.1", PORT)

    def serve(self):
        """A server's container, gone after the test; its volume is not."""
        container = self.engine.run(SERVER, options=[
            *HARDENED, "--network=meeting", "--name=server", "--volume=records:/var/lib/reunion",
            f"--publish=127.0.0.1:{PORT}:{PORT}"])
        self.addCleanup(container.remove)
        with container.follow() as output:
            output.wait_for_line('event="ready"')
        return container

    def content(self, image):
        """The paths of all files of an image."""
        return self.engine.podman("run", "--rm", "--network=none", *self.engine.limits(),
                                  "--user=0", "--entrypoint=find", image, "/", "-xdev",
                                  "-type", "f").splitlines()

    def test_what_is_not_in_them(self):
        for image in (SERVER, CLIENT):
            files = self.content(image)
            self.assertIn(image.replace("localhost", "/usr/bin"), files)
            names = {path.rpartition("/")[2] for path in files if path.startswith("/usr/bin/")}
            self.assertEqual(sorted(name for name in names if name in BUILD_TOOLS or
                                    name.startswith(("gcc", "x86_64-linux-gnu-"))), [])
            self.assertEqual([path for path in files if path.endswith((".h", ".c"))
                              or path.startswith(("/src", "/build", "/var/lib/apt/lists/"))], [])

    def test_what_they_say_of_themselves(self):
        for image in (SERVER, CLIENT):
            config = self.engine.inspect(image)["Config"]
            self.assertEqual(config["User"], "10001:10001")
            self.assertEqual(config["Entrypoint"], [image.replace("localhost", "/usr/bin")])
        image = self.engine.inspect(SERVER)
        self.assertEqual(list(image["Config"]["Volumes"]), ["/var/lib/reunion"])
        self.assertEqual(image["Healthcheck"]["Test"],
                         ["CMD", "/usr/bin/reunion-server", "--probe"])

    def test_a_client_inside_meets_one_outside(self):
        server = self.serve()
        self.assertTrue(server.is_healthy())
        inside = self.engine.run(
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
        status = self.serve().status()
        self.assertEqual(status["Uid"].split(), ["10001"] * 4)
        self.assertEqual(status["Gid"].split(), ["10001"] * 4)
        for kind in ("CapEff", "CapPrm", "CapBnd", "CapAmb"):
            self.assertEqual(int(status[kind], 16), 0, kind)
        self.assertEqual(status["NoNewPrivs"], "1")
        self.assertEqual(status["Seccomp"], "2")

    def test_who_does_not_serve_is_not_healthy(self):
        idle = self.engine.run(SERVER, "-f", "/dev/null",
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


if __name__ == "__main__":
    unittest.main(verbosity=2)
