"""What a client of private links needs of the HTTP API: posting blobs, reading whole buckets."""

import os

from rendezvous import split

BLOB_BYTES = 256
PLACES = 64


def post_link(server, blob=None, connection=None):
    """Post a blob, of random bytes unless given. Returns: the answer."""
    return server.post("/v1/links", blob or os.urandom(BLOB_BYTES), connection=connection)


def leave(server, count=1):
    """Links that stand. Returns: the blobs, and the link of the bucket of each."""
    blobs, buckets = [], []
    with server.connect() as connection:
        for _ in range(count):
            blobs.append(os.urandom(BLOB_BYTES))
            answer = post_link(server, blobs[-1], connection)
            assert answer.status == 201, answer
            buckets.append(answer.json()["link"])
    return blobs, buckets


def places(server, link):
    """All places of a bucket."""
    answer = server.get(f"/v1/links/{link}")
    assert answer.status == 200, answer
    found = split(answer.body, BLOB_BYTES)
    assert len(found) == PLACES, len(found)
    return found
