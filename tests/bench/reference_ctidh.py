"""The reference's CTIDH-1024 and session behind a pipe, with the protocol of serve_ctidh.c.

Run by a Python that has `rendez`. There is one thread, and any number of public keys.
"""

import sys
import time

from highctidh import InvalidPublicKey, ctidh
from rendez.vous.reunion.session import ReunionSession

GROUP = ctidh(1024)


class Stopwatch:
    def __init__(self):
        self.wall, self.cpu = time.perf_counter_ns(), time.process_time_ns()

    def read(self):
        return [time.perf_counter_ns() - self.wall, time.process_time_ns() - self.cpu]


def derive(secret, *publics):
    secret = GROUP.private_key_from_bytes(bytes.fromhex(secret))
    results = []
    start = Stopwatch()
    for public in publics:
        try:
            # Parsing included: it is where the package validates.
            key = GROUP.public_key_from_bytes(bytes.fromhex(public))
            results.append(GROUP.dh(secret, key).hex())
        except InvalidPublicKey:
            results.append("invalid")
    return [*start.read(), *results]


def keys():
    secret = GROUP.generate_secret_key()
    return [bytes(secret).hex(), bytes(GROUP.derive_public_key(secret)).hex()]


def session():
    start = Stopwatch()
    ReunionSession.create(b"I am a jelly donut", bytes(96))
    return start.read()


def main():
    for line in sys.stdin:
        verb, *words = line.split()
        answer = {"derive": lambda: derive(*words[1:]), "keys": keys, "session": session}[verb]()
        print(*answer, flush=True)


main()
