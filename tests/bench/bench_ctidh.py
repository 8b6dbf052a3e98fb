"""How long group actions take: validate a public key, act on it, hash.

Ours against `highctidh` as the reference installs it, on the same keys in one run; the results must
agree. Then more cores against one, and the multiplication of the field against what its products
of limbs alone take.

    bench_ctidh.py --json FILE [--keys N] [--single N]
"""

import argparse
import pathlib
import statistics
import subprocess
import sys

import report
from ours import BUILD
from ctidh_pipe import Pipe, OURS, reference

PARTS = {"portable": BUILD / "tests" / "bench" / "bench_ctidh",
         "avx512": BUILD / "tests" / "bench" / "bench_ctidh_avx512"}


# What one thread does is measured in processor time, which others on the machine touch least.
WALL, CPU, RESULTS = 0, 1, 2


def milliseconds(answer, clock=CPU):
    return float(answer[clock]) / 1e6


def batch(ours, theirs, count):
    """One secret and `count` public keys: ours on one core, on two, and theirs key by key."""
    secret, _ = ours.ask("keys")
    publics = [ours.ask("keys")[1] for _ in range(count)]
    one = ours.ask("derive", "1", secret, *publics)
    two = ours.ask("derive", "2", secret, *publics)
    each = [theirs.ask("derive", "1", secret, public) for public in publics]
    if not one[RESULTS:] == two[RESULTS:] == [answer[RESULTS] for answer in each]:
        sys.exit(f"The results differ for {secret}")
    return one, two, sum(map(milliseconds, each))


def single(ours, theirs, rounds):
    """Medians of one public key, and of a session's keys, turn about."""
    times = {"key": ([], []), "session": ([], [])}
    for _ in range(rounds):
        secret, public = *ours.ask("keys")[:1], theirs.ask("keys")[1]
        for place, pipe in enumerate((ours, theirs)):
            times["key"][place].append(milliseconds(pipe.ask("derive", "1", secret, public)))
            times["session"][place].append(milliseconds(pipe.ask("session")))
    return {name: [statistics.median(side) for side in both] for name, both in times.items()}


def parts():
    """What the parts take, for people; and the field's multiplication beside its lower bound."""
    rows = []
    for engine, program in PARTS.items():
        if not program.exists():
            print(f"  no {engine} engine in this build", file=sys.stderr)
            continue
        done = subprocess.run([program, "operations"], stdout=subprocess.PIPE, text=True)
        if done.returncode:
            print(f"  this processor cannot run the {engine} engine", file=sys.stderr)
            continue
        print(f"  {engine}, per key:\n{done.stdout}", file=sys.stderr)
        if engine != "portable":
            mul, products = map(float, subprocess.run(
                [program, "mul"], stdout=subprocess.PIPE, check=True).stdout.split())
            rows.append(report.Result("field multiplication per lane, against its products alone",
                                      mul, products, "ns", 1 / 0.8))
    return rows


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", type=pathlib.Path, required=True)
    parser.add_argument("--keys", type=int, default=63)
    parser.add_argument("--single", type=int, default=7)
    options = parser.parse_args()

    with Pipe(OURS) as ours, Pipe(OURS, engine="portable") as scalar, reference() as theirs:
        one, two, all_theirs = batch(ours, theirs, options.keys)
        medians = single(scalar, theirs, options.single)
    report.append(options.json, [
        report.Result(f"{options.keys} public keys, one core", milliseconds(one), all_theirs, "ms",
                      1 / 25),
        report.Result(f"{options.keys} public keys, two cores against one",
                      milliseconds(two, WALL), milliseconds(one, WALL), "ms", 1 / 1.9),
        report.Result("one public key, portable engine", *medians["key"], "ms", 1 / 2.5),
        report.Result("a session's keys", *medians["session"], "ms", 1 / 3),
        *parts()])


if __name__ == "__main__":
    main()
