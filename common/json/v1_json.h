/* The JSON objects of HTTP API version 1, written by the server and read by the client. */
#ifndef REUNION_JSON_V1_JSON_H
#define REUNION_JSON_V1_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "wire/bucket_id.h"
#include "wire/sizes.h"

/* Encoders return a new reference, or NULL when out of memory. Decoders borrow the JSON, accept
 * unknown members, and give 0 or -EBADMSG (a member is missing, of another type or out of range),
 * leaving the target untouched. Any thread. */

enum { V1_NAME_BYTES = 64, V1_REASON_BYTES = 48 };

/* What a server asks of those who post, in GET /v1/server. */
struct v1_stamp {
    uint8_t challenge[ID_BYTES];
    uint32_t t1_effort, link_effort; /* 0: nothing */
    uint64_t until;                  /* unix seconds: when another challenge takes its turn */
};

/* GET /v1/server */
struct v1_server {
    char name[V1_NAME_BYTES];
    char version[V1_NAME_BYTES];
    uint32_t bucket_capacity; /* T1s */
    uint64_t open_window_s;
    uint64_t lifetime_s;
    uint8_t salt[SALT_BYTES];
    uint32_t wait_s_max;               /* of a feed request */
    uint32_t records_per_post_max;     /* T2s or T3s in one request */
    uint32_t records_per_sender_max;   /* T2s and T3s of one T1 in its life */
    uint64_t feed_answer_bytes_max;    /* what is left comes with the next answer */
    uint32_t reference_buckets;        /* newest live buckets behind the reference's endpoints */
    uint64_t reference_body_bytes_max; /* of a request there */
    bool has_stamp;                    /* servers before stamps have none */
    struct v1_stamp stamp;
};
json_t *v1_server_encode(const struct v1_server *server);
MUST_CHECK int v1_server_decode(struct v1_server *server, const json_t *json);

/* GET /v1/buckets/{link}; an element of GET /v1/buckets. "place" is left out of one in the common
 * place. */
struct v1_bucket {
    struct bucket_id id;
    uint8_t bucket_hash[ID_BYTES];
    uint32_t count; /* T1s that stand */
    bool open;
    uint64_t expires; /* unix seconds */
};
json_t *v1_bucket_encode(const struct v1_bucket *bucket);
MUST_CHECK int v1_bucket_decode(struct v1_bucket *bucket, const json_t *json);

/* The answer to POST /v1/t1: a bucket's members and "t1_id". As it is given to each T1 there is, it
 * is printed without a tree. Returns: its length in bytes; it is terminated. */
enum { V1_POSTED_T1_BYTES = 480 };
size_t v1_posted_t1_print(char text[static V1_POSTED_T1_BYTES], const struct v1_bucket *bucket,
                          const uint8_t t1_id[static ID_BYTES]);
MUST_CHECK int v1_posted_t1_decode(struct v1_bucket *bucket, uint8_t t1_id[static ID_BYTES],
                                   const json_t *json);

/* The answer to POST /v1/links: a bucket's members without "count", which nobody is told of a
 * bucket of links; the decoder leaves 0 there. */
json_t *v1_posted_link_encode(const struct v1_bucket *bucket);
MUST_CHECK int v1_posted_link_decode(struct v1_bucket *bucket, const json_t *json);

/* What T1s have paid in all live buckets of a place, in GET /v1/buckets. */
enum { V1_CLASSES_MAX = 33 };
struct v1_paid {
    uint32_t effort;                  /* asked for a T1 there */
    uint32_t classes[V1_CLASSES_MAX]; /* T1s in each class; those that are not named have none */
};
/* Adds it to the object that v1_buckets_encode has made, whose reference it takes and returns; NULL
 * stays NULL. */
json_t *v1_buckets_add_paid(json_t *json, const struct v1_paid *paid);
/* -ENOENT: the server is one before stamps. */
MUST_CHECK int v1_paid_decode(struct v1_paid *paid, const json_t *json);

/* GET /v1/buckets: a page, newest first; `more` when ?after=<link of the last> has the next. */
json_t *v1_buckets_encode(const struct v1_bucket *buckets, size_t count, bool more);
/* At most `capacity` buckets; a page with more than that is -EBADMSG. The array may be written in
 * part then, the counts are not. */
MUST_CHECK int v1_buckets_decode(struct v1_bucket *buckets, size_t capacity, size_t *count,
                                 bool *more, const json_t *json);

/* The answer to a POST of T2s or T3s. */
struct v1_refusal {
    uint32_t index; /* of the record in the request */
    char reason[V1_REASON_BYTES];
};
struct v1_receipt {
    uint32_t stored;
    uint32_t duplicate;
    uint32_t refused; /* entries in `refusals` */
    struct v1_refusal *refusals;
};
json_t *v1_receipt_encode(const struct v1_receipt *receipt);
/* `receipt->refusals` has room for `capacity`; more than that is -EBADMSG. What it points to may be
 * written in part then. */
MUST_CHECK int v1_receipt_decode(struct v1_receipt *receipt, size_t capacity, const json_t *json);

/* RFC 9457 problem details; `type` is "urn:reunion:problem:" with `slug` behind it. */
json_t *v1_problem_encode(const char *slug, unsigned status, const char *title, const char *detail);

/* What such an object of the type "stamp" has besides. */
struct v1_stamp_wanted {
    uint8_t challenge[ID_BYTES];
    uint32_t effort; /* at least 1 */
    uint64_t until;  /* unix seconds */
};
/* Adds it to an object, whose reference it takes and returns; NULL stays NULL. */
json_t *v1_problem_add_stamp(json_t *json, const struct v1_stamp_wanted *wanted);
MUST_CHECK int v1_stamp_wanted_decode(struct v1_stamp_wanted *wanted, const json_t *json);

#endif
