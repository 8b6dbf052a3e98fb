"""Mailboxes of groups as their owners, and the last mixes, use them, with PyNaCl: written from
groups.md and box.md alone.

`OverPackets` and `OverHttp` do the same to a server, each its way.
"""

import dataclasses
import hashlib
import os
import struct

from nacl import bindings

import box_packet_peer as packets

OPEN, READ, REMOVE, DELIVER, CLOSE = range(16, 21)
ID_BYTES, R_BYTES, COPY_BYTES, DELIVERY_BYTES = 16, 16, 544, 656

SUCCESS, NOT_FOUND, GONE, FULL = "success", "not found", "gone", "full"


def mailbox_id(read_key):
    return hashlib.blake2b(b"reunion-mailbox" + read_key).digest()[:ID_BYTES]


def token_for(read_key, server_public):
    return bindings.crypto_box_seal(mailbox_id(read_key), server_public)


def copy_for(token):
    """A copy, of which a server sees nothing but its beginning."""
    return token[:R_BYTES] + os.urandom(COPY_BYTES - R_BYTES)


def delivery_of(token, copy, server_public):
    return bindings.crypto_box_seal(token + copy, server_public)


def delivery_to(read_key, server_public):
    """Returns: a delivery and its copy."""
    token = token_for(read_key, server_public)
    copy = copy_for(token)
    delivery = delivery_of(token, copy, server_public)
    assert len(delivery) == DELIVERY_BYTES
    return delivery, copy


@dataclasses.dataclass
class Page:
    more: bool
    cursor: int
    copies: list


class OverPackets:
    NAMES = {packets.SUCCESS: SUCCESS, packets.NOT_FOUND: NOT_FOUND, packets.GONE: GONE,
             packets.FULL: FULL}

    def __init__(self, peer, size=packets.LONG):
        self.peer, self.size = peer, size

    def ask(self, q):
        return self.peer.ask(q, self.size)

    def status(self, q, size=None):
        answer = self.peer.ask(q, size or self.size)
        assert answer.body == b"", answer
        return self.NAMES[answer.status]

    def open(self, read_key):
        """Its status, and when it ends."""
        answer = self.ask(bytes([OPEN]) + read_key)
        ends, = struct.unpack(">Q", answer.body) if answer.status == packets.SUCCESS else (None,)
        return self.NAMES[answer.status], ends

    @staticmethod
    def page_of(answer):
        more, cursor = struct.unpack(">?Q", answer.success[:9])
        return Page(more, cursor, packets.split(answer.body[9:], COPY_BYTES))

    def read(self, read_key, cursor=0, wait=0):
        """A page, or why there is none."""
        answer = self.ask(bytes([READ]) + read_key + struct.pack(">QB", cursor, wait))
        return self.page_of(answer) if answer.status == packets.SUCCESS \
            else self.NAMES[answer.status]

    def remove(self, read_key, cursor):
        return self.status(bytes([REMOVE]) + read_key + struct.pack(">Q", cursor))

    def deliver(self, delivery):
        """In a long packet, as it does not fit into a short one."""
        return self.status(bytes([DELIVER]) + delivery, packets.LONG)

    def close(self, read_key):
        return self.status(bytes([CLOSE]) + read_key)


class OverHttp:
    NAMES = {200: SUCCESS, 201: SUCCESS, 204: SUCCESS, 404: NOT_FOUND, 410: GONE, 503: FULL}
    PROBLEMS = {404: "unknown-mailbox", 410: "mailbox-closed", 503: "too-many-mailboxes"}

    def __init__(self, server):
        self.server = server

    @staticmethod
    def path(read_key):
        return f"/v1/mailboxes/{mailbox_id(read_key).hex()}"

    def ask(self, method, path, read_key):
        return self.server.request(method, path,
                                   headers={"Authorization": f"Bearer {read_key.hex()}"})

    def status(self, answer):
        assert answer.status == 204 or answer.problem == self.PROBLEMS[answer.status], answer
        return self.NAMES[answer.status]

    def open(self, read_key):
        answer = self.ask("POST", "/v1/mailboxes", read_key)
        if answer.status not in (200, 201):
            return self.status(answer), None
        assert answer.json()["id"] == mailbox_id(read_key).hex(), answer
        assert (answer.headers["Location"] == self.path(read_key)) == (answer.status == 201)
        return SUCCESS, answer.json()["expires"]

    def read(self, read_key, cursor=0, wait=0):
        query = f"?after={cursor:016x}" if cursor else "?"
        answer = self.ask("GET", f"{self.path(read_key)}{query}&wait={wait}".replace("?&", "?"),
                          read_key)
        if answer.status != 200:
            return self.status(answer)
        return Page(answer.headers["Reunion-More"] == "1",
                    int(answer.headers["Reunion-Cursor"], 16),
                    packets.split(answer.body, COPY_BYTES))

    def remove(self, read_key, cursor):
        return self.status(self.ask(
            "DELETE", f"{self.path(read_key)}/copies?to={cursor:016x}", read_key))

    def deliver(self, delivery):
        return self.status(self.server.post("/v1/deliveries", delivery))

    def close(self, read_key):
        return self.status(self.ask("DELETE", self.path(read_key), read_key))


def read_all(way, read_key, cursor=0):
    """All copies after a cursor, in order, and the cursor behind them."""
    copies = []
    while True:
        page = way.read(read_key, cursor)
        copies, cursor = copies + page.copies, page.cursor
        if not page.more:
            return copies, cursor
