#include "reunion/t1.h"

#include "base/cursor.h"
#include "reunion/reunion.h"

_Static_assert(T1_HEAD_BYTES + AEAD_TAG_BYTES == REUNION_T1_OVERHEAD_BYTES, "T1 layout");

int t1_split(struct t1_parts *parts, const uint8_t *t1, size_t t1_bytes)
{
    if (t1_bytes < REUNION_T1_OVERHEAD_BYTES ||
        t1_bytes > REUNION_T1_OVERHEAD_BYTES + REUNION_PAYLOAD_BYTES_MAX)
        return -EMSGSIZE;
    struct cursor at = cursor_over(t1, t1_bytes);
    parts->alpha = cursor_take(&at, T1_ALPHA_BYTES);
    parts->beta = cursor_take(&at, T1_BETA_BYTES);
    parts->gamma = cursor_take(&at, T1_GAMMA_BYTES);
    parts->delta_bytes = at.left;
    parts->delta = cursor_take(&at, at.left);
    return 0;
}

void t1_alpha_key(uint8_t key[static PRP_KEY_BYTES], const uint8_t pdk[static HASH_BYTES],
                  const struct t1_parts *parts)
{
    hash_parts(key,
               (struct hash_part[]){{pdk, HASH_BYTES},
                                    {parts->beta, T1_BETA_BYTES},
                                    {parts->gamma, T1_GAMMA_BYTES},
                                    {parts->delta, parts->delta_bytes}},
               4);
}

void reunion_t1_id(uint8_t id[REUNION_T1_ID_BYTES], const uint8_t *t1, size_t t1_bytes)
{
    hash_bytes(id, t1, t1_bytes);
}
