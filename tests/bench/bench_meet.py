"""How long two people wait: from the second client's start to both reveals.

Our client and server against the reference's, turn about in one run, so that both see the same
machine. Runs under tests/lib/in-namespace.

    bench_meet.py --json FILE [--rounds N]
"""

import argparse
import pathlib
import statistics
import sys

import report
from party import Guest, Party

GOAL = 0.25
PASSPHRASE = "I am a jelly donut"


def one_meeting(kind):
    """Seconds from the second client's start to the later of the two reveals."""
    with Party(kind) as party:
        first = party.welcome(Guest("first", kind, PASSPHRASE))
        party.wait_until_standing(first)
        second = party.welcome(Guest("second", kind, PASSPHRASE))
        party.wait_for_all()
        return max(guest.first_message_s() for guest in party.guests) - second.program.started_s


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", type=pathlib.Path, required=True)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()

    times = {"ours": [], "reference": []}
    for _ in range(options.rounds):
        for kind, measured in times.items():
            measured.append(one_meeting(kind))
    for kind, measured in times.items():
        print(f"  {kind}: {' '.join(f'{each:.2f}' for each in measured)} s", file=sys.stderr)
    report.append(options.json, [report.Result(
        "second client's start to both reveals", statistics.median(times["ours"]),
        statistics.median(times["reference"]), "s", GOAL)])


if __name__ == "__main__":
    main()
