#include "lan/early_t2s.h"

#include <string.h>

void early_t2s_add(struct early_t2s *early_t2s, const struct lan_source *source,
                   const uint8_t t2[static REUNION_T2_BYTES])
{
    for (size_t i = 0; i < EARLY_T2S_MAX; i++) {
        const struct early_t2 *each = &early_t2s->ring[i];
        if (each->stands && lan_source_same(&each->source, source) &&
            memcmp(each->t2, t2, sizeof each->t2) == 0)
            return;
    }
    struct early_t2 *oldest = &early_t2s->ring[early_t2s->added++ % EARLY_T2S_MAX];
    *oldest = (struct early_t2){.stands = true, .source = *source};
    memcpy(oldest->t2, t2, sizeof oldest->t2);
}

bool early_t2s_take(struct early_t2s *early_t2s, const struct lan_source *source,
                    uint8_t t2[static REUNION_T2_BYTES])
{
    for (size_t i = 0; i < EARLY_T2S_MAX; i++) {
        struct early_t2 *each = &early_t2s->ring[i];
        if (!each->stands || !lan_source_same(&each->source, source))
            continue;
        memcpy(t2, each->t2, sizeof each->t2);
        each->stands = false;
        return true;
    }
    return false;
}
