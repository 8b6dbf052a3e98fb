"""What a million stored T1s cost: the latency of posts, and the time to start.

Two databases turn about, one of them empty in every round. A start is measured from running the
program until it says that it is ready; the load is moderate, so that latency is not that of a
queue. Runs under tests/lib/in-namespace.

    bench_server_stored.py --json FILE [--rounds N] [--seconds N] [--stored N]
"""

import load
import report
import stored

CONNECTIONS = 8
# A million T1s and what is posted meanwhile need more buckets than may live by default.
FLAGS = ("--buckets-max", "65536")


def start_and_post(server, options, profile):
    """Seconds until it is ready, and the 99th percentile of the posts' latency."""
    with server:
        ready = server.program.wait_for_line('event="ready"')
        with load.profile(server, profile):
            measured = load.post_t1s(server, seconds=options.seconds, connections=CONNECTIONS,
                                     threads=1)
        return ready.at_s - server.program.started_s, measured.p99_ms


def main():
    options = load.options(__doc__, stored=1000000)
    latencies = {"empty": [], "full": []}
    starts = {"empty": [], "full": []}
    with load.folder() as kept:
        full = load.ours(kept, *FLAGS)
        with full:
            pass
        stored.fill(full, options.stored // stored.CAPACITY)
        for _ in range(options.rounds):
            with load.folder() as fresh:
                for name, server in (("empty", load.ours(fresh, *FLAGS)), ("full", full)):
                    start_s, p99_ms = start_and_post(server, options, f"stored_{name}")
                    starts[name].append(start_s)
                    latencies[name].append(p99_ms)
    empty_ms, full_ms = load.medians("ms", **latencies)
    _, full_s = load.medians("s", **starts)
    report.append(options.json, [
        report.Result(f"latency of posts (p99), {options.stored} T1s stored against none", full_ms,
                      empty_ms, "ms", 1.5),
        report.Result(f"start with {options.stored} T1s stored", full_s, None, "s", 2)])


if __name__ == "__main__":
    main()
