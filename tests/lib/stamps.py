"""What a client that pays needs: stamps, and how they are read and sent."""

import subprocess

from ours import BUILD
from rendezvous import Identity, h, joined, split

FIND = BUILD / "tests" / "lib" / "find_stamp"


def find(kind, record, challenge, effort, place=None):
    """A nonce worth at least `effort` for a record of a kind ("r", "l"), in hex, and its worth."""
    done = subprocess.run([FIND, kind, h(record).hex(), challenge, str(effort),
                           *([place.hex()] if place else [])], check=True,
                          capture_output=True, text=True)
    nonce, worth = done.stdout.split()
    return nonce, int(worth)


def terms(server):
    return server.get("/v1/server").json()["stamp"]


def post(server, path, body, key=None, stamp=None, connection=None):
    headers = {"Content-Type": "application/octet-stream"}
    if key is not None:
        headers["Authorization"] = "Bearer " + key.hex()
    if stamp is not None:
        headers["Reunion-Stamp"] = stamp
    return server.request("POST", path, body, headers, connection)


def read(data):
    """The answer of GET /v1/buckets/{link}/stamps: challenges by hour, then (hour, nonce, effort)
    by T1 id."""
    challenges = {int.from_bytes(each[:8], "big"): each[8:].hex()
                  for each in split(data[1:1 + 40 * data[0]], 40)}
    t1s = [(each[:32], int.from_bytes(each[32:40], "big"), each[40:56].hex(),
            int.from_bytes(each[56:], "big")) for each in split(data[1 + 40 * data[0]:], 60)]
    assert [t1 for t1, *_ in t1s] == sorted(t1 for t1, *_ in t1s), "not sorted"
    return challenges, {t1: rest for t1, *rest in t1s}


def join_paying(server, place=None):
    """A T1 with a stamp worth 16."""
    identity = Identity()
    nonce, _ = find("r", identity.t1, terms(server)["challenge"], 16, place)
    path = "/v1/t1" + (f"?place={place.hex()}" if place else "")
    answer = post(server, path, identity.t1, identity.key, nonce)
    assert answer.status == 201, answer


def priced(server, place=None):
    """Two T1s in a place of a server with `--t1-free 1`, the second paid for: whoever comes next
    has to pay 16, for half an hour, and 18 in the same second. After one that would hold for a
    second alone, as its part in what has come fades."""
    joined(server, place=place)
    join_paying(server, place)
