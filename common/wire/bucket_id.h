/* Bucket ids and their hashes, which address buckets: spec "Buckets". */
#ifndef REUNION_WIRE_BUCKET_ID_H
#define REUNION_WIRE_BUCKET_ID_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "wire/sizes.h"

enum {
    BUCKET_ID_BINARY_BYTES = 12, /* seconds, 8 big-endian; sequence number, 4 big-endian */
    BUCKET_ID_TEXT_BYTES = 32,   /* longest "1732250000-0", with the terminating zero */
    BUCKET_KIND_RENDEZVOUS = 'r',
    BUCKET_KIND_LINKS = 'l',
};

/* A bucket's only freedom: the window it was made in, and which of that window's buckets of its
 * place it is. A window begins at a multiple of its length: `created`. */
struct bucket_id {
    uint64_t created; /* unix seconds */
    uint32_t sequence;
    uint8_t place[ID_BYTES]; /* the tag of its place; zeros: the common one, as of all of links */
};

/* The windows that buckets of T1s may have; those of links have LINK_WINDOW_S. */
enum { LINK_WINDOW_S = 3600 };
bool bucket_window_is_good(uint64_t window_s);

/* Whether `created` is a multiple of the window. */
bool bucket_id_is_on_grid(const struct bucket_id *id, uint64_t window_s);

bool bucket_id_equal(const struct bucket_id *a, const struct bucket_id *b);

/* Whether a tag is the common place's. */
bool place_is_common(const uint8_t tag[static ID_BYTES]);

/* The binary form and back, without the place, which unpacking leaves common; each 12 bytes are
 * some id's. */
void bucket_id_pack(uint8_t binary[static BUCKET_ID_BINARY_BYTES], const struct bucket_id *id);
void bucket_id_unpack(struct bucket_id *id, const uint8_t binary[static BUCKET_ID_BINARY_BYTES]);

/* link = H("reunion-bucket-v1" || kind || binary id), or, of a bucket that is not in the common
 * place, H("reunion-bucket-v2" || kind || tag of the place || binary id). Any thread. */
void bucket_id_hash(uint8_t bucket_hash[static ID_BYTES], const struct bucket_id *id, char kind);

/* "1732250000-0"; `text` is terminated. */
void bucket_id_print(char text[static BUCKET_ID_TEXT_BYTES], const struct bucket_id *id);

/* Strictly the form above: decimal digits without leading zeros, one dash; of the common place.
 * Returns: 0, -EBADMSG (`id` untouched). */
MUST_CHECK int bucket_id_parse(struct bucket_id *id, const char *text);

#endif
