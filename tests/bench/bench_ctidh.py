"""How long group actions take: validate a public key, act on it, hash.

Ours against `highctidh` as the reference installs it, on the same keys in one run; the results must
agree. Then more cores against one, and the multiplication of the field against what its products
of limbs alone take.

    bench_ctidh.py --json FILE [--keys N] [--single N]
"""

import argparse
import contextlib
import pathlib
import statistics
import subprocess
import sys

import report
from ours import BUILD
from ctidh_pipe import Pipe, OURS, reference

FOLDER = BUILD / "tests" / "bench"
# The slowest first. Those of one lane are for one key, the others for many.
SINGLE = {"portable": "bench_ctidh", "scalar": "bench_ctidh_scalar"}
LANES = {"avx2": "bench_ctidh_avx2", "avx512f": "bench_ctidh_avx512f",
         "avx512": "bench_ctidh_avx512"}
ENGINES = SINGLE | LANES
# How much faster they are to be with many keys, at least, and with one.
TIMES_THE_REFERENCE = {"portable": 2.5, "scalar": 2.5, "avx2": 10, "avx512f": 16,
                       "avx512": 25}
TIMES_THE_REFERENCE_SINGLE = {"portable": 2.5, "scalar": 8.2}
TIMES_ONE_LANE = {"avx2": 1.4, "avx512f": 2, "avx512": 3}

# What one thread does is measured in processor time, which others on the machine touch least; a
# session's keys are made by two threads, and measured by the clock.
WALL, CPU, RESULTS = 0, 1, 2


def milliseconds(answer, clock=CPU):
    return float(answer[clock]) / 1e6


def batch(ours, theirs, count, others):
    """One secret and `count` public keys: ours on one core, on two, theirs key by key, and other
    engines of ours on one core, by name."""
    secret, _ = ours.ask("keys")
    publics = [ours.ask("keys")[1] for _ in range(count)]
    one = ours.ask("derive", "1", secret, *publics)
    two = ours.ask("derive", "2", secret, *publics)
    each = [theirs.ask("derive", "1", secret, public) for public in publics]
    by_others = {name: pipe.ask("derive", "1", secret, *publics) for name, pipe in others.items()}
    for found in (one, two, *by_others.values()):
        if found[RESULTS:] != [answer[RESULTS] for answer in each]:
            sys.exit(f"The results differ for {secret}")
    return one, two, sum(map(milliseconds, each)), by_others


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
    if "scalar" in engines:
        _, cycles = map(float, output(ENGINES["scalar"], "mul").split())
        rows.append(report.Result("scalar: field multiplication, against 512 MULX at one a cycle",
                                  cycles, 512, "cycles", 1.4))
    for engine in (each for each in LANES if each in engines):
        mul, products, mul_cycles, products_cycles = map(
            float, output(ENGINES[engine], "mul").split())
        print(f"  {engine}: a field multiplication takes {mul_cycles:.0f} cycles a lane. Its "
              f"products of limbs alone take {products_cycles:.0f} here: {products / mul:.0%} of "
              f"what this processor can.\n", file=sys.stderr)
        rows.append(report.Result(
            f"{engine}: field multiplication per lane, against its products alone", mul, products,
            "ns", 1 / 0.8))
    return rows


def lanes(keys, fastest, single_engine, times, all_theirs):
    """Engines of several lanes: each against the engine of one lane, and those besides the fastest
    against the reference."""
    rows = []
    for name in (each for each in times if each in LANES):
        ours = milliseconds(times[name])
        rows.append(report.Result(f"{keys} public keys, {name} against {single_engine}", ours,
                                  milliseconds(times[single_engine]), "ms",
                                  1 / TIMES_ONE_LANE[name]))
        if name != fastest:
            rows.append(report.Result(f"{keys} public keys, one core ({name})", ours, all_theirs,
                                      "ms", 1 / TIMES_THE_REFERENCE[name]))
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
    fastest, single_engine = engines[-1], [each for each in engines if each in SINGLE][-1]
    with contextlib.ExitStack() as stack:
        ours, theirs = stack.enter_context(Pipe(OURS)), stack.enter_context(reference())
        others = {name: stack.enter_context(Pipe(OURS, engine=name)) for name in engines
                  if name != fastest and (name in LANES or name == single_engine)}
        one, two, all_theirs, by_others = batch(ours, theirs, options.keys, others)
        single_pipe = others.get(single_engine, ours)
        medians = single(single_pipe, theirs, options.single)
    lacking = "" if fastest == "avx512" else ", no IFMA here"
    report.append(options.json, [
        report.Result(f"{options.keys} public keys, one core ({fastest}{lacking})",
                      milliseconds(one), all_theirs, "ms", 1 / TIMES_THE_REFERENCE[fastest]),
        *lanes(options.keys, fastest, single_engine, by_others | {fastest: one}, all_theirs),
        report.Result(f"{options.keys} public keys, two cores against one",
                      milliseconds(two, WALL), milliseconds(one, WALL), "ms", 1 / 1.9),
        report.Result(f"one public key ({single_engine})", *medians["key"], "ms",
                      1 / TIMES_THE_REFERENCE_SINGLE[single_engine]),
        report.Result("a session's keys, by the clock", *medians["session"], "ms", 1 / 3),
        *parts(engines)])


if __name__ == "__main__":
    main()
