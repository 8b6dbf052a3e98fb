"""Buckets of private links at an odd server: all right as they are, and open to be spoilt."""

import json
import os

from odd_server import binary_id, bucket, description, link_of, this_hour

PLACES = 64
BLOB_BYTES = 256


class OddLinks:
    """Routes of a server with one bucket of links, whose members a test may change."""

    def __init__(self, created=None, sequence=0):
        self.created = this_hour() if created is None else created
        self.sequence = sequence
        self.link = link_of(self.created, sequence, b"l")
        self.entries = [os.urandom(BLOB_BYTES) for _ in range(PLACES)]
        self.posted = []
        self.spoil = lambda entries: entries
        self.posted_changes = {}
        self.current_changes = {}
        self.headers = {"Reunion-Bucket-Id": binary_id(self.created, sequence).hex()}

    def post(self, _, body):
        self.entries[len(self.posted)] = body
        self.posted.append(body)
        answer = {**bucket(self.created, self.sequence, link=self.link), **self.posted_changes}
        del answer["count"]
        return (201, {}, json.dumps(answer).encode())

    def current(self, *_):
        answer = {**bucket(self.created, self.sequence, link=self.link), **self.current_changes}
        del answer["count"]
        return answer

    def read(self, *_):
        return (200, self.headers, b"".join(self.spoil(sorted(self.entries))))

    def routes(self):
        return {"GET /v1/server": description(), "POST /v1/links": self.post,
                "GET /v1/links": self.current,
                f"GET /v1/links/{self.link}": self.read}
