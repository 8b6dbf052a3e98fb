"""A switch in user space, with loss, delay and duplication drawn from a seed.

    wire.py [options] PID...

For each PID, in whose network namespace nothing else has to be, a TAP device appears there, and
frames are carried between them until standard input ends. Prints "ready" when all are up.

The kernel's own emulation is not built in everywhere; and TAP devices avoid the half-made checksums
of a bridge.
"""

import argparse
import fcntl
import heapq
import os
import random
import select
import struct
import subprocess
import sys
import time

TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 2, 0x1000
FRAME_BYTES_MAX = 65536


def arguments():
    parser = argparse.ArgumentParser()
    for name in ("loss", "dup", "delay", "jitter"):
        parser.add_argument("--" + name, type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", default="eth0")
    parser.add_argument("--net", type=int, default=78)
    parser.add_argument("--ipv6-only", action="store_true")
    parser.add_argument("pid", nargs="+", type=int)
    return parser.parse_args()


def plug(options, number, pid):
    """A TAP device in the namespace of a process. Returns: the switch's end of it."""
    end = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    name = f"tap{os.getpid()}n{number}"[:15]
    fcntl.ioctl(end, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
    subprocess.run(["ip", "link", "set", name, "netns", str(pid), "name", options.device],
                   check=True)
    commands = [f"link set {options.device} up"]
    if not options.ipv6_only:
        commands += [f"addr add 10.{options.net}.0.{number}/24 dev {options.device}"]
        # The reference sends to the group by the route alone.
        if options.device == "eth0":
            commands += [f"route add 224.0.0.0/4 dev {options.device}"]
    for command in commands:
        subprocess.run(["nsenter", "-t", str(pid), "-n", "ip", *command.split()], check=True)
    return end


class Switch:
    def __init__(self, options, ends):
        self.options = options
        self.ends = ends
        self.random = random.Random(options.seed)
        self.waiting = []
        self.count = 0

    def take(self, end):
        """Frames from one host, for all others."""
        for _ in range(64):
            try:
                frame = os.read(end, FRAME_BYTES_MAX)
            except OSError:
                return
            for other in self.ends:
                if other != end:
                    self.draw(other, frame)

    def draw(self, end, frame):
        if self.random.random() < self.options.loss:
            return
        for _ in range(2 if self.random.random() < self.options.dup else 1):
            late = self.options.delay + self.random.random() * self.options.jitter
            self.count += 1
            heapq.heappush(self.waiting, (time.monotonic() + late / 1e3, self.count, end, frame))

    def deliver(self):
        """What is due. Returns: how long until the next."""
        while self.waiting:
            left = self.waiting[0][0] - time.monotonic()
            if left > 0:
                return left
            _, _, end, frame = heapq.heappop(self.waiting)
            try:
                os.write(end, frame)
            except OSError:
                pass  # no room, or the device is down: lost
        return None

    def run(self):
        while True:
            readable, _, _ = select.select([sys.stdin, *self.ends], [], [], self.deliver())
            for end in readable:
                if end is sys.stdin:
                    return
                self.take(end)


def main():
    options = arguments()
    ends = [plug(options, number, pid) for number, pid in enumerate(options.pid, 1)]
    print("ready", flush=True)
    Switch(options, ends).run()


if __name__ == "__main__":
    main()
