"""Hosts in network namespaces, on a switch that loses and delays; what is run on them."""

import contextlib
import json
import pathlib
import subprocess
import sys

import reference
import reference_venv
from needed import needs, needs_namespaces
from ours import BUILD
from programs import Program

PROGRAM = BUILD / "client" / "reunion-on-an-ethernet"
LIBRARY = pathlib.Path(__file__).resolve().parent


class Host:
    """A network namespace, which lives as long as a process that waits in it."""

    def __init__(self, name):
        self.name = name
        self._holder = Program(f"host {name}", [
            "unshare", "--net", "sh", "-euc", "ip link set lo up && echo up && exec cat"],
            stdin=subprocess.PIPE)
        self._holder.wait_for_line("up")
        self.pid = self._holder.process.pid

    def command(self, *command):
        return ["nsenter", "-t", self.pid, "-n", *command]

    def program(self, name, *command, **how):
        return Program(name, self.command(*command), **how)

    def ip(self, *words):
        subprocess.run([str(part) for part in self.command("ip", *words)], check=True)

    def ours(self, message, passphrase, *options, name=None, env=None):
        """One of ours, which ends when it has met whom it expects."""
        if "--reveal-all" not in options and "--no-linger" not in options:
            options = ("--no-linger", *options)
        return self.program(name or f"{self.name} (ours)", PROGRAM, "--message", message,
                            "--passphrase", passphrase, *options, env=env)

    def reference(self, message, passphrase, *options):
        return self.program(f"{self.name} (reference)",
                            reference_venv.ready() / "bin" / "reunion-on-an-ethernet",
                            "--bind-mask", "eth0", "--message", message, "--passphrase", passphrase,
                            "--verbose", *options, env=reference.ENVIRONMENT)

    def close(self):
        self._holder.process.stdin.close()
        self._holder.wait_for_end()
        self._holder.__exit__()


@contextlib.contextmanager
def hosts(case, count):
    """So many hosts that nothing connects yet."""
    needs(case, "/dev/net/tun", "ip", "nsenter")
    needs_namespaces(case, "--net")
    with contextlib.ExitStack() as open_hosts:
        made = []
        for number in range(1, count + 1):
            host = Host(f"host {number}")
            open_hosts.callback(host.close)
            made.append(host)
        yield made


@contextlib.contextmanager
def wire(on_hosts, **how):
    """A switch between hosts: see wire.py for what it can be told. Returns: its program."""
    options = []
    for name, value in how.items():
        flag = "--" + name.replace("_", "-")
        options += [flag] if value is True else [flag, value]
    with Program("switch", [sys.executable, LIBRARY / "wire.py", *options,
                            *[host.pid for host in on_hosts]], stdin=subprocess.PIPE) as switch:
        switch.wait_for_line("ready")
        try:
            yield switch
        finally:
            switch.process.stdin.close()
            switch.wait_for_end()


@contextlib.contextmanager
def local_network(case, count, **how):
    """So many hosts on one switch."""
    with hosts(case, count) as made, wire(made, **how):
        yield made


def events(program):
    """What one of ours tells with --json."""
    return [json.loads(line.text) for line in program.lines if line.stream == "out"]


def wait_until_waiting(program):
    """Until one of ours, of either form of output, has announced itself."""
    program.wait_for("its announcement", lambda lines: any(
        "waiting for others" in line.text or '"event":"waiting"' in line.text for line in lines))


def wait_until_sent(program):
    """Until a reference has announced itself."""
    program.wait_for_line("Sent ")


def reference_messages(lines):
    """What a reference has revealed, among all that it tells with --verbose."""
    texts = [line.text for line in lines if line.stream == "out"]
    return [bytes.fromhex(text.partition("Result for t3: ")[2]).decode().rstrip(" ")
            for text in texts if text.startswith("Result for t3: ")]
