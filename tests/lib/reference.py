"""The reference's client and server, used as black boxes.

Both know only 127.0.0.1:5000, so whoever uses them runs under tests/lib/in-namespace.
"""

import json

import reference_venv
from programs import Program


# Else Python keeps its output back until there is more of it, as that goes to no terminal.
ENVIRONMENT = {"PYTHONUNBUFFERED": "1"}


def server():
    """A running reference server that answers."""
    program = Program("reference server", [reference_venv.ready() / "bin" / "reunion-server"],
                      ENVIRONMENT)
    # Printed after its socket listens.
    program.wait_for_line("Running on http://127.0.0.1:5000")
    return program


def client(name, message, passphrase, duration_s, *options):
    return Program(f"{name} (reference)", [
        reference_venv.ready() / "bin" / "reunion-client", "--duration", duration_s,
        "--message", message, "--passphrase", passphrase, *options],
        ENVIRONMENT)


def wait_until_standing(_client, at_server):
    """Until a client has posted its T1 and the (empty) T2 and T3 of its first look round."""
    at_server.wait_for_line('"POST /t3')


def revealed_lines(lines):
    """The lines among a client's that tell a message: JSON lists such as
    ["utf8", "hello world      "], padded to 96 bytes."""
    return [line for line in lines if line.stream == "out" and line.text.startswith("[")]


def revealed(lines):
    """The messages among a client's lines, in order."""
    pairs = [json.loads(line.text) for line in revealed_lines(lines)]
    return [text.rstrip(" ") if kind == "utf8" else f"{kind}:{text}" for kind, text in pairs]
