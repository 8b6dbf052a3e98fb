"""What the box transport takes: reads of a closed bucket over its stream, beside the same over
plain HTTP and beside nginx with TLS 1.3; handshakes, beside the X25519 in them alone; and how long
two people wait who come by packets, beside two who come by HTTP.

    bench_box.py --json FILE [--rounds N] [--seconds N]
"""

import base64
import contextlib
import statistics
import subprocess
import sys

import load
import report
from bench_server_reads import CAPACITY, closed, read
from harness import Api, Server
from ours import BUILD, client
from rendezvous import T1_BYTES, joined

BOUND = BUILD / "tests" / "bench" / "box_bound"


def box_of(server):
    """Where the box transport of a running server is, and its key."""
    line = server.program.wait_for_line("serving=box", "err").text
    address, key = line.split("address=")[1].split(" key=")
    host, port = address.rsplit(":", 1)
    return Api(host, int(port)), base64.urlsafe_b64decode(key + "=")


def reads(server, options):
    """Plain and boxed by the same program, and nginx by wrk, turn about."""
    path = f"/v1/buckets/{joined(server, CAPACITY)[0].bucket}/t1"
    body = closed(server, path, CAPACITY * T1_BYTES).body
    (box, key), target = box_of(server), load.at(server, path)
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
    """Seconds from the second client's start to the later of the two messages."""
    with contextlib.ExitStack() as here:
        def come(name):
            return here.enter_context(
                client(name, f"from {name}", "I am a jelly donut", 600, "--server", url))
        first = come("first")
        first.wait_for_line("waiting for others")
        second = come("second")
        lines = [first.wait_for_line("from second", "out"),
                 second.wait_for_line("from first", "out")]
        return max(line.at_s for line in lines) - second.started_s


def meetings(options):
    """The medians by packets and by HTTP, turn about, each meeting at a server of its own."""
    times = {"packets": [], "HTTP": []}
    for _ in range(options.rounds):
        for way, measured in times.items():
            with Server("--box-packets", "127.0.0.1:0") as server:
                line = server.program.wait_for_line("serving=box-packets", "err").text
                address = "box+udp://" + line.split("address=")[1].replace(" key=", "#")
                measured.append(meeting_s(address if way == "packets" else server.url))
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
