/* The links of buckets that died lately, to tell "gone" from "never was". */
#ifndef REUNION_BUCKET_EXPIRY_H
#define REUNION_BUCKET_EXPIRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/sizes.h"

enum { EXPIRED_LINKS = 1024 };

/* The last EXPIRED_LINKS of them, in memory only; zeroed to begin with. Not locked. */
struct expired_links {
    uint8_t links[EXPIRED_LINKS][ID_BYTES];
    size_t count; /* ever remembered */
};

/* Remember one, and forget the one remembered longest if there is no room. */
void expired_links_add(struct expired_links *expired, const uint8_t link[static ID_BYTES]);

bool expired_links_have(const struct expired_links *expired, const uint8_t link[static ID_BYTES]);

#endif
