/* Parsing of a server's list of stamps in a bucket. */
#ifndef REUNION_TRANSPORT_STAMP_LIST_H
#define REUNION_TRANSPORT_STAMP_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/err.h"
#include "transport/transport.h"

enum {
    STAMP_LIST_HOUR_BYTES = 8 + STAMP_CHALLENGE_BYTES,
    STAMP_LIST_LINE_BYTES = ID_BYTES + 8 + STAMP_NONCE_BYTES + 4,
};

/* A list that is walked through; its bytes are the answer's. */
struct stamp_list {
    size_t count; /* of challenges */
    uint64_t hours[BUCKET_CAPACITY];
    const uint8_t *challenges[BUCKET_CAPACITY];
    struct cursor t1s;
};

/* Look at the whole of an answer, which may be anything: challenges, count of them first, and then
 * a line for each T1. Source: admission.md of the specification, GET …/stamps.
 * Returns: 0, -EPROTO (it has another form, or a stamp of an hour without a challenge). */
MUST_CHECK int stamp_list_open(struct stamp_list *list, const uint8_t *bytes, size_t length);

/* The same in parts: `count` challenges of STAMP_LIST_HOUR_BYTES, and lines of
 * STAMP_LIST_LINE_BYTES, so many bytes. */
MUST_CHECK int stamp_list_open_parts(struct stamp_list *list, const uint8_t *challenges,
                                     size_t count, const uint8_t *lines, size_t lines_bytes);

/* The next T1 that paid something; `id` is the answer's.
 * Returns: whether there is one. */
bool stamp_list_next(struct stamp_list *list, const uint8_t **id, struct transport_stamp *stamp);

#endif
