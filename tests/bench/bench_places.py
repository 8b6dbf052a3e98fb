"""How long two people wait who meet in a place, while very many stand elsewhere.

From the second client's start to both messages, with 4 000 live T1s in the common place, against
the same place on an empty server; turn about in one run.

    bench_places.py --json FILE [--rounds N]
"""

import argparse
import pathlib
import statistics
import sys

import report
from harness import Server
from ours import client, revealed_lines
from rendezvous import joined

GOAL = 1.1
ELSEWHERE = 4000


def come(server, name):
    return client(name, f"from {name}", "I am a jelly donut", 600, "--server", server.url,
                  "--place", "a benchmark")


def meeting_s(elsewhere):
    with Server("--t1-free", "0") as server:
        joined(server, elsewhere)
        with come(server, "first") as first:
            first.wait_for_line("waiting for others")
            with come(server, "second") as second:
                first.wait_for_line("from second", "out")
                second.wait_for_line("from first", "out")
                last_s = max(revealed_lines(each.lines)[0].at_s for each in (first, second))
                return last_s - second.started_s


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", type=pathlib.Path, required=True)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()

    times = {ELSEWHERE: [], 0: []}
    for _ in range(options.rounds):
        for elsewhere, measured in times.items():
            measured.append(meeting_s(elsewhere))
    for elsewhere, measured in times.items():
        print(f"  {elsewhere}: {' '.join(f'{each:.2f}' for each in measured)} s", file=sys.stderr)
    report.append(options.json, [report.Result(
        "two meet in a place, 4 000 T1s elsewhere, against none",
        statistics.median(times[ELSEWHERE]), statistics.median(times[0]), "s", GOAL)])


if __name__ == "__main__":
    main()
