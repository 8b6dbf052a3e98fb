#!/usr/bin/env python3
"""Known answers for stamps and prices, from the specification alone: Python and `cryptography`.

    stamp_kat.py > stamp-kat.json           make them
    stamp_kat.py --check stamp-kat.json     fail if they are not what is made
"""

import decimal
import hashlib
import json
import sys

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

HOURS = [0, 1, 481292, 2 ** 32 + 5, 2 ** 63 - 1]
EDGES = [0, 1, 2, 3, 2 ** 32 - 1, 2 ** 32, 2 ** 63 - 1, 2 ** 63, 2 ** 64 - 2, 2 ** 64 - 1]


def challenge_of(secret, hour):
    message = b"reunion-stamp" + hour.to_bytes(8, "big")
    return hashlib.blake2b(message, key=secret, digest_size=32).digest()


def effort_of(beginning):
    return min((2 ** 64 - 1) // (beginning + 1), 2 ** 32 - 1)


def beginning_of(kind, place, record, nonce, challenge):
    password = b"reunion-stamp-v1" + kind + place + record + nonce
    derived = Argon2id(salt=challenge[:16], length=32, iterations=1, lanes=1,
                       memory_cost=1024).derive(password)
    return int.from_bytes(derived[:8], "big")


def stamps():
    for number in range(24):
        record = hashlib.blake2b(b"record %d" % number).digest()[:32]
        secret = bytes((7 * number + i) % 256 for i in range(32))
        kind = b"rl"[number % 2:number % 2 + 1]
        place = bytes(32) if number % 4 != 2 else hashlib.blake2b(b"place").digest()[:32]
        nonce = bytes(16) if number == 0 else hashlib.blake2b(b"%d" % number).digest()[:16]
        challenge = challenge_of(secret, HOURS[number % len(HOURS)])
        beginning = beginning_of(kind, place, record, nonce, challenge)
        yield {"kind": kind.decode(), "place": place.hex(), "record": record.hex(),
               "challenge": challenge.hex(), "nonce": nonce.hex(),
               "beginning": beginning.to_bytes(8, "big").hex(), "effort": effort_of(beginning)}


def ceil_power(first, numerator, denominator):
    """ceil(first * 2 ** (numerator / denominator)), bounded by 32 bits."""
    with decimal.localcontext() as context:
        context.prec = 60
        whole, part = divmod(numerator, denominator)
        value = first * decimal.Decimal(2) ** whole
        if part:
            value *= decimal.Decimal(2) ** (decimal.Decimal(part) / denominator)
        return min(int(value.to_integral_value(decimal.ROUND_CEILING)), 2 ** 32 - 1)


def price_t1(count, free):
    return 0 if count < free else ceil_power(16, (count - free) // free, 8)


def price_link(count):
    return 0 if count < 64 else ceil_power(16, (count - 64) // 64, 1)


def price_place(count):
    return 0 if count < 256 else ceil_power(16, count - 256, 256)


def prices():
    for free in (1, 64, 100, 1024):
        for count in [0, free - 1, free, 2 * free - 1, 2 * free, 3 * free, 9 * free, 17 * free + 1,
                      100 * free, 224 * free, 225 * free, 1000 * free]:
            yield {"of": "t1", "count": count, "free": free, "price": price_t1(count, free)}
    for count in (0, 63, 64, 127, 128, 191, 192, 640, 1023, 1024):
        yield {"of": "link", "count": count, "free": 0, "price": price_link(count)}
    for count in (0, 255, 256, 257, 300, 512, 513, 1000, 4095):
        yield {"of": "place", "count": count, "free": 0, "price": price_place(count)}


def known_answers():
    return {
        "challenges": [{"secret": bytes(range(i, i + 32)).hex(), "hour": hour,
                        "challenge": challenge_of(bytes(range(i, i + 32)), hour).hex()}
                       for i, hour in enumerate(HOURS)],
        "efforts": [{"beginning": edge.to_bytes(8, "big").hex(), "effort": effort_of(edge)}
                    for edge in EDGES],
        "stamps": list(stamps()),
        "prices": list(prices()),
    }


def main(arguments):
    made = known_answers()
    if arguments[:1] == ["--check"]:
        with open(arguments[1]) as file:
            if json.load(file) != made:
                sys.exit(f"{arguments[1]} is not what this script makes")
        return
    json.dump(made, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main(sys.argv[1:])
