"""The samples of packaging/, started as Debian starts the programs that they are for.

Where these tests run, /etc and what is in /run are theirs (tests/lib/in-etc).
"""

import contextlib
import os
import pathlib
import shutil
import signal
import ssl
import tempfile
import time

from certificates import Authority
from harness import SecureApi
from needed import needs_own_etc
from ours import SOURCE
from programs import PATIENCE_S, Failure, Program

SAMPLES = SOURCE / "packaging"
NAME = "meet.example.org"
SOCKET = pathlib.Path("/run/reunion/reunion.sock")
# For the same site of Caddy, that makes its own certificate for this name. On another port than
# nginx's, so that both can run.
CADDY_PORT = 8443
CADDY_SITE = f"localhost:{CADDY_PORT}"


def prepare():
    """What the samples expect to be there, the server aside. Returns: an authority for the name.

    It changes /etc, and so it has to be the test's own.
    """
    needs_own_etc(None)
    with open("/etc/hosts", "a") as hosts:
        hosts.write(f"127.0.0.1 {NAME}\n")
    place = pathlib.Path("/etc/letsencrypt/live", NAME)
    place.mkdir(parents=True)
    authority = Authority(place, "authority")
    certificate, key = authority.issue(NAME, f"DNS:{NAME}")
    certificate.rename(place / "fullchain.pem")
    key.rename(place / "privkey.pem")
    SOCKET.parent.mkdir()
    os.mkdir("/var/log/nginx")
    shutil.chown("/var/lib/caddy", "caddy", "caddy")
    return authority.file


class Nginx:
    """With the sample as its only site; `unix`: with the other one of the upstream's two lines."""

    def __init__(self, authority, unix=False):
        self.authority, self._unix = authority, unix

    def __enter__(self):
        sites = pathlib.Path("/etc/nginx/sites-enabled")
        for site in sites.iterdir():
            site.unlink()
        sample = (SAMPLES / "nginx" / "reunion.conf").read_text()
        if self._unix:
            sample = sample.replace("    server 127", "    #server 127")
            sample = sample.replace("    #server unix", "    server unix")
        (sites / "reunion.conf").write_text(sample)
        self.program = Program("nginx", ["nginx", "-g", "daemon off; error_log stderr notice;"])
        self.program.wait_for_line("start worker process", "err")
        self.url = f"https://{NAME}"
        return self

    def __exit__(self, *_):
        with self.program:
            self.program.stop(signal.SIGTERM)
        # The next one begins with an empty cache.
        with tempfile.TemporaryDirectory(dir="/run") as gone, \
                contextlib.suppress(FileNotFoundError):
            os.rename("/run/nginx-reunion", pathlib.Path(gone, "cache"))

    def api(self, source=None):
        return SecureApi(NAME, 443, self.authority, source)

    def written(self):
        """All that it has left to be read."""
        logs = [path.read_text() for path in pathlib.Path("/var/log/nginx").iterdir()]
        return self.program.transcript() + "".join(logs)


class Caddy:
    """With the sample as its Caddyfile, and the variables that this names."""

    def __init__(self, _, unix=False):
        self._variables = {"REUNION_SITE": CADDY_SITE, "HOME": "/var/lib/caddy"}
        if unix:
            self._variables["REUNION_UPSTREAM"] = f"unix/{SOCKET}"
        self.authority = pathlib.Path(
            "/var/lib/caddy/.local/share/caddy/pki/authorities/local/root.crt")
        self.url = f"https://{CADDY_SITE}"

    def __enter__(self):
        file = "/etc/caddy/Caddyfile"
        shutil.copyfile(SAMPLES / "caddy" / "Caddyfile", file)
        self.program = Program("caddy", [
            "setpriv", "--reuid=caddy", "--regid=caddy", "--init-groups",
            "--inh-caps=+net_bind_service", "--ambient-caps=+net_bind_service",
            "caddy", "run", "--config", file], env=self._variables)
        self.program.wait_for_line("serving initial configuration", "err")
        self._wait_for_certificate()
        return self

    def _wait_for_certificate(self):
        """It serves before it has made one, and refuses handshakes until then."""
        deadline_s = time.monotonic() + PATIENCE_S
        while True:
            try:
                # Its authority is made shortly before.
                if self.authority.exists():
                    self.api().request("GET", "/")
                    return
            except ssl.SSLError:
                if time.monotonic() > deadline_s:
                    raise
            if time.monotonic() > deadline_s:
                raise Failure(f"no certificate:\n{self.program.transcript()}")

    def __exit__(self, *_):
        with self.program:
            self.program.stop()

    def api(self, source=None):
        return SecureApi("localhost", CADDY_PORT, self.authority, source)

    def written(self):
        return self.program.transcript()
