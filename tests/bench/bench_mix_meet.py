"""How long a request and its answer, and a meeting, take through three mixes: against the intervals
that each mix may hold a packet back.

A request and its answer are six intervals. A meeting needs five such pairs, whoever is quick: the
second asks what holds at the server, posts its T1, and is told the first's; its T2 goes there, and
the first's T3 comes back, two ways each.

    bench_mix_meet.py --json FILE [--rounds N] [--requests N]
"""

import argparse
import pathlib
import statistics
import sys
import tempfile
import time

import box_packet_peer as packets
import box_packet_server
import box_peer
import mixes
import report
from meeting import come, took_s

INTERVAL_S, MIXES, PAIRS = 0.25, 3, 5
SETTINGS = ("--interval", f"{INTERVAL_S * 1000:.0f}ms", "--batch", "32", "--minimum", "8")


def round_trip_s(net, server):
    with mixes.Client(net.nodes[0]) as client:
        began_s = time.monotonic()
        out, back = net.nodes, [net.nodes[1], net.nodes[2], net.nodes[0]]
        end, a = client.ask(server, bytes([packets.DESCRIBE]), out, back)
        assert client.answer(end, a).status == packets.SUCCESS
        return time.monotonic() - began_s


def direct_s(server):
    with box_packet_server.peer_of(server) as peer:
        began_s = time.monotonic()
        assert peer.ask(bytes([packets.DESCRIBE])).status == packets.SUCCESS
        return time.monotonic() - began_s


def meeting_s(net, url):
    with come("first", url, "--mixes", net.file) as first:
        first.wait_for_line("waiting for others", "err")
        with come("second", url, "--mixes", net.file) as second:
            return took_s(first, second)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", type=pathlib.Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, box_packet_server.server() as server:
        net = mixes.Net(folder, MIXES)
        node = net.add_server(*box_packet_server.address_of(server))
        url = f"box+udp://{node.address}:{node.port}#{box_peer.key_text(node.public)}"
        running = [mixes.Mix(net, i, *SETTINGS).__enter__() for i in range(MIXES)]
        try:
            trips = [round_trip_s(net, node) for _ in range(options.requests)]
            direct = statistics.median(direct_s(server) for _ in range(options.requests))
            meetings = [meeting_s(net, url) for _ in range(options.rounds)]
        finally:
            for mix in running:
                mix.stop()
    print(f"  meetings: {' '.join(f'{each:.1f}' for each in meetings)} s", file=sys.stderr)
    pair_s = 2 * MIXES * INTERVAL_S
    report.append(options.json, [
        report.Result("a request and its answer, three mixes of 250 ms, against six intervals",
                      statistics.median(trips), pair_s + direct, "s", 1.1),
        report.Result(f"second client's start to both reveals through them, against {PAIRS} pairs",
                      statistics.median(meetings), PAIRS * pair_s, "s", 1.25)])


if __name__ == "__main__":
    main()
