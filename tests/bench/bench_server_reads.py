"""How fast closed buckets, of T1s and of links, are read, beside nginx with the same in a file.

    bench_server_reads.py --json FILE [--rounds N] [--seconds N]
"""

import time

import load
import report
from links import BLOB_BYTES, PLACES, leave
from programs import PATIENCE_S, Failure
from rendezvous import T1_BYTES, joined

CAPACITY = 64


def closed(server, path, size):
    """The answer of a closed bucket, once it is closed; one of links closes by time alone."""
    deadline_s = time.monotonic() + PATIENCE_S
    while True:
        answer = server.get(path)
        if len(answer.body) != size:
            raise Failure(f"{path} is not what it should be: {answer}")
        if "immutable" in answer.headers.get("Cache-Control", ""):
            return answer
        if time.monotonic() > deadline_s:
            raise Failure(f"The bucket does not close: {answer}")


def read(target, body, options):
    measured = load.wrk(target, "get", seconds=options.seconds)
    if measured.bytes < measured.requests * len(body):
        raise Failure(f"{target.url} did not answer with what the bucket has")
    return measured


def measure(server, path, size, what, options):
    """Turn about with nginx, and append the row."""
    answer = closed(server, path, size)
    loads = {"ours": [], "nginx": []}
    with load.nginx(answer.body) as file:
        for _ in range(options.rounds):
            with load.profile(server, f"reads{what.replace(' ', '-')}"):
                loads["ours"].append(read(load.at(server, path), answer.body, options))
            loads["nginx"].append(read(file, answer.body, options))
    load.show_processor_time(**loads)
    report.append(options.json, [report.Result(
        f"reads of a closed bucket{what}, against nginx with a file", *load.median_rates(**loads),
        "1/s", 0.8, more=True)])


def main():
    options = load.options(__doc__)
    with load.folder() as directory, load.ours(directory) as server:
        link = joined(server, CAPACITY)[0].bucket
        measure(server, f"/v1/buckets/{link}/t1", CAPACITY * T1_BYTES, "", options)
    with load.folder() as directory, load.clocked(directory) as server:
        link = leave(server)[1][0]
        server.advance(3600)
        measure(server, f"/v1/links/{link}", PLACES * BLOB_BYTES, " of links", options)


if __name__ == "__main__":
    main()
