"""How fast a closed bucket's T1s are read, beside nginx with the same bytes in a file.

    bench_server_reads.py --json FILE [--rounds N] [--seconds N]
"""

import load
import report
from programs import Failure
from rendezvous import T1_BYTES, joined

CAPACITY = 64


def read(target, body, options):
    measured = load.wrk(target, "get", seconds=options.seconds)
    if measured.bytes < measured.requests * len(body):
        raise Failure(f"{target.url} did not answer with the bucket's T1s")
    return measured


def main():
    options = load.options(__doc__)
    with load.folder() as directory, load.ours(directory) as server:
        link = joined(server, CAPACITY)[0].bucket
        path = f"/v1/buckets/{link}/t1"
        answer = server.get(path)
        if len(answer.body) != CAPACITY * T1_BYTES or "immutable" not in answer.headers.get(
                "Cache-Control", ""):
            raise Failure(f"The bucket is not closed: {answer}")
        loads = {"ours": [], "nginx": []}
        with load.nginx(answer.body) as file:
            for _ in range(options.rounds):
                with load.profile(server, "reads"):
                    loads["ours"].append(read(load.at(server, path), answer.body, options))
                loads["nginx"].append(read(file, answer.body, options))
    load.show_processor_time(**loads)
    report.append(options.json, [report.Result(
        "reads of a closed bucket, against nginx with a file", *load.median_rates(**loads),
        "1/s", 0.8, more=True)])


if __name__ == "__main__":
    main()
