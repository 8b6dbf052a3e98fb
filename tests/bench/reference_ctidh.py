"""The reference's CTIDH-1024 behind a pipe, with the protocol of `bench_ctidh serve`. Run by a
Python that has `highctidh`.

A line "keys" is answered with a fresh "secret public", the public key being another secret's; a
line "secret public" with "nanoseconds shared". All in hex.
"""

import sys
import time

from highctidh import ctidh


def main():
    group = ctidh(1024)
    for line in sys.stdin:
        if line.strip() == "keys":
            public = group.derive_public_key(group.generate_secret_key())
            answer = f"{bytes(group.generate_secret_key()).hex()} {bytes(public).hex()}"
        else:
            secret, public = (bytes.fromhex(part) for part in line.split())
            secret = group.private_key_from_bytes(secret)
            start = time.perf_counter_ns()
            # Parsing included: it is where the package decodes.
            shared = group.dh(secret, group.public_key_from_bytes(public))
            answer = f"{time.perf_counter_ns() - start} {shared.hex()}"
        print(answer, flush=True)


main()
