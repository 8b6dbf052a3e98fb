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

FOLDER = BUILD / "tests" / "bench"
ENGINES = {"portable": "bench_ctidh", "scalar": "bench_ctidh_scalar",
           "avx512": "bench_ctidh_avx512"}

# What one thread does is measured in processor time, which others on the machine touch least; a
# session's keys are made by two threads, and measured by the clock.
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
            times["session"][place].append(milliseconds(pipe.ask("session"), WALL))
    return {name: [statistics.median(side) for side in both] for name, both in times.items()}


def has(engine):
    """Whether this build and this processor have an engine."""
    with Pipe(OURS, engine=engine) as ours:
        return ours.ask("engine") == [engine, "0"]


def output(program, *arguments):
    return subprocess.run([FOLDER / program, *arguments], stdout=subprocess.PIPE, text=True,
                          check=True).stdout


def parts(engines):
    """What the parts take, for people; and the field's multiplication beside its lower bound."""
    rows = []
    for engine in engines:
        print(f"  {engine}, per key:\n{output(ENGINES[engine], 'operations')}"
              f"  {engine}, {output(ENGINES[engine], 'parts')}", file=sys.stderr)
    if "avx512" in engines:
        mul, products, mul_cycles, products_cycles = map(
            float, output(ENGINES["avx512"], "mul").split())
        print(f"  A field multiplication takes {mul_cycles:.0f} cycles a lane. 1620 products of "
              f"limbs alone take {products_cycles:.0f} here: {products / mul:.0%} of what this "
              f"processor can, and {1620 / 2 / 8 / mul_cycles:.0%} of two products a cycle.\n",
              file=sys.stderr)
        rows.append(report.Result("field multiplication per lane, against its products alone",
                                  mul, products, "ns", 1 / 0.8))
    if "scalar" in engines:
        avx2, scalar = map(float, output("bench_avx2").split())
        print(f"  A field multiplication with AVX2 would take {avx2:.0f} ns a lane, where scalar's "
              f"takes {scalar:.0f} ns.\n", file=sys.stderr)
    return rows


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", type=pathlib.Path, required=True)
    parser.add_argument("--keys", type=int, default=63)
    parser.add_argument("--single", type=int, default=7)
    options = parser.parse_args()

    engines = [engine for engine in ENGINES if has(engine)]
    for engine in ENGINES.keys() - engines:
        print(f"  There is no {engine} engine here: its rows are those of the next.\n",
              file=sys.stderr)
    fastest, single_engine = engines[-1], [each for each in engines if each != "avx512"][-1]
    with Pipe(OURS) as ours, Pipe(OURS, engine=single_engine) as scalar, reference() as theirs:
        one, two, all_theirs = batch(ours, theirs, options.keys)
        medians = single(scalar, theirs, options.single)
    lacking = "" if fastest == "avx512" else ", no IFMA here"
    report.append(options.json, [
        report.Result(f"{options.keys} public keys, one core ({fastest}{lacking})",
                      milliseconds(one), all_theirs, "ms", 1 / 25),
        report.Result(f"{options.keys} public keys, two cores against one",
                      milliseconds(two, WALL), milliseconds(one, WALL), "ms", 1 / 1.9),
        report.Result(f"one public key ({single_engine})", *medians["key"], "ms", 1 / 2.5),
        report.Result("a session's keys, by the clock", *medians["session"], "ms", 1 / 3),
        *parts(engines)])


if __name__ == "__main__":
    main()
