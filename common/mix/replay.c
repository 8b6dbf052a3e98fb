#include "mix/replay.h"

#include <sodium.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

enum {
    WINDOWS = 3, /* taken at a time */
    PARTS = 64,  /* of a window's table */
    SLOTS_MIN = 8,
};

_Static_assert(crypto_shorthash_BYTES == sizeof(uint64_t), "SipHash-2-4");
_Static_assert((PARTS & (PARTS - 1)) == 0, "a part is chosen by bits");

/* A slot of zeros is empty. */
struct part {
    size_t count, slots;
    uint8_t (*tags)[MIX_TAG_BYTES];
};

/* Tags of one window. */
struct window_tags {
    uint32_t window;
    size_t count;
    struct part *parts; /* PARTS of them; NULL: this place is free */
};

struct mix_replay {
    uint8_t key[crypto_shorthash_KEYBYTES];
    size_t tags_max;
    uint64_t oldest; /* window that is taken: tags of older ones may be forgotten */
    struct window_tags windows[WINDOWS];
};

struct mix_replay *mix_replay_open(size_t tags_max, const struct random_source *random)
{
    struct mix_replay *replay = calloc(1, sizeof *replay);
    if (!replay)
        return NULL;
    replay->tags_max = tags_max;
    random_fill(random, replay->key, sizeof replay->key);
    return replay;
}

static void forget_window(struct window_tags *window)
{
    for (size_t i = 0; window->parts && i < PARTS; i++)
        free(window->parts[i].tags);
    free(window->parts);
    *window = (struct window_tags){0};
}

void mix_replay_close(struct mix_replay *replay)
{
    if (!replay)
        return;
    for (size_t i = 0; i < WINDOWS; i++)
        forget_window(&replay->windows[i]);
    secret_wipe(replay->key, sizeof replay->key);
    free(replay);
}

/* Nothing older than `oldest` is taken any more. */
static void advance(struct mix_replay *replay, uint64_t oldest)
{
    if (oldest > replay->oldest)
        replay->oldest = oldest;
    for (size_t i = 0; i < WINDOWS; i++)
        if (replay->windows[i].parts && replay->windows[i].window < replay->oldest)
            forget_window(&replay->windows[i]);
}

void mix_replay_forget(struct mix_replay *replay, uint32_t now)
{
    advance(replay, now > 0 ? now - 1 : 0);
}

void mix_replay_refuse(struct mix_replay *replay, uint32_t last)
{
    advance(replay, (uint64_t)last + 1);
}

static uint64_t hash_of(const struct mix_replay *replay, const uint8_t tag[static MIX_TAG_BYTES])
{
    uint64_t hash;
    crypto_shorthash((uint8_t *)&hash, tag, MIX_TAG_BYTES, replay->key);
    return hash;
}

/* The slot where a tag with this hash stands, or else the empty one where it would; the part has
 * one. */
static size_t slot_of(const struct part *part, uint64_t hash,
                      const uint8_t tag[static MIX_TAG_BYTES])
{
    static const uint8_t empty[MIX_TAG_BYTES] = {0};
    size_t slot = (size_t)(hash / PARTS % part->slots);
    while (memcmp(part->tags[slot], empty, MIX_TAG_BYTES) != 0 &&
           memcmp(part->tags[slot], tag, MIX_TAG_BYTES) != 0)
        slot = slot + 1 < part->slots ? slot + 1 : 0;
    return slot;
}

/* Room for one tag more.
 * Returns: 0, -ENOMEM (the part is as before). */
static int make_room(const struct mix_replay *replay, struct part *part)
{
    static const uint8_t empty[MIX_TAG_BYTES] = {0};
    if (part->count < part->slots - part->slots / 8)
        return 0;
    struct part larger = *part;
    larger.slots = part->slots > 0 ? part->slots / 2 * 3 : SLOTS_MIN;
    larger.tags = calloc(larger.slots, MIX_TAG_BYTES);
    if (!larger.tags)
        return -ENOMEM;
    for (size_t i = 0; i < part->slots; i++) {
        const uint8_t *tag = part->tags[i];
        if (memcmp(tag, empty, MIX_TAG_BYTES) != 0)
            memcpy(larger.tags[slot_of(&larger, hash_of(replay, tag), tag)], tag, MIX_TAG_BYTES);
    }
    free(part->tags);
    *part = larger;
    return 0;
}

/* The tags of a window, begun if it is new.
 * Returns: 0, -ENOSPC, -ENOMEM. */
static int window_open(struct mix_replay *replay, uint32_t number, struct window_tags **out)
{
    struct window_tags *free_place = NULL;
    for (size_t i = 0; i < WINDOWS; i++) {
        struct window_tags *window = &replay->windows[i];
        if (!window->parts) {
            free_place = window;
        } else if (window->window == number) {
            *out = window;
            return 0;
        }
    }
    if (!free_place)
        return -ENOSPC;
    free_place->parts = calloc(PARTS, sizeof *free_place->parts);
    if (!free_place->parts)
        return -ENOMEM;
    free_place->window = number;
    *out = free_place;
    return 0;
}

/* Whether a part has a tag. One of zeros, which an empty slot looks like, counts as kept: none is
 * seen in practice. */
static bool has_tag(const struct part *part, uint64_t hash, const uint8_t tag[static MIX_TAG_BYTES])
{
    return part->slots > 0 && memcmp(part->tags[slot_of(part, hash, tag)], tag, MIX_TAG_BYTES) == 0;
}

int mix_replay_keep(struct mix_replay *replay, uint32_t window,
                    const uint8_t tag[static MIX_TAG_BYTES])
{
    struct window_tags *tags;
    if (window < replay->oldest)
        return -EKEYEXPIRED;
    int err = window_open(replay, window, &tags);
    if (err)
        return err;
    uint64_t hash = hash_of(replay, tag);
    struct part *part = &tags->parts[hash % PARTS];
    if (has_tag(part, hash, tag))
        return -EEXIST;
    if (mix_replay_tags(replay) >= replay->tags_max)
        return -ENOSPC;
    err = make_room(replay, part);
    if (err)
        return err;
    memcpy(part->tags[slot_of(part, hash, tag)], tag, MIX_TAG_BYTES);
    part->count++;
    tags->count++;
    return 0;
}

size_t mix_replay_tags(const struct mix_replay *replay)
{
    size_t count = 0;
    for (size_t i = 0; i < WINDOWS; i++)
        count += replay->windows[i].count;
    return count;
}

size_t mix_replay_bytes(const struct mix_replay *replay)
{
    size_t bytes = sizeof *replay;
    for (size_t i = 0; i < WINDOWS; i++) {
        const struct part *parts = replay->windows[i].parts;
        bytes += parts ? PARTS * sizeof *parts : 0;
        for (size_t j = 0; parts && j < PARTS; j++)
            bytes += parts[j].slots * MIX_TAG_BYTES;
    }
    return bytes;
}
