/* T2s from sources whose T1 is not known yet: it may be on its way, or wait to be worked through.
 */
#ifndef REUNION_LAN_EARLY_T2S_H
#define REUNION_LAN_EARLY_T2S_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lan/source.h"
#include "reunion/reunion.h"

/* Room for as many as a crowd sends at once; the oldest gives way. */
enum { STRANGERS_MAX = 256 };

struct stranger {
    bool stands;
    struct lan_source source;
    uint8_t t2[REUNION_T2_BYTES];
};

/* A ring; zeros are empty. */
struct strangers {
    struct stranger ring[STRANGERS_MAX];
    size_t added;
};

/* Keep a T2 unless it is kept already. */
void strangers_add(struct strangers *strangers, const struct lan_source *source,
                   const uint8_t t2[static REUNION_T2_BYTES]);

/* Take out one of that source. Returns: false where there is none. */
bool strangers_take(struct strangers *strangers, const struct lan_source *source,
                    uint8_t t2[static REUNION_T2_BYTES]);

#endif
