"""Mailboxes of groups behind the packets of a relay: an independent server, written from groups.md
alone, with PyNaCl. All other ops go to the server that the relay asks."""

import hashlib
import threading
import time

from nacl import bindings
from nacl.exceptions import CryptoError

from box_packet_relay import MALFORMED, NOT_FOUND, GONE, SUCCESS, PacketRelay, number

OPEN, READ, REMOVE, DELIVER, CLOSE = range(16, 21)
COPY_BYTES, TOKEN_BYTES, DELIVERY_BYTES = 544, 64, 656
COPIES_IN_ANSWER = 2
LIFE_S = 7 * 24 * 60 * 60


def mailbox_id(read_key):
    return hashlib.blake2b(b"reunion-mailbox" + read_key).digest()[:16]


class MailboxRelay(PacketRelay):
    """`dropped` may be set to a function of a copy that says whether the server loses it;
    `delivered` counts the deliveries that were stored."""

    def __init__(self, target, **options):
        super().__init__(target, answer=self._answer_q, **options)
        self._lock = threading.Lock()
        self._mailboxes = {}  # id: {cursor: copy}
        self._closed, self._taken = set(), set()
        self._cursor = 0
        self.dropped = lambda copy: False
        self.delivered = 0

    def copies(self):
        """All that are stored."""
        with self._lock:
            return [copy for mailbox in self._mailboxes.values() for copy in mailbox.values()]

    def _answer_q(self, q):
        op, body = q[0], q[1:]
        if op not in (OPEN, READ, REMOVE, DELIVER, CLOSE):
            return self.ops.answer(q)
        with self._lock:
            if op == DELIVER:
                self._deliver(body)
                return number(SUCCESS, 1)
            return self._keep(op, body)

    def _keep(self, op, body):
        if len(body) != {OPEN: 32, READ: 41, REMOVE: 40, CLOSE: 32}[op]:
            return number(MALFORMED, 1)
        name = mailbox_id(body[:32])
        if op == OPEN:
            if name in self._closed:
                return number(GONE, 1)
            self._mailboxes.setdefault(name, {})
            return number(SUCCESS, 1) + number(int(time.time()) + LIFE_S, 8)
        if name not in self._mailboxes:
            return number(NOT_FOUND, 1)
        mailbox = self._mailboxes[name]
        if op == CLOSE:
            del self._mailboxes[name]
            self._closed.add(name)
            return number(SUCCESS, 1)
        cursor = int.from_bytes(body[32:40], "big")
        if op == REMOVE:
            for each in [each for each in mailbox if each <= cursor]:
                del mailbox[each]
            return number(SUCCESS, 1)
        found = sorted(each for each in mailbox if each > cursor)
        given = found[:COPIES_IN_ANSWER]
        return (number(SUCCESS, 1) + number(len(found) > len(given), 1) +
                number(given[-1] if given else cursor, 8) +
                b"".join(mailbox[each] for each in given))

    def _deliver(self, body):
        try:
            opened = bindings.crypto_box_seal_open(body, self.own.public, self.own.secret)
            token, copy = opened[:TOKEN_BYTES], opened[TOKEN_BYTES:]
            name = bindings.crypto_box_seal_open(token, self.own.public, self.own.secret)
        except (CryptoError, ValueError, TypeError):
            return
        if (len(copy) != COPY_BYTES or copy[:16] != token[:16] or name not in self._mailboxes or
                (name, copy[:16]) in self._taken or self.dropped(copy)):
            return
        self._taken.add((name, copy[:16]))
        self._cursor += 1
        self._mailboxes[name][self._cursor] = copy
        self.delivered += 1
