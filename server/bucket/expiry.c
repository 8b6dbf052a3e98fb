#include "bucket/expiry.h"

#include <string.h>

void expired_links_add(struct expired_links *expired, const uint8_t link[static ID_BYTES])
{
    memcpy(expired->links[expired->count++ % EXPIRED_LINKS], link, ID_BYTES);
}

bool expired_links_have(const struct expired_links *expired, const uint8_t link[static ID_BYTES])
{
    size_t kept = expired->count < EXPIRED_LINKS ? expired->count : EXPIRED_LINKS;
    for (size_t i = 0; i < kept; i++)
        if (memcmp(expired->links[i], link, ID_BYTES) == 0)
            return true;
    return false;
}
