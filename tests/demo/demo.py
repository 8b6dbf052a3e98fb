"""Two people meet: a fresh server, two clients, and what each of them gets to see.

    demo.py BUILD_FOLDER

Exit code 0 once both have seen the other's message.
"""

import concurrent.futures
import os
import pathlib
import shlex
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))

import ours  # noqa: E402 (found by the line above)
from programs import Failure  # noqa: E402

PASSPHRASE = "I am a jelly donut"
PATIENCE_S = 60


def say(text=""):
    print(f"{text}\n", end="", flush=True)


def show_command(program):
    command = [os.path.relpath(program.process.args[0]), *program.process.args[1:]]
    say(f"  $ {shlex.join(command)}")


def show_message(name, program):
    """Wait for the first message, and show it the moment it is there."""
    line = program.wait_for(f"a message for {name}",
                            lambda lines: next(iter(ours.revealed_lines(lines)), None), PATIENCE_S)
    say(f"  {name} reads: {line.text}")


def main():
    with tempfile.TemporaryDirectory(prefix="reunion-demo-") as folder:
        say("A server on a fresh database and an unused port:")
        with ours.server(folder, "127.0.0.1:0") as server:
            show_command(server)
            url = f"http://{ours.address(server)}"
            say("Two people who share a passphrase, and nothing else:")
            with ours.client("Alice", "hello world, this is Alice", PASSPHRASE, PATIENCE_S,
                             "--server", url) as alice, \
                 ours.client("Bob", "hello Alice, nice to meet you", PASSPHRASE, PATIENCE_S,
                             "--server", url) as bob:
                show_command(alice)
                show_command(bob)
                say()
                with concurrent.futures.ThreadPoolExecutor() as waiting:
                    shown = [waiting.submit(show_message, "Alice", alice),
                             waiting.submit(show_message, "Bob", bob)]
                for each in shown:
                    each.result()
                for program in (alice, bob, server):
                    if program.stop() != 0:
                        raise Failure(f"{program.name} did not end well\n{program.transcript()}")
            say()
            say("They have met. Everything is stopped and removed again.")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    ours.BUILD = pathlib.Path(sys.argv[1]).resolve()
    try:
        main()
    except Failure as failure:
        sys.exit(f"The demonstration failed.\n{failure}")
