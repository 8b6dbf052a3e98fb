"""How long two people wait while somebody floods the server with T1s that are none.

The flood comes from another address, on several connections, as fast as the server takes it,
from before the first of the two comes until both have met. The flood and the server that it
reaches take most of a small machine, which is no delay of the protocol's: so the same flood, at
another server of the machine, is what it is measured beside. Both turn about with undisturbed
meetings, which are shown.
Runs under tests/lib/in-namespace.

    bench_flood.py --json FILE [--rounds N]
"""

import argparse
import contextlib
import http.client
import pathlib
import random
import statistics
import sys
import threading

import report
from harness import Server
from meeting import come, took_s

GOAL = 1.5
FLOOD_FROM = "127.0.0.2"
CONNECTIONS = 4
STANDING = 60  # answers to the flood before the two come


class Flood:
    """Random T1s, posted by several threads until it is left."""

    def __init__(self, server, seed):
        self._server, self._chance = server, random.Random(seed)
        self._over = threading.Event()
        self._answered = threading.Semaphore(0)
        self._threads = [threading.Thread(target=self._post, args=(random.Random(
            self._chance.random()),)) for _ in range(CONNECTIONS)]
        self.posts = 0

    def _post(self, chance):
        headers = {"Content-Type": "application/octet-stream"}
        while not self._over.is_set():
            with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(
                    http.client.HTTPConnection(self._server.host, self._server.port, 60,
                                               source_address=(FLOOD_FROM, 0))) as connection:
                while not self._over.is_set():
                    headers["Authorization"] = f"Bearer {chance.randbytes(32).hex()}"
                    connection.request("POST", "/v1/t1", chance.randbytes(288), headers)
                    connection.getresponse().read()
                    self.posts += 1
                    self._answered.release()

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        for _ in range(STANDING):
            self._answered.acquire(timeout=60)
        return self

    def __exit__(self, *_):
        self._over.set()
        for thread in self._threads:
            thread.join()


def one_meeting(kind, seed):
    """Seconds from the second client's start to the later of the two messages."""
    with Server() as server, Server() as other, contextlib.ExitStack() as here:
        if kind != "undisturbed":
            here.enter_context(Flood(server if kind == "flooded" else other, seed))

        first = here.enter_context(come("first", server.url))
        first.wait_for_line("waiting for others")
        second = here.enter_context(come("second", server.url))
        return took_s(first, second)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", type=pathlib.Path, required=True)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()

    times = {"flooded": [], "flooded elsewhere": [], "undisturbed": []}
    for number in range(options.rounds):
        for kind, measured in times.items():
            measured.append(one_meeting(kind, number))
    for kind, measured in times.items():
        print(f"  {kind}: {' '.join(f'{each:.2f}' for each in measured)} s", file=sys.stderr)
    report.append(options.json, [report.Result(
        "two meet while T1s that are none flood the server, against such a flood elsewhere",
        *(statistics.median(times[kind]) for kind in ("flooded", "flooded elsewhere")), "s",
        GOAL)])


if __name__ == "__main__":
    main()
