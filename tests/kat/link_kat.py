#!/usr/bin/env python3
"""Known answers for private links, from the specification alone: Python and PyNaCl.

    link_kat.py > link-kat.json           make them
    link_kat.py --check link-kat.json     fail if they are not what is made
"""

import json
import sys
import urllib.parse

import nacl.bindings
import nacl.pwhash

BLOB_BYTES, TEXT_BYTES_MAX = 256, 238
ASSOCIATED_DATA = b"reunion-link-v1"

CASES = [
    ("https://chat.example/invite#abc", b"I am a jelly donut"),
    ("x", b"\x01"),
    ("u" * TEXT_BYTES_MAX, "Pässe über Straßen".encode()),
    ("simplex:/contact#/?v=2-7&smp=smp%3A%2F%2Fexample", b"a b&c#d%e+f"),
    ("http://" + "a2" * 28 + ".onion/", b"correct horse battery staple " * 8),
]


def key_of(passphrase, salt):
    return nacl.pwhash.argon2id.kdf(
        32, passphrase, salt, opslimit=nacl.pwhash.argon2id.OPSLIMIT_MODERATE,
        memlimit=nacl.pwhash.argon2id.MEMLIMIT_MODERATE)


def seal(key, text):
    plaintext = len(text).to_bytes(2, "big") + text.ljust(TEXT_BYTES_MAX, b"\0")
    # libsodium puts the tag last, the specification first.
    box = nacl.bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(
        plaintext, ASSOCIATED_DATA, bytes(24), key)
    blob = box[-16:] + box[:-16]
    assert len(blob) == BLOB_BYTES
    return blob


def invitation(server, bucket, salt, passphrase):
    def escaped(value):
        return urllib.parse.quote(value, safe="-._~:@/")
    return (f"reunion-link:v1?server={escaped(server)}&bucket={bucket.hex()}&salt={salt.hex()}"
            + ("#" + escaped(passphrase) if passphrase else ""))


def known_answers():
    for number, (text, passphrase) in enumerate(CASES):
        salt = bytes(16 * number + i for i in range(16))
        bucket = bytes(255 - i - number for i in range(32))
        server = ["https://example.org", "http://127.0.0.1:5000", "http://[::1]:5000/a?b&c d",
                  "http+unix:/run/reunion.sock", "https://münchen.example/"][number]
        key = key_of(passphrase, salt)
        yield {
            "text": text.encode().hex(), "passphrase": passphrase.hex(), "salt": salt.hex(),
            "key": key.hex(), "blob": seal(key, text.encode()).hex(),
            "server": server.encode().hex(), "bucket": bucket.hex(),
            "invitation": invitation(server, bucket, salt, passphrase),
            "invitation_apart": invitation(server, bucket, salt, b""),
        }


def main(arguments):
    made = list(known_answers())
    if arguments[:1] == ["--check"]:
        with open(arguments[1]) as file:
            if json.load(file) != made:
                sys.exit(f"{arguments[1]} is not what this script makes")
        return
    json.dump(made, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main(sys.argv[1:])
