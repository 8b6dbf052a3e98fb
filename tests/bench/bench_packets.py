"""What a request over packets of the box transport takes of a core, beside its two boxes alone.

    bench_packets.py --json FILE [--rounds N] [--seconds N]
"""

import base64
import statistics
import subprocess

import load
import report
from ours import BUILD
from rendezvous import joined


def measure(server, t1_id, seconds):
    (host, port), key = server.box("box-packets")
    target = load.at(server)
    before_s = target.processor_s()
    done = subprocess.run(
        [BUILD / "tests" / "bench" / "load_packets", host, str(port),
         base64.urlsafe_b64decode(key + "=").hex(), t1_id.hex(), str(seconds)],
        stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return load.told(done, target, before_s)


def bound():
    """Nanoseconds of the two boxes."""
    return float(subprocess.run([BUILD / "tests" / "bench" / "packet_bound"], capture_output=True,
                                text=True, check=True).stdout)


def main():
    options = load.options(__doc__)
    loads, boxes = [], []
    with load.folder() as directory, \
            load.ours(directory, "--box-packets", "127.0.0.1:0") as server:
        identity, = joined(server)
        for _ in range(options.rounds):
            with load.profile(server, "packets"):
                loads.append(measure(server, identity.id, options.seconds))
            boxes.append(bound())
    load.show_processor_time(packets=loads)
    ours = 1e6 / statistics.median(each.processor_us for each in loads)
    theirs = 1e9 / statistics.median(boxes)
    report.append(options.json, [report.Result(
        "requests over packets of one core, keys kept, against their two boxes", ours, theirs,
        "1/s", 0.5, more=True)])


if __name__ == "__main__":
    main()
