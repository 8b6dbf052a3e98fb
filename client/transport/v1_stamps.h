/* Parsing of a version-1 server's list of stamps in a bucket. */
#ifndef REUNION_TRANSPORT_V1_STAMPS_H
#define REUNION_TRANSPORT_V1_STAMPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/err.h"
#include "http/http.h"
#include "transport/transport.h"

/* An answer that is walked through; its bytes are http's, until the next exchange. */
struct v1_stamps {
    size_t count; /* of challenges */
    uint64_t hours[BUCKET_CAPACITY];
    const uint8_t *challenges[BUCKET_CAPACITY];
    struct cursor t1s;
};

/* Look at the whole of an answer, which may be anything.
 * Returns: 0, -EPROTO (it has another form, or a stamp of an hour without a challenge). */
MUST_CHECK int v1_stamps_open(struct v1_stamps *stamps, const struct http_answer *answer);

/* The next T1 that paid something; `id` is the answer's.
 * Returns: whether there is one. */
bool v1_stamps_next(struct v1_stamps *stamps, const uint8_t **id, struct transport_stamp *stamp);

#endif
