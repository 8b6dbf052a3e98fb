#include "lan/early_t2s.h"

#include <string.h>

void strangers_add(struct strangers *strangers, const struct lan_source *source,
                   const uint8_t t2[static REUNION_T2_BYTES])
{
    for (size_t i = 0; i < STRANGERS_MAX; i++) {
        const struct stranger *each = &strangers->ring[i];
        if (each->stands && lan_source_same(&each->source, source) &&
            memcmp(each->t2, t2, sizeof each->t2) == 0)
            return;
    }
    struct stranger *oldest = &strangers->ring[strangers->added++ % STRANGERS_MAX];
    *oldest = (struct stranger){.stands = true, .source = *source};
    memcpy(oldest->t2, t2, sizeof oldest->t2);
}

bool strangers_take(struct strangers *strangers, const struct lan_source *source,
                    uint8_t t2[static REUNION_T2_BYTES])
{
    for (size_t i = 0; i < STRANGERS_MAX; i++) {
        struct stranger *each = &strangers->ring[i];
        if (!each->stands || !lan_source_same(&each->source, source))
            continue;
        memcpy(t2, each->t2, sizeof each->t2);
        each->stands = false;
        return true;
    }
    return false;
}
