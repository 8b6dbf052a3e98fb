/* Parsing and checking of a version-1 server's answers. */
#ifndef REUNION_TRANSPORT_V1_ANSWERS_H
#define REUNION_TRANSPORT_V1_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "http/http.h"
#include "wire/record.h"
#include "wire/sizes.h"
#include "json/v1_json.h"

#define V1_BUCKET_HEADER    "Reunion-Bucket"
#define V1_CURSOR_HEADER    "Reunion-Cursor"
#define V1_BUCKET_ID_HEADER "Reunion-Bucket-Id"

enum {
    V1_PAGE_MAX = 256,              /* buckets in one page */
    V1_JSON_BYTES_MAX = 128 * 1024, /* a page of so many fits */
    V1_CURSOR_BYTES = 129,          /* with the terminating zero */
    V1_WAIT_S_MAX = 55, /* of a feed: proxies tend to give up on a silent request after a minute */

    /* All that a full bucket can hold: the T1s, one T2 and T3 for each pair, and the 64 T3s each
     * sender may store for each T1 that came through the reference's endpoints. */
    V1_FEED_BYTES_MAX =
        BUCKET_CAPACITY * (1 + RECORD_T1_BYTES) +
        BUCKET_CAPACITY * BUCKET_CAPACITY * (2 + BUCKET_CAPACITY) * (1 + RECORD_ADDRESSED_BYTES),
};

/* What a status means to a client: 0 (a success), -EINVAL, -EACCES, -ENOENT, -EKEYEXPIRED, -ENOSPC
 * (409: full), -EAGAIN (429 and the 5xx), -EPROTO (anything else). */
int v1_status_error(long status);

/* It in words, a constant. */
const char *v1_status_text(long status);

/* Whether a feed's cursor can be put in a URL as it is, and fits V1_CURSOR_BYTES. */
bool v1_cursor_is_sound(const char *cursor);

/* Whether an answer is a problem of that type: "urn:reunion:problem:" and the slug. */
bool v1_problem_is(const struct http_answer *answer, const char *slug);

/* Whether an answer is a problem of any REUNION type. */
bool v1_is_problem(const struct http_answer *answer);

/* Read the body of a success. Returns: 0; -EPROTO, the target untouched or partly written. */
MUST_CHECK int v1_take_server(struct v1_server *server, const struct http_answer *answer);
MUST_CHECK int v1_take_bucket(struct v1_bucket *bucket, const struct http_answer *answer);
/* Also checks that the answer is about this T1. */
MUST_CHECK int v1_take_posted_t1(struct v1_bucket *bucket, const uint8_t t1_id[static ID_BYTES],
                                 const struct http_answer *answer);
MUST_CHECK int v1_take_posted_link(struct v1_bucket *bucket, const struct http_answer *answer);
/* `page` has room for V1_PAGE_MAX. */
MUST_CHECK int v1_take_buckets(struct v1_bucket *page, size_t *count, bool *more,
                               const struct http_answer *answer);
/* What T1s have paid, in a page of buckets. -ENOENT: the server does not know of stamps. */
MUST_CHECK int v1_take_paid(struct v1_paid *paid, const struct http_answer *answer);
/* What a refusal for want of a stamp asks for. */
MUST_CHECK int v1_take_stamp_wanted(struct v1_stamp_wanted *wanted,
                                    const struct http_answer *answer);
/* Which of `count` posted records were refused; all others are stored. -ENOMEM besides. */
MUST_CHECK int v1_take_receipt(bool *refused, size_t count, const struct http_answer *answer);

#endif
