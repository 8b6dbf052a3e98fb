"""A whole Tor network of its own: authorities, relays, and a client's SOCKS port, all on loopback.

Its keys are made on the spot and its rules are those of TestingTorNetwork: who publishes what, and
when, is hurried, what a circuit is and how an onion service is found is not.
"""

import concurrent.futures
import contextlib
import pathlib
import re
import shutil
import subprocess

from programs import Program

AUTHORITIES, RELAYS = 3, 4
SOCKS_PORT = 19050
USER = "debian-tor"

AS_USER = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--init-groups"]

COMMON = """
TestingTorNetwork 1
DataDirectory {folder}
Log notice stdout
SafeLogging 1
ShutdownWaitLength 0
PathsNeededToBuildCircuits 0.67
ConnLimit 60
GeoIPFile {empty}
GeoIPv6File {empty}
"""
RELAY = """
Nickname {name}
Address 127.0.0.1
OrPort {or_port}
DirPort {dir_port}
SocksPort 0
AssumeReachable 1
ExitRelay 0
ContactInfo test@localhost
"""
AUTHORITY = """
AuthoritativeDirectory 1
V3AuthoritativeDirectory 1
TestingV3AuthInitialVotingInterval 20
TestingV3AuthInitialVoteDelay 4
TestingV3AuthInitialDistDelay 4
V3AuthVotingInterval 20
V3AuthVoteDelay 4
V3AuthDistDelay 4
V3AuthNIntervalsValid 3
TestingDirAuthVoteGuard *
TestingDirAuthVoteHSDir *
TestingMinExitFlagThreshold 0
"""


class TorNetwork:
    """In a network namespace that has nothing but loopback, as root."""

    def __init__(self, folder):
        self._folder = pathlib.Path(folder)
        self._running = contextlib.ExitStack()
        self._authorities = ""

    def __enter__(self):
        # Countries of addresses are of no use here, and long to read.
        self._empty = self._folder / "empty"
        self._empty.touch()
        names = [f"authority{n}" for n in range(AUTHORITIES)]
        with concurrent.futures.ThreadPoolExecutor() as pool:
            self._authorities = "".join(pool.map(self._make_authority, names))
        with self._running:
            self._nodes = [self._start_relay(name, AUTHORITY) for name in names]
            self._nodes += [self._start_relay(f"relay{n}") for n in range(RELAYS)]
            self.client = self.start("client", f"SocksPort 127.0.0.1:{SOCKS_PORT}\n")
            self._running = self._running.pop_all()
        return self

    def __exit__(self, *_):
        self._running.close()

    def start(self, name, settings, torrc=None):
        """A tor of this network with `settings`, and with those of the file `torrc`."""
        file = self._folder / f"{name}.torrc"
        file.write_text(self._common(name) + settings + self._authorities)
        files = ["--defaults-torrc", file, "-f", torrc] if torrc else ["-f", file]
        return self._running.enter_context(Program(f"tor {name}", [*AS_USER, "tor", *files]))

    def wait_until_ready(self, *others):
        """Until the client, and the `others`, can reach everybody."""
        for program in (self.client, *others):
            program.wait_for_line("Bootstrapped 100%", "out")

    def _common(self, name):
        folder = self._folder / name
        folder.mkdir(mode=0o700, exist_ok=True)
        for path in (folder, *folder.rglob("*")):
            shutil.chown(path, USER, USER)
        return COMMON.format(folder=folder, empty=self._empty)

    @staticmethod
    def _ports(name):
        """Of a node's protocol, and of its directory."""
        number = int(name[-1]) + (0 if name.startswith("authority") else AUTHORITIES)
        return 5100 + number, 7100 + number

    def _relay(self, name):
        or_port, dir_port = self._ports(name)
        return RELAY.format(name=name, or_port=or_port, dir_port=dir_port)

    def _start_relay(self, name, settings=""):
        return self.start(name, self._relay(name) + settings)

    def _make_authority(self, name):
        """Its keys. Returns: the line by which all know it."""
        or_port, dir_port = self._ports(name)
        keys = self._folder / name / "keys"
        keys.mkdir(parents=True, mode=0o700)
        subprocess.run(["tor-gencert", "--create-identity-key", "--passphrase-fd", "0", "-m", "12",
                        "-a", f"127.0.0.1:{dir_port}"], cwd=keys, input=b"test\n", check=True,
                       stderr=subprocess.DEVNULL)
        identity = re.search(r"^fingerprint (\w+)$", (keys / "authority_certificate").read_text(),
                             re.MULTILINE).group(1)
        nobody = "0" * 40
        file = self._folder / f"{name}.torrc"
        file.write_text(self._common(name) + self._relay(name) +
                        f"DirAuthority x orport=1 no-v2 v3ident={nobody} 127.0.0.1:1 {nobody}\n")
        listed = subprocess.run([*AS_USER, "tor", "-f", file, "--list-fingerprint", "--quiet"],
                                check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                text=True).stdout
        fingerprint = re.search(rf"^{name} ([\w ]+)$", listed, re.MULTILINE).group(1)
        return (f"DirAuthority {name} orport={or_port} no-v2 v3ident={identity} "
                f"127.0.0.1:{dir_port} {fingerprint.replace(' ', '')}\n")
