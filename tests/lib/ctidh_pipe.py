"""CTIDH-1024 behind pipes: ours (tests/bench/serve_ctidh.c, which has the protocol) and the
reference's (tests/bench/reference_ctidh.py)."""

import os
import pathlib
import subprocess

import reference_venv
from ours import BUILD

OURS = BUILD / "tests" / "bench" / "serve_ctidh"
REFERENCE = pathlib.Path(__file__).resolve().parents[1] / "bench" / "reference_ctidh.py"


class Pipe:
    """A program that answers each line with one."""

    def __init__(self, *command, engine=None):
        environment = {**os.environ, **({"REUNION_CTIDH": engine} if engine else {})}
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, env=environment)

    def ask(self, *words):
        print(*words, file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline().split()
        if not answer:
            raise RuntimeError(f"No answer from {self.process.args[0]}")
        return answer

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def reference():
    return Pipe(reference_venv.ready() / "bin" / "python", REFERENCE)
