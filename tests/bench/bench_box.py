"""What the box transport takes: reads of a closed bucket over its stream, beside the same over
plain HTTP and beside nginx with TLS 1.3; handshakes, beside the X25519 in them alone; and how long
two people wait who come by packets, beside two who come by HTTP.

    bench_box.py --json FILE [--rounds N] [--seconds N]
"""

import base64
import statistics
import subprocess
import sys

import load
import report
from bench_server_reads import CAPACITY, closed, read
from harness import Api, Server
from meeting import come, took_s
from ours import BUILD
from rendezvous import T1_BYTES, joined

BOUND = BUILD / "tests" / "bench" / "box_bound"


def reads(server, options):
    """Plain and boxed by the same program, and nginx by wrk, turn about."""
    path = f"/v1/buckets/{joined(server, CAPACITY)[0].bucket}/t1"
    body = closed(server, path, CAPACITY * T1_BYTES).body
    (address, key), target = server.box(), load.at(server, path)
    box, key = Api(*address), base64.urlsafe_b64decode(key + "=")
    loads = {"box": [], "plain": [], "nginx with TLS": []}
    with load.nginx(body, tls=True) as file:
        for _ in range(options.rounds):
            with load.profile(server, "box"):
                loads["box"].append(
                    load.stream(target, box, path, key, seconds=options.seconds))
            loads["plain"].append(load.stream(target, server, path, seconds=options.seconds))
            loads["nginx with TLS"].append(read(file, body, options))
    load.show_processor_time(**loads)
    return load.median_rates(**loads)


def meeting_s(url):
    with come("first", url) as first:
        first.wait_for_line("waiting for others")
        with come("second", url) as second:
            return took_s(first, second)


def meetings(options):
    """The medians by packets and by HTTP, turn about, each meeting at a server of its own."""
    times = {"packets": [], "HTTP": []}
    for _ in range(options.rounds):
        for way, measured in times.items():
            with Server("--box-packets", "127.0.0.1:0") as server:
                (host, port), key = server.box("box-packets")
                packets = f"box+udp://{host}:{port}#{key}"
                measured.append(meeting_s(packets if way == "packets" else server.url))
    for way, measured in times.items():
        print(f"  {way}: {' '.join(f'{each:.2f}' for each in measured)} s", file=sys.stderr)
    return [statistics.median(measured) for measured in times.values()]


def bound():
    """Nanoseconds of a server's part of a handshake, and of four X25519."""
    told = subprocess.run([BOUND], capture_output=True, text=True, check=True).stdout
    return [float(ns) for ns in told.split()]


def main():
    options = load.options(__doc__)
    with load.folder() as directory, \
            load.ours(directory, "--box-listen", "127.0.0.1:0") as server:
        box, plain, tls = reads(server, options)
    times = [bound() for _ in range(options.rounds)]
    ours, theirs = (1e9 / statistics.median(each[place] for each in times) for place in (0, 1))
    report.append(options.json, [
        report.Result("reads of a closed bucket over the box stream, against plain HTTP", box,
                      plain, "1/s", 0.7, more=True),
        report.Result("reads of a closed bucket over the box stream, against nginx with TLS 1.3",
                      box, tls, "1/s", 1.0, more=True),
        report.Result("box handshakes of one core, against their four X25519", ours, theirs, "1/s",
                      0.7, more=True),
        report.Result("second client's start to both reveals, by packets, against HTTP",
                      *meetings(options), "s", 1.1),
    ])


if __name__ == "__main__":
    main()
