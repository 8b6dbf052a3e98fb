#include "bucket/expiry.h"

#include <string.h>

void expired_hashes_add(struct expired_hashes *expired, const uint8_t bucket_hash[static ID_BYTES])
{
    memcpy(expired->hashes[expired->count++ % EXPIRED_HASHES], bucket_hash, ID_BYTES);
}

bool expired_hashes_have(const struct expired_hashes *expired,
                         const uint8_t bucket_hash[static ID_BYTES])
{
    size_t kept = expired->count < EXPIRED_HASHES ? expired->count : EXPIRED_HASHES;
    for (size_t i = 0; i < kept; i++)
        if (memcmp(expired->hashes[i], bucket_hash, ID_BYTES) == 0)
            return true;
    return false;
}
