"""Our own client and server as tests start them."""

import os
import pathlib

from programs import Program

BUILD = pathlib.Path(os.environ.get(
    "REUNION_BUILD", pathlib.Path(__file__).resolve().parents[2] / "build"))
SOURCE = pathlib.Path(os.environ.get("REUNION_SOURCE", pathlib.Path(__file__).resolve().parents[2]))


def server(folder, listen="127.0.0.1:5000"):
    """A running server on a fresh database in `folder`, which answers."""
    program = Program("server (ours)", [
        BUILD / "server" / "reunion-server", "--listen", listen,
        "--metrics-listen", "none", "--db", pathlib.Path(folder) / "reunion.db"])
    program.wait_for_line('event="ready"')
    return program


def address(server):
    """Where it listens: the port may have been left to the system."""
    return server.wait_for_line('event="listening"').text.partition("address=")[2]


def client(name, message, passphrase, duration_s, *options):
    return Program(f"{name} (ours)", [
        BUILD / "client" / "reunion-client", "--duration", duration_s, "--msg", message,
        "--passphrase", passphrase, *options])


def wait_until_standing(client, _at_server):
    client.wait_for_line("waiting for others", "err")


def revealed_lines(lines):
    """The lines among a client's that tell a message: all of standard output."""
    return [line for line in lines if line.stream == "out"]


def revealed(lines):
    """The messages among a client's lines, in order."""
    return [line.text for line in revealed_lines(lines)]
