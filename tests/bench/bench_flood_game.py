"""How long two people take to meet in the flood game, at the efforts of real life.

The attacker has spent as much processor time as both of them together, BUDGET_S by the arithmetic
of tests/simulation/flood_game.py, on stamps that are worth what is asked and no more; 63 T1s are
free. All have valid betas, made beforehand. One of the two was there before and has raised its
stamp, as clients do in a minute; then the flood is released, and then the other comes. Turn about
with undisturbed meetings, and in three forms: without more, with T2s to who was there, and with
that one's bucket named and filled. Runs under tests/lib/in-namespace.

    bench_flood_game.py --json FILE [--rounds N] [--budget SECONDS]
"""

import argparse
import contextlib
import math
import pathlib
import statistics
import subprocess
import sys
import time

import report
import stamps
from harness import Server
from meeting import took_s
from ours import BUILD, client
from programs import PATIENCE_S
from rendezvous import Identity, feed, h

MEDIAN_GOAL, NEARLY_ALL_GOAL = 6, 10
BUDGET_S, TRY_S, FREE, RAISED = 6, 0.0008, 63, 1 << 12
ALPHA_BYTES, BETA_BYTES = 32, 128
FORMS = ("alone", "with T2s", "named")


class Betas:
    """Valid public keys, one after the other, made when they are needed first."""

    def __init__(self):
        self._known = []

    def first(self, count):
        asked = "keys\n" * max(0, count - len(self._known))
        if asked:
            told = subprocess.run([BUILD / "tests" / "bench" / "serve_ctidh"], input=asked,
                                  check=True, capture_output=True, text=True).stdout
            self._known += [bytes.fromhex(line.split()[1]) for line in told.splitlines()]
        return self._known[:count]


def junk(beta):
    """Somebody whose T1 costs whoever meets it a group action."""
    made = Identity()
    made.t1 = made.t1[:ALPHA_BYTES] + beta + made.t1[ALPHA_BYTES + BETA_BYTES:]
    made.id = h(made.t1)
    return made


def price(standing):
    """What is asked for when so many have come: spec "E"."""
    return 0 if standing < 64 else math.ceil(16 * 2 ** ((standing - 64) // 64 / 8))


def paid(server, betas, budget_s):
    """Junk with stamps for all that may be spent. Returns: (who, nonce or None)."""
    challenge = stamps.terms(server)["challenge"]
    efforts, left_s = [0] * FREE, budget_s
    while (asked := max(16, price(len(efforts) + 2))) * TRY_S <= left_s:
        efforts.append(asked)
        left_s -= asked * TRY_S
    who = [junk(beta) for beta in betas.first(len(efforts))]
    return [(each, stamps.find("r", each.t1, challenge, effort)[0] if effort else None)
            for each, effort in zip(who, efforts)]


def wait_until_raised(server, link, cursor):
    """Until the one who stands in a bucket has; the server's wait sets the pace. Returns: who."""
    deadline_s = time.monotonic() + PATIENCE_S
    while True:
        (t1_id, (_, _, effort)), = stamps.read(
            server.get(f"/v1/buckets/{link}/stamps").body)[1].items()
        if effort >= RAISED:
            return t1_id
        assert time.monotonic() < deadline_s, "it did not raise its stamp"
        feed(server, link, cursor, 1)


def release(server, flood, elder_id, link, form):
    with server.connect() as connection:
        for who, nonce in flood:
            path = f"/v1/t1?bucket={link}" if form == "named" else "/v1/t1"
            answer = stamps.post(server, path, who.t1, who.key, nonce, connection)
            if answer.status == 409:  # the bucket that was named is full
                answer = stamps.post(server, "/v1/t1", who.t1, who.key, nonce, connection)
            assert answer.status == 201, answer
            if form != "alone":
                assert who.send(server, 2, link, who.record(elder_id),
                                connection=connection).status == 200


def meeting_s(betas, budget_s, form):
    """From the second client's start to the later of the two messages, undisturbed or flooded."""
    with Server("--t1-free", "64") as server, contextlib.ExitStack() as here:
        def come(name, *options):
            return here.enter_context(client(name, f"from {name}", "I am a jelly donut", 900,
                                             "--server", server.url, *options))
        first = come("first")
        link = first.wait_for_line("bucket").text.split()[-1]
        if form:
            cursor = feed(server, link).headers["Reunion-Cursor"]
            flood = paid(server, betas, budget_s)
            release(server, flood, wait_until_raised(server, link, cursor), link, form)
        second = come("second", *(("--bucket", link) if form == "named" else ()))
        return took_s(first, second)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", type=pathlib.Path, required=True)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--budget", type=float, default=BUDGET_S)
    options = parser.parse_args()

    betas, flooded, undisturbed = Betas(), {form: [] for form in FORMS}, []
    for _ in range(options.rounds):
        for form in FORMS:
            flooded[form].append(meeting_s(betas, options.budget, form))
        undisturbed.append(meeting_s(betas, options.budget, None))
    for name, times in {**flooded, "undisturbed": undisturbed}.items():
        print(f"  {name}: {' '.join(f'{each:.2f}' for each in times)} s", file=sys.stderr)
    quiet_s = statistics.median(undisturbed)
    every = sorted(sum(flooded.values(), []))
    report.append(options.json, [
        report.Result("two meet in the flood game, median", statistics.median(every), quiet_s, "s",
                      MEDIAN_GOAL),
        report.Result("two meet in the flood game, 19 of 20 runs",
                      every[math.ceil(len(every) * 19 / 20) - 1], quiet_s, "s", NEARLY_ALL_GOAL),
    ])


if __name__ == "__main__":
    main()
