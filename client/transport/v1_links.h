/* Requests about private links to a version-1 server. */
#ifndef REUNION_TRANSPORT_V1_LINKS_H
#define REUNION_TRANSPORT_V1_LINKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "http/http.h"
#include "wire/sizes.h"
#include "json/v1_json.h"

/* Each gives 0 or an error of v1_exchange, -EPROTO also for an answer that makes no sense;
 * `*trouble` is why, http's until the next exchange, or NULL. */

/* Whether there is a server, by what it tells everybody. */
MUST_CHECK int v1_links_look(struct http *http, const char **trouble);

/* The bucket that links go to, as told to everybody. -ENOENT: none is open. */
MUST_CHECK int v1_links_current(struct v1_bucket *bucket, struct http *http, const char **trouble);

/* Post a link, with a stamp (STAMP_NONCE_BYTES) unless that is NULL. What stood already is the same
 * success. -EDQUOT: the stamp is worth too little; `wanted` says what is asked. */
MUST_CHECK int v1_links_post(struct v1_bucket *bucket, struct http *http,
                             const uint8_t blob[static LINK_BLOB_BYTES], const uint8_t *stamp,
                             struct v1_stamp_wanted *wanted, const char **trouble);

/* The challenge that the server shows, asked for by a kind of request. */
MUST_CHECK int v1_links_challenge(uint8_t challenge[static STAMP_CHALLENGE_BYTES],
                                  struct http *http, enum http_kind kind, const char **trouble);

/* What a server shows as the slots of a bucket; an honest one has an id and LINK_BUCKET_BYTES. */
struct v1_link_slots {
    bool has_id;
    struct bucket_id id;
    const uint8_t *blobs; /* http's, until the next exchange */
    size_t bytes;
};

/* Read all slots of a bucket. Errors of the caller's link: -ENOENT, -EKEYEXPIRED. */
MUST_CHECK int v1_links_read(struct v1_link_slots *slots, struct http *http,
                             const uint8_t bucket_hash[static ID_BYTES], const char **trouble);

#endif
