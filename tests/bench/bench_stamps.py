"""What checking a stamp takes, against one Argon2id of that size; how much faster all processors
search than one; and what an attacker has to spend by the simulation, against the pair that is
delayed.

    bench_stamps.py --json FILE [--rounds N]
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys

import report
from ours import BUILD, SOURCE

sys.path.insert(0, str(SOURCE / "tests" / "simulation"))
import admission  # noqa: E402

BOUND = BUILD / "tests" / "bench" / "stamp_bound"
SEARCH = BUILD / "tests" / "bench" / "stamp_search"
THREADS = min(len(os.sched_getaffinity(0)), 16)  # as many as a search has at most
TRIES = 250  # of each thread
# Of what as many processors as threads would do, each by itself: two may share a core.
SPEEDUP_GOAL = 0.7


def bound():
    """Microseconds of a check, and of an Argon2id."""
    told = subprocess.run([BOUND], capture_output=True, text=True, check=True).stdout
    return [float(ns) / 1e3 for ns in told.split()]


def search():
    """Tries a second of all processors, and of one."""
    told = subprocess.run([SEARCH, str(THREADS), str(THREADS * TRIES)], capture_output=True,
                          text=True, check=True).stdout
    return report.Result(f"tries for a stamp on {THREADS} processors, against one",
                         *map(float, told.split()), "1/s", SPEEDUP_GOAL * THREADS, more=True)


def delay(name, action_s, goal, runs):
    """The attacker's processor seconds against the pair's own."""
    attack, ratio = admission.cheapest(admission.Rules(action_s), runs=runs)
    return report.Result(f"attacker's processor seconds to delay a pair by a minute, {name}",
                         attack.spent_s, attack.spent_s / ratio, "s", goal, more=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", type=pathlib.Path, required=True)
    parser.add_argument("--rounds", type=int, default=11)
    options = parser.parse_args()
    times = [bound() for _ in range(options.rounds)]
    report.append(options.json, [
        report.Result("checking a stamp", *(statistics.median(each[place] for each in times)
                                            for place in (0, 1)), "us", 1.1),
        search(),
        delay("0.05 s an action", 0.05, 20, 4 * options.rounds),
        delay("phones, 0.15 s", 0.15, 15, 4 * options.rounds),
    ])


if __name__ == "__main__":
    main()
