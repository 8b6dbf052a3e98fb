"""How soon a post reaches those who wait on its bucket's feed when 10 000 requests wait.

A bucket has at most 64 participants, so 10 000 requests wait in about 157 buckets. What is compared
is the time from sending a T2 or T3 until the last of the same number of waiters of its bucket has
all of its answer: while nobody else waits, and while all others wait in other buckets. Two servers
with the same records stand beside each other, and are measured turn about. Then the memory that the
larger one has taken for its waiters. Runs under tests/lib/in-namespace.

    bench_server_feeds.py --json FILE [--rounds N] [--posts N] [--waiters N]
"""

import contextlib
import itertools
import subprocess

import load
import report
import stored
from rendezvous import joined

CAPACITY = stored.CAPACITY
TARGETS = 10


class Feeds:
    """A server with full buckets, and the program that waits on them."""

    def __init__(self, folder, others):
        self.server = load.ours(folder)
        with self.server:
            pass
        links = stored.fill(self.server, (others + CAPACITY - 1) // CAPACITY)
        self.server.start()
        people = joined(self.server, CAPACITY)
        self.links = [people[0].bucket, *links]
        # Each pair has a place for one T2 and one for one T3.
        self.posts = ((kind, sender.key.hex(), sender.record(to).hex())
                      for kind in (2, 3) for sender, to in itertools.permutations(people, 2))
        self.client = subprocess.Popen(
            [load.BUILD / "tests" / "bench" / "hold_feeds", str(self.server.port)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, *words):
        print(*words, file=self.client.stdin, flush=True)
        answer = self.client.stdout.readline()
        if not answer:
            raise load.Failure(f"hold_feeds ended with {self.client.wait()}")
        return answer.split()[-1]

    def wait(self, others):
        """Have the waiters of the bucket that is posted to wait, and so many elsewhere."""
        self.ask("wait", self.links[0], TARGETS)
        for place in range(1, (others + CAPACITY - 1) // CAPACITY + 1):
            count = min(CAPACITY, others - (place - 1) * CAPACITY)
            self.ask("wait", self.links[place], count)

    def post(self):
        """Milliseconds until a post has reached all."""
        return int(self.ask("post", *next(self.posts))) / 1e6

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.client.stdin.close()
        self.client.wait()
        self.client.stdout.close()
        self.server.__exit__(*exception)


def percentile_99(figures):
    return sorted(figures)[len(figures) * 99 // 100]


def main():
    options = load.options(__doc__, posts=500, waiters=10000)
    others = options.waiters - TARGETS
    with contextlib.ExitStack() as stack:
        few, many = (stack.enter_context(Feeds(stack.enter_context(load.folder()), others))
                     for _ in range(2))
        few.wait(0)
        before = load.resident_bytes(many.server)
        many.wait(others)
        growth = load.resident_bytes(many.server) - before
        times = {"alone": [], "among_others": []}
        for _ in range(options.rounds):
            times["alone"].append(percentile_99([few.post() for _ in range(options.posts)]))
            with load.profile(many.server, "feeds"):
                times["among_others"].append(
                    percentile_99([many.post() for _ in range(options.posts)]))
    alone, among_others = load.medians("ms", **times)
    report.append(options.json, [
        report.Result(f"post to last of {TARGETS} waiters (p99), {options.waiters} waiting against "
                      f"{TARGETS}", among_others, alone, "ms", 3),
        report.Result(f"memory for each of {options.waiters} waiting",
                      growth / options.waiters / 1024, None, "KiB", 32)])


if __name__ == "__main__":
    main()
