"""How long eight people wait, four pairs in one bucket: until all have met, beside their work.

The work they must do is eight sessions' keys and 56 group actions, each of the eight once with each
of the others, in processor time as measured in the same run and divided by the processors; seven
actions at a time, which is the fastest there is. All come at once, and what is measured ends with
the last of the eight messages. Whatever else the machine does counts against us.

    bench_crowd.py --json FILE [--rounds N]
"""

import argparse
import os
import pathlib
import statistics
import sys

import report
from ctidh_pipe import OURS, Pipe
from party import Guest, Party

PEOPLE = 8
GOAL = 1.5
CPU = 1


def work_s(pipe):
    """Seconds of processor time: the keys of all, and each with each."""
    secret, _ = pipe.ask("keys")
    others = [pipe.ask("keys")[1] for _ in range(PEOPLE - 1)]
    keys = float(pipe.ask("session")[CPU])
    actions = float(pipe.ask("derive", "1", secret, *others)[CPU])
    return PEOPLE * (keys + actions) / 1e9


def meeting_s():
    """Seconds from the first client's start to the last message."""
    with Party("ours") as party:
        for number in range(PEOPLE):
            party.welcome(Guest(f"guest {number}", "ours", f"phrase of pair {number // 2}"))
        party.wait_for_all()
        started = min(guest.program.started_s for guest in party.guests)
        return max(guest.first_message_s() for guest in party.guests) - started


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", type=pathlib.Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()

    meetings, work = [], []
    with Pipe(OURS) as pipe:
        for _ in range(options.rounds):
            meetings.append(meeting_s())
            work.append(work_s(pipe) / len(os.sched_getaffinity(0)))
    for name, measured in (("meetings", meetings), ("work", work)):
        print(f"  {name}: {' '.join(f'{each:.2f}' for each in measured)} s", file=sys.stderr)
    report.append(options.json, [report.Result(
        "eight people, four pairs: all met, beside the work they must do",
        statistics.median(meetings), statistics.median(work), "s", GOAL)])


if __name__ == "__main__":
    main()
