"""What schemathesis is told of this API beyond its description; it loads this file by itself.

A schema cannot say that a body is a number of whole records, or name T1s that stand. So bodies of
T2s and T3s that are meant to be good become so, of senders and addressees from the environment.
"""

import hashlib
import os

import schemathesis
from schemathesis.transport.serialization import Binary

RECORD_BYTES = 96
RECORDS_MAX = 256
T1_IDS = [bytes.fromhex(text) for text in os.environ["SCHEMATHESIS_T1_IDS"].split(",")]


@schemathesis.deserializer("application/octet-stream")
def octets(_context, response):
    """A character for each byte, so that lengths can be checked."""
    return response.content.decode("latin-1")


def whole_records(data):
    """Records of the first T1, as many as fit into `data`, that differ where it does."""
    count = max(1, min(len(data) // RECORD_BYTES, RECORDS_MAX))
    return b"".join(
        T1_IDS[0] + T1_IDS[1 + i % (len(T1_IDS) - 1)] + hashlib.sha256(data + bytes([i])).digest()
        for i in range(count))


@schemathesis.hook
def before_call(_context, case, _kwargs):
    operation = case.operation.definition.raw.get("operationId")
    # A stamp of the right form is wrong all the same unless work was done for it.
    if case.meta and case.meta.generation.mode.is_positive and case.headers:
        case.headers.pop("Reunion-Stamp", None)
    if operation in ("postT2s", "postT3s") and case.meta and \
            case.meta.generation.mode.is_positive and isinstance(case.body, Binary):
        case.body = Binary(whole_records(case.body.data))
