/* Binary requests of a client. */
#ifndef REUNION_WIRE_OP_REQUEST_H
#define REUNION_WIRE_OP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "wire/op.h"
#include "wire/op_form.h"

/* A request, taken apart. Pointers are the caller's when it is encoded, and point into the request
 * when it is decoded; each has the bytes that are named. Zeros may stand for "none" or "any", as
 * told. */
struct op_request {
    enum op op; /* says which member is in use */
    union {
        struct {
            const uint8_t *write_key;   /* WRITE_KEY_BYTES */
            const uint8_t *bucket_hash; /* ID_BYTES, of the bucket; zeros: any */
            const uint8_t *t1;          /* RECORD_T1_BYTES */
            const uint8_t *stamp;       /* OP_STAMP_BYTES; zeros: none */
            const uint8_t *place;       /* ID_BYTES; zeros: the common one */
        } post_t1;
        struct {
            const uint8_t *t1_id; /* ID_BYTES */
        } fetch_t1;
        struct {
            const uint8_t *place; /* ID_BYTES, of OP_LIST_PLACE_BUCKETS alone */
            const uint8_t *after; /* ID_BYTES, a link; zeros: from the newest */
        } list_buckets;           /* and OP_LIST_PLACE_BUCKETS */
        struct {
            const uint8_t *bucket_hash; /* ID_BYTES */
        } find_bucket;
        struct {
            const uint8_t *bucket_hash; /* ID_BYTES */
            const uint8_t *after;       /* ID_BYTES, a T1's id; zeros: from the first */
        } read_t1s;                     /* and OP_READ_STAMPS */
        struct {
            const uint8_t *write_key;   /* WRITE_KEY_BYTES */
            const uint8_t *sender;      /* ID_BYTES */
            const uint8_t *bucket_hash; /* ID_BYTES */
            struct op_items records;    /* OP_ADDRESSED_BYTES each: addressee, T2 or T3 */
        } post_records;                 /* OP_POST_T2S and OP_POST_T3S */
        struct {
            const uint8_t *bucket_hash; /* ID_BYTES */
            const uint8_t *cursor;      /* OP_CURSOR_BYTES; zeros: from the beginning */
            uint8_t wait_s;
            const uint8_t *t1_id; /* ID_BYTES */
        } feed;
        struct {
            const uint8_t *bucket_hash; /* ID_BYTES */
            uint8_t first_place;
        } read_links;
        struct {
            const uint8_t *blob;  /* LINK_BLOB_BYTES */
            const uint8_t *stamp; /* OP_STAMP_BYTES; zeros: none */
        } post_link;
        struct {
            const uint8_t *read_key; /* OP_READ_KEY_BYTES */
            uint64_t cursor;         /* of OP_READ_MAILBOX (0: from the first), OP_REMOVE_COPIES */
            uint8_t wait_s;          /* of OP_READ_MAILBOX */
        } mailbox;                   /* and OP_OPEN_MAILBOX, OP_CLOSE_MAILBOX */
        struct op_items delivery;    /* so many bytes, be they OP_DELIVERY_BYTES or not */
        const uint8_t *mix_packet;   /* OP_MIX_PACKET_BYTES */
    };
};

/* Write q, the op and the body. Any thread.
 * Returns: 0, -EMSGSIZE (it has more than `capacity` bytes), -ENOTSUP (no such op); `q` and `bytes`
 * are untouched then. */
MUST_CHECK int op_request_encode(uint8_t *q, size_t capacity, size_t *bytes,
                                 const struct op_request *request);

/* Take q apart. A delivery is taken whatever its length, as it is answered with success in any
 * case. Any thread. Returns: 0, -EBADMSG (nothing at all, or too short or too long for its op:
 * OP_MALFORMED, but for OP_MIX, which is never answered), -ENOTSUP (no such op: OP_UNKNOWN);
 * `request` is untouched then. */
MUST_CHECK int op_request_decode(struct op_request *request, const uint8_t *q, size_t bytes);

/* Whether this many zeros stand at `field`: "none" or "any". In time that depends on the length
 * alone. */
bool op_is_none(const uint8_t *field, size_t bytes);

#endif
