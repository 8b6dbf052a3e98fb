"""Sends T1s that nobody made, new ones all the time, to the group of the local network.

    flood.py A_SECOND

Until standard input ends. Prints "flooding" after the first.
"""

import os
import select
import socket
import sys
import time

GROUP = ("224.3.29.71", 9005)
T1_BYTES = 288


def main():
    a_second = int(sys.argv[1])
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    began_s, sent = time.monotonic(), 0
    while True:
        while sent < (time.monotonic() - began_s) * a_second + 1:
            sender.sendto(b"t1_" + os.urandom(T1_BYTES), GROUP)
            sent += 1
            if sent == 1:
                print("flooding", flush=True)
        if select.select([sys.stdin], [], [], 1 / 200)[0]:
            print(f"{sent} sent in {time.monotonic() - began_s:.1f} s", flush=True)
            return


if __name__ == "__main__":
    main()
