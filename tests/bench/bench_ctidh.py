"""How long one T1's group action takes: validate a public key, act on it, hash.

Ours against `highctidh` as the reference installs it, the same keys turn about in one run; the
results must agree.

    bench_ctidh.py --json FILE [--keys N]
"""

import argparse
import pathlib
import statistics
import subprocess
import sys

import reference_venv
import report
from ours import BUILD

GOAL = 1.0
HERE = pathlib.Path(__file__).resolve().parent
OURS = BUILD / "tests" / "bench" / "bench_ctidh"


class Server:
    """A program that answers each line with one."""

    def __init__(self, *command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)

    def ask(self, line):
        print(line, file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline().split()
        if len(answer) != 2:
            sys.exit(f"No answer from {self.process.args[0]}")
        return answer

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def measure(count):
    """Milliseconds of ours and theirs, key by key."""
    python = reference_venv.ready() / "bin" / "python"
    times = {"ours": [], "reference": []}
    with Server(OURS, "serve") as ours, Server(python, HERE / "reference_ctidh.py") as theirs:
        for _ in range(count):
            keys = " ".join(theirs.ask("keys"))
            shared = set()
            for kind, server in (("ours", ours), ("reference", theirs)):
                nanoseconds, result = server.ask(keys)
                times[kind].append(float(nanoseconds) / 1e6)
                shared.add(result)
            if len(shared) != 1:
                sys.exit(f"The results differ for {keys}")
    return times


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", type=pathlib.Path, required=True)
    parser.add_argument("--keys", type=int, default=9)
    options = parser.parse_args()

    times = measure(options.keys)
    for kind, measured in times.items():
        print(f"  {kind}: {' '.join(f'{each:.0f}' for each in measured)} ms", file=sys.stderr)
    subprocess.run([OURS, "operations"], stdout=sys.stderr, check=True)
    report.append(options.json, [report.Result(
        "CTIDH-1024 of one T1, validation included", statistics.median(times["ours"]),
        statistics.median(times["reference"]), "ms", GOAL)])


if __name__ == "__main__":
    main()
