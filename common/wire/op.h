/* Binary requests and answers: their kinds, and the sizes in them. */
#ifndef REUNION_WIRE_OP_H
#define REUNION_WIRE_OP_H

#include "wire/sizes.h"

/* Source: box.md of the specification, "Packets"; groups.md for mailboxes, mix.md for OP_MIX. A
 * request is an op (1 byte) and its body, an answer a status (1) and its body. */

enum op {
    OP_DESCRIBE = 1,
    OP_POST_T1 = 2,
    OP_FETCH_T1 = 3,
    OP_LIST_BUCKETS = 4,
    OP_FIND_BUCKET = 5,
    OP_READ_T1S = 6,
    OP_POST_T2S = 7,
    OP_POST_T3S = 8,
    OP_FEED = 9,
    OP_READ_LINKS = 10,
    OP_POST_LINK = 11,
    OP_READ_STAMPS = 12,
    OP_LIST_PLACE_BUCKETS = 13,
    OP_OPEN_MAILBOX = 16,
    OP_READ_MAILBOX = 17,
    OP_REMOVE_COPIES = 18,
    OP_DELIVER = 19,
    OP_CLOSE_MAILBOX = 20,
    OP_MIX = 32, /* for a mix, and never answered */
};

enum op_status {
    OP_SUCCESS = 0,
    OP_MALFORMED = 1,
    OP_NOT_FOUND = 2,
    OP_GONE = 3, /* expired */
    OP_FORBIDDEN = 4,
    OP_FULL = 5,
    OP_NOT_NOW = 6,      /* with seconds */
    OP_UNKNOWN = 7,      /* the op is */
    OP_STAMP_WANTED = 8, /* with challenge and effort */
};

/* Bytes of what stands in bodies. */
enum {
    OP_STAMP_BYTES = 16,
    OP_CURSOR_BYTES = 16, /* of a feed */
    OP_CHALLENGE_BYTES = 32,
    OP_READ_KEY_BYTES = 32,
    OP_COPY_BYTES = 544,
    OP_DELIVERY_BYTES = 656, /* an OP_DELIVER that can be carried out */
    OP_MIX_PACKET_BYTES = 1160,

    OP_BUCKET_BYTES = 55,
    OP_ADDRESSED_BYTES = 2 * ID_BYTES, /* addressee, T2 or T3, in a post */
    OP_STAMP_HOUR_BYTES = 8 + OP_CHALLENGE_BYTES,
    OP_STAMP_LINE_BYTES = ID_BYTES + 8 + OP_STAMP_BYTES + 4,
};

/* The count of a bucket of links, which nobody is told. */
enum { OP_COUNT_UNTOLD = 65535 };

/* What became of a T2 or T3 that was posted. */
enum op_outcome { OP_STORED = 0, OP_STOOD_ALREADY = 1, OP_REFUSED = 2 };

#endif
