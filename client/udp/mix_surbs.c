#include "udp/mix_surbs.h"

#include <string.h>

#include "base/secret.h"

int mix_surbs_open(struct mix_surbs *surbs)
{
    surbs->entries = secret_alloc(MIX_SURBS_MAX * sizeof *surbs->entries);
    return surbs->entries ? 0 : -ENOMEM;
}

void mix_surbs_close(struct mix_surbs *surbs)
{
    secret_free(surbs->entries);
    surbs->entries = NULL;
}

struct mix_pending *mix_surbs_add(struct mix_surbs *surbs, int64_t now_ms)
{
    struct mix_pending *taken = &surbs->entries[0];
    for (size_t i = 1; i < MIX_SURBS_MAX && taken->used; i++) {
        struct mix_pending *other = &surbs->entries[i];
        if (!other->used || other->sent_ms < taken->sent_ms)
            taken = other;
    }
    mix_surbs_release(taken);
    taken->used = true;
    taken->sent_ms = now_ms;
    return taken;
}

struct mix_pending *mix_surbs_find(const struct mix_surbs *surbs,
                                   const uint8_t alpha[static MIX_ALPHA_BYTES])
{
    for (size_t i = 0; i < MIX_SURBS_MAX; i++) {
        struct mix_pending *pending = &surbs->entries[i];
        /* An alpha is public: the mixes have seen it. */
        if (pending->used && memcmp(pending->secrets.last_alpha, alpha, MIX_ALPHA_BYTES) == 0)
            return pending;
    }
    return NULL;
}

void mix_surbs_release(struct mix_pending *pending)
{
    secret_wipe(pending, sizeof *pending);
}

void mix_surbs_expire(struct mix_surbs *surbs, int64_t now_ms)
{
    for (size_t i = 0; i < MIX_SURBS_MAX; i++)
        if (surbs->entries[i].used && surbs->entries[i].sent_ms + MIX_SURB_LIFE_MS <= now_ms)
            mix_surbs_release(&surbs->entries[i]);
}
