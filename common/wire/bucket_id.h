/* Bucket ids and the links people pass on: spec "Buckets". */
#ifndef REUNION_WIRE_BUCKET_ID_H
#define REUNION_WIRE_BUCKET_ID_H

#include <stdint.h>

#include "base/err.h"
#include "base/limits.h"

enum {
    BUCKET_ID_BINARY_BYTES = 12, /* seconds, 8 big-endian; sequence number, 4 big-endian */
    BUCKET_ID_TEXT_BYTES = 32,   /* longest "1732250000-0", with the terminating zero */
    BUCKET_KIND_RENDEZVOUS = 'r',
    BUCKET_KIND_LINKS = 'l',
};

/* A bucket's only freedom: the second it was made in, and which of that second's buckets it is. */
struct bucket_id {
    uint64_t created; /* unix seconds */
    uint32_t sequence;
};

/* The binary form and back; each 12 bytes are some id's. */
void bucket_id_pack(uint8_t binary[static BUCKET_ID_BINARY_BYTES], const struct bucket_id *id);
void bucket_id_unpack(struct bucket_id *id, const uint8_t binary[static BUCKET_ID_BINARY_BYTES]);

/* link = H("reunion-bucket-v1" || kind || binary id). Any thread. */
void bucket_id_link(uint8_t link[static ID_BYTES], const struct bucket_id *id, char kind);

/* "1732250000-0"; `text` is terminated. */
void bucket_id_print(char text[static BUCKET_ID_TEXT_BYTES], const struct bucket_id *id);

/* Strictly the form above: decimal digits without leading zeros, one dash.
 * Gives: 0, -EBADMSG (`id` untouched). */
MUST_CHECK int bucket_id_parse(struct bucket_id *id, const char *text);

#endif
