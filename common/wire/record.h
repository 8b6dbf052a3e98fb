/* T2 and T3 records, and the frames of a feed. */
#ifndef REUNION_WIRE_RECORD_H
#define REUNION_WIRE_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "wire/record_kind.h"
#include "wire/sizes.h"

/* A T2 or T3 with its T1 ids. An addressee of zeros means everybody in the sender's bucket. */
struct record {
    uint8_t sender[ID_BYTES];
    uint8_t addressee[ID_BYTES];
    uint8_t body[RECORD_BODY_BYTES];
};

/* Write sender || addressee || body. */
void record_pack(uint8_t out[static RECORD_ADDRESSED_BYTES], const struct record *record);

/* Read one record; the cursor's error is sticky. */
void record_take(struct cursor *from, struct record *record);

/* Whether the record names no addressee. */
bool record_is_unaddressed(const struct record *record);

/* One frame of a feed: a kind and the bytes of its record, owned by the feed's owner. */
struct frame {
    enum record_kind kind;
    const uint8_t *bytes;
    size_t length; /* frame_record_bytes(kind) */
};

/* RECORD_T1_BYTES or RECORD_ADDRESSED_BYTES. */
size_t frame_record_bytes(enum record_kind kind);

/* Take the next frame.
 * Returns: 0, -ENOENT (the feed ends here), -EBADMSG (unknown kind or cut off). */
MUST_CHECK int frame_take(struct cursor *feed, struct frame *frame);

#endif
