#!/usr/bin/env python3
"""Write primes.c: `primes.py` prints it, `primes.py --check FILE` compares."""

import sys
from itertools import accumulate

PRIMES = [n for n in range(3, 734) if all(n % d for d in range(2, int(n**0.5) + 1))] + [983]
COUNTS = [2, 3, 5, 4, 6, 6, 6, 6, 6, 7, 7, 7, 6, 7, 7, 5, 6, 5, 10, 3, 10, 5, 1]
BOUNDS = [2, 4, 5, 5, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 5, 5, 3, 6, 2, 6, 2, 0]
FIRSTS = [0] + list(accumulate(COUNTS))[:-1]

# Measured with `bench_ctidh_avx512 tune`: the fastest (babies, giants) of each batch.
SPLITS = [
    (0, 0), (0, 0), (0, 0), (4, 2), (6, 2), (6, 3), (8, 3), (8, 4), (14, 3), (12, 4), (12, 5),
    (14, 5), (16, 5), (18, 5), (20, 5), (16, 7), (16, 7), (16, 8), (20, 7), (14, 11), (20, 8),
    (18, 9), (0, 0),
]


def chain(prime):
    """The first of the shortest chains, breadth first: (bits, steps)."""
    level = [(1, 2, 3, 0)]
    steps = 0
    while True:
        for _, _, z, bits in level:
            if z == prime:
                return bits, steps
        level = [new for x, y, z, bits in level for new in (
            (x, z, x + z, bits), (y, z, y + z, bits | 1 << steps)) if new[2] <= prime]
        steps += 1


def rows(items, per_line):
    return "\n".join(
        "    " + " ".join(f"{item}," for item in items[i : i + per_line])
        for i in range(0, len(items), per_line))


def source():
    chains = [chain(prime) for prime in PRIMES]
    batches = []
    for first, count, bound, (babies, giants) in zip(FIRSTS, COUNTS, BOUNDS, SPLITS):
        assert babies % 2 == 0 and 4 * babies * giants <= PRIMES[first] - 1
        steps_max = max(steps for _, steps in chains[first : first + count])
        batches.append(f"{{{first}, {count}, {bound}, {steps_max}, {babies}, {giants}}}")
    return f"""/* Written by primes.py; change that instead. */
#include "ctidh/primes.h"

/* clang-format off */
const uint16_t small_prime[PRIMES] = {{
{rows(PRIMES, 16)}
}};

const struct chain prime_chain[PRIMES] = {{
{rows([f"{{{bits:#06x}, {steps}}}" for bits, steps in chains], 7)}
}};

const struct batch batch_table[BATCHES] = {{
{rows(batches, 4)}
}};
/* clang-format on */
"""


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "--check":
        with open(sys.argv[2], encoding="ascii") as file:
            sys.exit(file.read() != source())
    sys.stdout.write(source())


main()
