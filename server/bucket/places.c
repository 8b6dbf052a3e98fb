#include "bucket/places.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

_Static_assert(LINK_SEED_BYTES == crypto_stream_xchacha20_KEYBYTES, "XChaCha20's key");

struct places *places_new(const uint8_t seed[static LINK_SEED_BYTES])
{
    /* The seed serves once. */
    static const uint8_t nonce[crypto_stream_xchacha20_NONCEBYTES];
    struct places *places = calloc(1, sizeof *places);
    if (!places)
        return NULL;
    memcpy(places->seed, seed, sizeof places->seed);
    crypto_stream_xchacha20(places->image, sizeof places->image, nonce, seed);
    return places;
}

void places_free(struct places *places)
{
    if (!places)
        return;
    for (uint32_t i = 0; i < LINK_PLACES; i++)
        INVARIANT(!places->staged[i]);
    /* What the seed and the bits tell is nobody's business, and the places have to be forgotten. */
    secret_wipe(places, sizeof *places);
    free(places);
}

static uint64_t bit(uint32_t place)
{
    return UINT64_C(1) << place;
}

bool places_full(const struct places *places)
{
    return places->taken == UINT64_MAX;
}

static uint8_t *in_image(struct places *places, uint32_t place)
{
    return places->image + (size_t)place * LINK_BLOB_BYTES;
}

bool places_have(const struct places *places, const uint8_t blob[static LINK_BLOB_BYTES])
{
    for (uint32_t i = 0; i < LINK_PLACES; i++) {
        const struct link_entry *staged = places->staged[i];
        if (memcmp(places->image + (size_t)i * LINK_BLOB_BYTES, blob, LINK_BLOB_BYTES) == 0 ||
            (staged && memcmp(staged->bytes, blob, LINK_BLOB_BYTES) == 0))
            return true;
    }
    return false;
}

/* Any of the free places, of which there is one at least. */
static uint32_t draw_place(const struct places *places, const struct random_source *random)
{
    uint64_t free_bits = ~places->taken;
    uint32_t before = random_below(random, (uint32_t)__builtin_popcountll(free_bits));
    for (; before > 0; before--)
        free_bits &= free_bits - 1;
    return (uint32_t)__builtin_ctzll(free_bits);
}

int places_stage(struct places *places, const struct random_source *random,
                 const uint8_t blob[static LINK_BLOB_BYTES], struct link_entry **staged)
{
    if (places_full(places))
        return -ENOSPC;
    struct link_entry *link = malloc(sizeof *link);
    if (!link)
        return -ENOMEM;
    link->place = draw_place(places, random);
    memcpy(link->bytes, blob, LINK_BLOB_BYTES);
    places->taken |= bit(link->place);
    places->staged[link->place] = link;
    *staged = link;
    return 0;
}

void places_show(struct places *places, struct link_entry *staged)
{
    INVARIANT(places->staged[staged->place] == staged);
    memcpy(in_image(places, staged->place), staged->bytes, LINK_BLOB_BYTES);
    places->staged[staged->place] = NULL;
    free(staged);
}

void places_unstage(struct places *places, struct link_entry *staged)
{
    INVARIANT(places->staged[staged->place] == staged);
    places->taken &= ~bit(staged->place);
    places->staged[staged->place] = NULL;
    free(staged);
}

int places_load(struct places *places, uint32_t place, const uint8_t blob[static LINK_BLOB_BYTES])
{
    if (place >= LINK_PLACES || places->taken & bit(place))
        return -EBADMSG;
    places->taken |= bit(place);
    memcpy(in_image(places, place), blob, LINK_BLOB_BYTES);
    return 0;
}
