"""Two people on one local network: how long they wait, and whether they meet when it is bad.

Our program against the reference's, turn about in one run, on hosts in namespaces with a switch
between them. First without loss: from the second program's start to both reveals. Then with every
fifth datagram lost: the share of runs in which both have the other's message within a minute of the
second start, several pairs at a time, each with a switch of its own.

    bench_ethernet.py --json FILE [--rounds N] [--runs N] [--at-once N]
"""

import argparse
import concurrent.futures
import pathlib
import statistics
import sys
import unittest

import reference_venv
import report
from local_network import local_network, reference_messages, wait_until_sent, wait_until_waiting
from programs import Failure

GOAL = 0.25
LOSS = 0.2
WITHIN_S = 60
PASSPHRASE = "I am a jelly donut"
STAY = ("--timeout", "120")


def come(kind, host, message):
    return (host.ours if kind == "ours" else host.reference)(message, PASSPHRASE, *STAY)


def wait_until_there(kind, program):
    (wait_until_waiting if kind == "ours" else wait_until_sent)(program)


def reveal_s(kind, program, message, patience_s):
    """When a program had the other's message, on the clock of Program.started_s."""
    def revealed(lines):
        if kind == "ours":
            return next((line for line in lines if (line.stream, line.text) == ("out", message)),
                        None)
        return next((line for line in lines if reference_messages([line]) == [message]), None)
    return program.wait_for(f"the message {message!r}", revealed, patience_s).at_s


def meeting_s(kind, **network):
    """Seconds from the second start to both reveals; None if there were none within a minute."""
    with local_network(unittest.TestCase(), 2, **network) as (one, two), \
            come(kind, one, "from one") as first:
        wait_until_there(kind, first)
        with come(kind, two, "from two") as second:
            try:
                last_s = max(reveal_s(kind, first, "from two", WITHIN_S),
                             reveal_s(kind, second, "from one", WITHIN_S))
            except Failure:
                return None
            took_s = last_s - second.started_s
            return took_s if took_s <= WITHIN_S else None


def share_met(kind, runs, at_once):
    """Of so many runs on a bad network, each with draws of its own."""
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        met = list(pool.map(lambda seed: meeting_s(kind, loss=LOSS, seed=seed), range(runs)))
    return sum(each is not None for each in met) / runs


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", type=pathlib.Path, required=True)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--at-once", type=int, default=10)
    options = parser.parse_args()
    reference_venv.ready()

    times = {"ours": [], "reference": []}
    for _ in range(options.rounds):
        for kind, measured in times.items():
            measured.append(meeting_s(kind))
    for kind, measured in times.items():
        shown = " ".join("-" if each is None else f"{each:.2f}" for each in measured)
        print(f"  {kind}: {shown} s", file=sys.stderr)
    shares = {kind: share_met(kind, options.runs, options.at_once) for kind in times}
    print(f"  met with {LOSS:.0%} lost: {shares}", file=sys.stderr)
    never = [each if each is not None else float(WITHIN_S) for each in times["reference"]]
    report.append(options.json, [
        report.Result("local network: second start to both reveals",
                      statistics.median(times["ours"]), statistics.median(never), "s", GOAL),
        report.Result(f"local network, {LOSS:.0%} lost: runs that meet within {WITHIN_S} s, ours",
                      shares["ours"], None, "of 1", 1, more=True),
        report.Result(f"local network, {LOSS:.0%} lost: the same, the reference's",
                      shares["reference"], None, "of 1", 0, more=True)])


if __name__ == "__main__":
    main()
