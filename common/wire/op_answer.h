/* Binary answers of a server. */
#ifndef REUNION_WIRE_OP_ANSWER_H
#define REUNION_WIRE_OP_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "wire/bucket_id.h"
#include "wire/op.h"
#include "wire/op_form.h"
#include "wire/record.h"

/* BUCKET in bodies. */
struct op_bucket {
    uint64_t created_s; /* unix time; with the sequence number, and the place, its id */
    uint32_t sequence;
    const uint8_t *bucket_hash; /* ID_BYTES */
    uint16_t count;             /* T1s; OP_COUNT_UNTOLD for a bucket of links */
    bool open;
    uint64_t expires_s; /* unix time */
};

/* What a server is, in the answer to OP_DESCRIBE. */
struct op_description {
    uint8_t api_version;
    uint16_t capacity; /* T1s in a bucket */
    uint32_t open_window_s, lifetime_s;
    uint16_t wait_s_max;
    const uint8_t *salt;             /* SALT_BYTES */
    uint64_t now_s;                  /* unix time */
    const uint8_t *challenge;        /* OP_CHALLENGE_BYTES */
    uint32_t t1_effort, link_effort; /* asked for now; 0: nothing */
};

/* An answer, taken apart. Pointers are the caller's when it is encoded, and point into the answer
 * when it is decoded. Lists are as long as they are told to be: what would not fit, see
 * op_answer_room, is left out by their maker, who says that there is `more`. */
struct op_answer {
    enum op_status status; /* says, with the op of the request, which member is in use */
    union {
        uint16_t retry_after_s; /* OP_NOT_NOW */
        struct {
            const uint8_t *challenge; /* OP_CHALLENGE_BYTES */
            uint32_t effort;
        } stamp_wanted; /* OP_STAMP_WANTED */

        /* All below: OP_SUCCESS. OP_REMOVE_COPIES, OP_DELIVER and OP_CLOSE_MAILBOX have nothing. */
        struct op_description description; /* OP_DESCRIBE */
        struct op_bucket bucket;           /* OP_POST_T1, OP_FIND_BUCKET, OP_POST_LINK */
        struct {
            const uint8_t *bucket_hash; /* ID_BYTES */
            const uint8_t *t1;          /* RECORD_T1_BYTES */
        } fetched_t1;                   /* OP_FETCH_T1 */
        struct {
            bool more;
            struct op_items buckets; /* OP_BUCKET_BYTES each, newest first; see op_bucket_pack */
        } buckets;                   /* OP_LIST_BUCKETS, OP_LIST_PLACE_BUCKETS */
        struct {
            bool more, closed;
            struct op_items t1s;  /* RECORD_T1_BYTES each, sorted by id */
        } t1s;                    /* OP_READ_T1S */
        struct op_items outcomes; /* OP_POST_T2S, OP_POST_T3S: an op_outcome each */
        struct {
            const uint8_t *cursor;  /* OP_CURSOR_BYTES, for the next request */
            struct op_items frames; /* so many bytes, see op_frame_take */
        } feed;                     /* OP_FEED */
        struct {
            const uint8_t *bucket_id; /* BUCKET_ID_BINARY_BYTES */
            uint8_t first_place;
            struct op_items blobs; /* LINK_BLOB_BYTES each */
        } links;                   /* OP_READ_LINKS */
        struct {
            bool more;
            struct op_items challenges; /* OP_STAMP_HOUR_BYTES each: hour (8), challenge */
            struct op_items
                lines;      /* OP_STAMP_LINE_BYTES each: T1's id, hour (8), stamp, effort (4) */
        } stamps;           /* OP_READ_STAMPS */
        uint64_t expires_s; /* OP_OPEN_MAILBOX: unix time */
        struct {
            bool more;
            uint64_t cursor;        /* for the next request, and for OP_REMOVE_COPIES */
            struct op_items copies; /* OP_COPY_BYTES each */
        } copies;                   /* OP_READ_MAILBOX */
    };
};

/* Write p, the answer to a request of `op`. Any thread.
 * Returns: 0, -EMSGSIZE (it has more than `capacity` bytes), -ENOTSUP (no such status, or the
 * success of an op that there is not, or of OP_MIX), -EINVAL (more challenges than a byte counts);
 * `p` and `bytes` are untouched then. */
MUST_CHECK int op_answer_encode(uint8_t *p, size_t capacity, size_t *bytes, enum op op,
                                const struct op_answer *answer);

/* Take apart the answer to a request of `op`: every field is there and in range, nothing is behind
 * it, each frame of a feed is whole. What is known of the request (how many outcomes there are,
 * which bucket it is) the caller compares. Any thread. Returns: 0, -EBADMSG (no such answer),
 * -ENOTSUP (the success of an op that there is not, or of OP_MIX); `answer` is untouched then. */
MUST_CHECK int op_answer_decode(struct op_answer *answer, enum op op, const uint8_t *p,
                                size_t bytes);

/* How many bytes a success of at most `capacity` bytes has left for lists, behind all else that it
 * says: of OP_READ_STAMPS for challenges and lines together. 0 if there is no such op, or it has no
 * success. */
size_t op_answer_room(enum op op, size_t capacity);

/* Take the next frame of a feed's answer: a kind (1), and a T1, or the sender's id and a T2 or T3,
 * which is RECORD_UNADDRESSED_BYTES. (Over HTTP, see frame_take, the addressee stands in it as
 * well.) The bytes stay the feed's. Any thread. Returns: 0, -ENOENT (the feed ends here), -EBADMSG
 * (unknown kind or cut off). */
MUST_CHECK int op_frame_take(struct cursor *feed, struct frame *frame);

/* A bucket of a list, to its bytes and back. Any thread.
 * op_bucket_unpack returns: 0, -EBADMSG (`open` is neither 0 nor 1; `bucket` is untouched). */
void op_bucket_pack(uint8_t packed[static OP_BUCKET_BYTES], const struct op_bucket *bucket);
MUST_CHECK int op_bucket_unpack(struct op_bucket *bucket,
                                const uint8_t packed[static OP_BUCKET_BYTES]);

#endif
