/* T2s that arrived before their sender's T1. */
#ifndef REUNION_LAN_EARLY_T2S_H
#define REUNION_LAN_EARLY_T2S_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lan/source.h"
#include "reunion/reunion.h"

/* Room for as many as a crowd sends at once; the oldest gives way. */
enum { EARLY_T2S_MAX = 256 };

struct early_t2 {
    bool stands;
    struct lan_source source;
    uint8_t t2[REUNION_T2_BYTES];
};

/* A ring; zeros are empty. */
struct early_t2s {
    struct early_t2 ring[EARLY_T2S_MAX];
    size_t added;
};

/* Keep a T2 unless it is kept already. */
void early_t2s_add(struct early_t2s *early_t2s, const struct lan_source *source,
                   const uint8_t t2[static REUNION_T2_BYTES]);

/* Take out one of that source. Returns: false where there is none. */
bool early_t2s_take(struct early_t2s *early_t2s, const struct lan_source *source,
                    uint8_t t2[static REUNION_T2_BYTES]);

#endif
