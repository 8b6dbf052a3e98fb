/* Hashes of buckets that expired recently, so that "gone" differs from "never existed". */
#ifndef REUNION_BUCKET_EXPIRY_H
#define REUNION_BUCKET_EXPIRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/sizes.h"

enum { EXPIRED_HASHES = 1024 };

/* The last EXPIRED_HASHES of them, in memory only; zeroed to begin with. Not locked. */
struct expired_hashes {
    uint8_t hashes[EXPIRED_HASHES][ID_BYTES];
    size_t count; /* ever remembered */
};

/* Remember one, and forget the one remembered longest if there is no room. */
void expired_hashes_add(struct expired_hashes *expired, const uint8_t bucket_hash[static ID_BYTES]);

bool expired_hashes_have(const struct expired_hashes *expired,
                         const uint8_t bucket_hash[static ID_BYTES]);

#endif
