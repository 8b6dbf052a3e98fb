"""How long opening a private link takes, from the start of the program to the link: `reunion-link
open` over loopback, against Argon2id once and 64 trials of the AEAD called directly, turn about.

    bench_links.py --json FILE [--rounds N]
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import time

import report
from harness import Server
from link_program import LINK, run
from ours import BUILD

BOUND = BUILD / "tests" / "bench" / "link_bound"
TEXT = "https://chat.example/join"


def bound():
    """Seconds by the clock and of the processor."""
    told = subprocess.run([BOUND], capture_output=True, text=True, check=True).stdout
    return [float(ns) / 1e9 for ns in told.split()]


def opened(invitation):
    """The same of a whole process, its start and the network included."""
    began_s = time.perf_counter()
    process = subprocess.Popen([LINK, "open", invitation], stdout=subprocess.PIPE, text=True)
    shown = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    took_s = time.perf_counter() - began_s
    process.returncode = os.waitstatus_to_exitcode(status)
    assert (process.returncode, shown) == (0, f"{TEXT}\n"), (process.returncode, shown)
    return [took_s, used.ru_utime + used.ru_stime]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", type=pathlib.Path, required=True)
    parser.add_argument("--rounds", type=int, default=11)
    options = parser.parse_args()

    ours, least = [], []
    with Server() as server:
        made = run("create", "--server", server.url, TEXT)
        assert made.returncode == 0, made
        for _ in range(options.rounds):
            least.append(bound())
            ours.append(opened(made.stdout.splitlines()[0]))
    report.append(options.json, [
        report.Result(f"opening a private link, {clock}",
                      1000 * statistics.median(each[place] for each in ours),
                      1000 * statistics.median(each[place] for each in least), "ms", 1.1)
        for place, clock in enumerate(("by the clock", "processor time"))])


if __name__ == "__main__":
    main()
