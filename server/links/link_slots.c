#include "links/link_slots.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

_Static_assert(LINK_SEED_BYTES == crypto_stream_xchacha20_KEYBYTES, "XChaCha20's key");

struct link_slots *link_slots_new(const uint8_t seed[static LINK_SEED_BYTES])
{
    /* The seed serves once. */
    static const uint8_t nonce[crypto_stream_xchacha20_NONCEBYTES];
    struct link_slots *slots = calloc(1, sizeof *slots);
    if (!slots)
        return NULL;
    memcpy(slots->seed, seed, sizeof slots->seed);
    crypto_stream_xchacha20(slots->image, sizeof slots->image, nonce, seed);
    return slots;
}

void link_slots_free(struct link_slots *slots)
{
    if (!slots)
        return;
    for (uint32_t i = 0; i < LINK_SLOTS; i++)
        INVARIANT(!slots->staged[i]);
    /* What the seed and the bits tell is nobody's business, and the slots have to be forgotten. */
    secret_wipe(slots, sizeof *slots);
    free(slots);
}

static uint64_t bit(uint32_t slot)
{
    return UINT64_C(1) << slot;
}

bool link_slots_full(const struct link_slots *slots)
{
    return slots->taken == UINT64_MAX;
}

static uint8_t *in_image(struct link_slots *slots, uint32_t slot)
{
    return slots->image + (size_t)slot * LINK_BLOB_BYTES;
}

bool link_slots_have(const struct link_slots *slots, const uint8_t blob[static LINK_BLOB_BYTES])
{
    for (uint32_t i = 0; i < LINK_SLOTS; i++) {
        const struct link_entry *staged = slots->staged[i];
        if (memcmp(slots->image + (size_t)i * LINK_BLOB_BYTES, blob, LINK_BLOB_BYTES) == 0 ||
            (staged && memcmp(staged->bytes, blob, LINK_BLOB_BYTES) == 0))
            return true;
    }
    return false;
}

/* Any of the free slots, of which there is one at least. */
static uint32_t draw_slot(const struct link_slots *slots, const struct random_source *random)
{
    uint64_t free_bits = ~slots->taken;
    uint32_t before = random_below(random, (uint32_t)__builtin_popcountll(free_bits));
    for (; before > 0; before--)
        free_bits &= free_bits - 1;
    return (uint32_t)__builtin_ctzll(free_bits);
}

int link_slots_stage(struct link_slots *slots, const struct random_source *random,
                     const uint8_t blob[static LINK_BLOB_BYTES], struct link_entry **staged)
{
    if (link_slots_full(slots))
        return -ENOSPC;
    struct link_entry *link = malloc(sizeof *link);
    if (!link)
        return -ENOMEM;
    link->slot = draw_slot(slots, random);
    memcpy(link->bytes, blob, LINK_BLOB_BYTES);
    slots->taken |= bit(link->slot);
    slots->staged[link->slot] = link;
    *staged = link;
    return 0;
}

void link_slots_show(struct link_slots *slots, struct link_entry *staged)
{
    INVARIANT(slots->staged[staged->slot] == staged);
    memcpy(in_image(slots, staged->slot), staged->bytes, LINK_BLOB_BYTES);
    slots->staged[staged->slot] = NULL;
    free(staged);
}

void link_slots_unstage(struct link_slots *slots, struct link_entry *staged)
{
    INVARIANT(slots->staged[staged->slot] == staged);
    slots->taken &= ~bit(staged->slot);
    slots->staged[staged->slot] = NULL;
    free(staged);
}

int link_slots_load(struct link_slots *slots, uint32_t slot,
                    const uint8_t blob[static LINK_BLOB_BYTES])
{
    if (slot >= LINK_SLOTS || slots->taken & bit(slot))
        return -EBADMSG;
    slots->taken |= bit(slot);
    memcpy(in_image(slots, slot), blob, LINK_BLOB_BYTES);
    return 0;
}
