/* Group actions on the one thread that there is (reunion/group_actions.h). */
#include "reunion/group_actions.h"

static bool is_canceled(void *of_work)
{
    const struct reunion_work *work = of_work;
    return work->canceled && work->canceled(work->state);
}

void group_actions(const uint8_t secret[static CTIDH1024_SECRET_BYTES],
                   struct ctidh1024_exchange *exchanges, size_t count,
                   const struct reunion_work *work)
{
    struct reunion_work own = work ? *work : (struct reunion_work){.threads = 1};
    const struct ctidh1024_cancel cancel = {is_canceled, &own};
    if (count == 0)
        return;
    int err = ctidh1024_derive(secret, exchanges, count, &random_system, &cancel);
    INVARIANT(err != -EINVAL);
    for (size_t i = 0; err && i < count; i++)
        exchanges[i].status = err;
}
