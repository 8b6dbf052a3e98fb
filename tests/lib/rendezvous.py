"""What a client of the HTTP API needs, as plain as it gets: identities, records, feeds."""

import hashlib
import os
import unicodedata

T1_BYTES = 288
RECORD_BYTES = 96
EVERYBODY = bytes(32)


def h(data):
    return hashlib.blake2b(data).digest()[:32]


def bucket_link(created, sequence, kind=b"r", place=None):
    binary = created.to_bytes(8, "big") + sequence.to_bytes(4, "big")
    if place:
        return h(b"reunion-bucket-v2" + kind + place + binary).hex()
    return h(b"reunion-bucket-v1" + kind + binary).hex()


def place_tag(name):
    return h(b"reunion-place-v1" + unicodedata.normalize("NFC", name).encode())


class Identity:
    """A T1 of random bytes with its write key; to the server it looks like any other."""

    def __init__(self):
        self.t1 = os.urandom(T1_BYTES)
        self.key = os.urandom(32)
        self.id = h(self.t1)
        self.bucket = None

    def join(self, server, link=None, connection=None, place=None):
        """Post the T1, and remember the bucket. Returns: the answer."""
        query = "&".join(f"{name}={value}" for name, value in
                         (("bucket", link), ("place", place and place.hex())) if value)
        path = "/v1/t1" + (f"?{query}" if query else "")
        answer = server.post(path, self.t1, self.key, connection)
        if answer.status in (200, 201):
            self.bucket = answer.json()["link"]
        return answer

    def record(self, to, body=None):
        return self.id + (to if isinstance(to, bytes) else to.id) + (body or os.urandom(32))

    def send(self, server, kind, link, *records, key=None, connection=None):
        """Post T2s (kind 2) or T3s (kind 3) into the bucket `link`."""
        return server.post(f"/v1/buckets/{link}/t{kind}", b"".join(records), key or self.key,
                           connection)


def joined(server, count=1, place=None):
    """Identities that stand, each in the newest open bucket of a place."""
    identities = [Identity() for _ in range(count)]
    with server.connect() as connection:
        for identity in identities:
            answer = identity.join(server, connection=connection, place=place)
            assert answer.status == 201, answer
    return identities


def split(data, size):
    assert len(data) % size == 0, len(data)
    return [data[at:at + size] for at in range(0, len(data), size)]


def frames(data):
    """(kind, record) of each frame of a feed."""
    found = []
    while data:
        size = {1: T1_BYTES, 2: RECORD_BYTES, 3: RECORD_BYTES}[data[0]]
        assert len(data) > size
        found.append((data[0], data[1:1 + size]))
        data = data[1 + size:]
    return found


def feed(server, link, after=None, wait=None, connection=None):
    """One request to a feed. Returns: the answer."""
    query = "&".join(f"{name}={value}" for name, value in (("after", after), ("wait", wait))
                     if value is not None)
    return server.request("GET", f"/v1/buckets/{link}/feed" + (f"?{query}" if query else ""),
                          connection=connection)
