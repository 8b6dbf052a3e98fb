"""What a packet through one mix takes of a core, beside the two X25519 that it cannot do without;
and the memory of its replay table with all tags of half an hour in it, beside 16 bytes a tag.

    bench_mix.py --json FILE [--rounds N] [--packets N] [--rate N]
"""

import argparse
import pathlib
import statistics
import subprocess
import tempfile

import load
import mixes
import report
from box_peer import KeyPair, key_text
from ours import BUILD

PROGRAMS = BUILD / "tests" / "bench"
SINK_PORT = 5600


def numbers(program, *arguments):
    printed = subprocess.run([PROGRAMS / program, *map(str, arguments)], capture_output=True,
                             text=True, check=True).stdout
    return [float(each) for each in printed.split()]


def measure(mix, net, sink, packets):
    target = load.Target(None, mix)
    before_s = target.processor_s()
    node = net.nodes[0]
    done = subprocess.run(
        [PROGRAMS / "load_mix", node.address, str(node.port), node.public.hex(), str(SINK_PORT),
         sink.public.hex(), str(packets)],
        stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return load.told(done, target, before_s)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", type=pathlib.Path, required=True)
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--packets", type=int, default=20000)
    parser.add_argument("--rate", type=int, default=10000, help="packets a second, of the table")
    options = parser.parse_args()
    loads, bounds = [], []
    with tempfile.TemporaryDirectory() as folder:
        net, sink = mixes.Net(folder, 1), KeyPair()
        net.mixes.append({"name": "sink", "address": f"127.0.0.1:{SINK_PORT}",
                          "key": key_text(sink.public)})
        net.write()
        with mixes.Mix(net, 0, "--batch", "32", "--minimum", "0", "--cover", "0") as mix:
            for _ in range(options.rounds):
                loads.append(measure(mix, net, sink, options.packets))
                bounds += numbers("mix_bound")
    load.show_processor_time(mix=loads)
    ours = 1e6 / statistics.median(each.processor_us for each in loads)
    tag_bytes, longest_us = numbers("mix_tags", options.rate)
    print(f"longest time to keep one tag: {longest_us / 1000:.1f} ms")
    report.append(options.json, [
        report.Result("packets through one mix, one core, against their two X25519", ours,
                      1e9 / statistics.median(bounds), "1/s", 0.8, more=True),
        report.Result(f"a mix's table of tags, {options.rate} packets a second for 30 min",
                      tag_bytes, 16, "B/tag", 2)])


if __name__ == "__main__":
    main()
