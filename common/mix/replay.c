#include "mix/replay.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

enum {
    WINDOWS = 3, /* taken at a time */
    SLOTS_MIN = 64,
};

_Static_assert(crypto_shorthash_BYTES == sizeof(uint64_t), "SipHash-2-4");

/* Tags of one window. A slot of zeros is empty. */
struct window_tags {
    uint32_t window;
    size_t count;
    size_t slots; /* 0: this place is free */
    uint8_t (*tags)[MIX_TAG_BYTES];
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
    free(window->tags);
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
        if (replay->windows[i].slots > 0 && replay->windows[i].window < replay->oldest)
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

/* The slot where a tag stands, or else the empty one where it would. */
static size_t slot_of(const struct mix_replay *replay, const struct window_tags *window,
                      const uint8_t tag[static MIX_TAG_BYTES])
{
    static const uint8_t empty[MIX_TAG_BYTES] = {0};
    uint64_t hash;
    crypto_shorthash((uint8_t *)&hash, tag, MIX_TAG_BYTES, replay->key);
    size_t slot = (size_t)(hash % window->slots);
    while (memcmp(window->tags[slot], empty, MIX_TAG_BYTES) != 0 &&
           memcmp(window->tags[slot], tag, MIX_TAG_BYTES) != 0)
        slot = slot + 1 < window->slots ? slot + 1 : 0;
    return slot;
}

/* Room for one tag more.
 * Returns: 0, -ENOMEM (the table is as before). */
static int make_room(const struct mix_replay *replay, struct window_tags *window)
{
    static const uint8_t empty[MIX_TAG_BYTES] = {0};
    if (window->count + 1 <= window->slots / 8 * 7)
        return 0;
    struct window_tags larger = *window;
    larger.slots = window->slots / 2 * 3;
    larger.tags = calloc(larger.slots, MIX_TAG_BYTES);
    if (!larger.tags)
        return -ENOMEM;
    for (size_t i = 0; i < window->slots; i++)
        if (memcmp(window->tags[i], empty, MIX_TAG_BYTES) != 0)
            memcpy(larger.tags[slot_of(replay, &larger, window->tags[i])], window->tags[i],
                   MIX_TAG_BYTES);
    free(window->tags);
    *window = larger;
    return 0;
}

/* The tags of a window, begun if it is new.
 * Returns: 0, -ENOSPC, -ENOMEM. */
static int window_open(struct mix_replay *replay, uint32_t number, struct window_tags **out)
{
    struct window_tags *free_place = NULL;
    for (size_t i = 0; i < WINDOWS; i++) {
        struct window_tags *window = &replay->windows[i];
        if (window->slots == 0) {
            free_place = window;
        } else if (window->window == number) {
            *out = window;
            return 0;
        }
    }
    if (!free_place)
        return -ENOSPC;
    free_place->tags = calloc(SLOTS_MIN, MIX_TAG_BYTES);
    if (!free_place->tags)
        return -ENOMEM;
    free_place->window = number;
    free_place->slots = SLOTS_MIN;
    *out = free_place;
    return 0;
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
    /* A tag of zeros, which an empty slot looks like, counts as kept: none is seen in practice. */
    if (memcmp(tags->tags[slot_of(replay, tags, tag)], tag, MIX_TAG_BYTES) == 0)
        return -EEXIST;
    if (mix_replay_tags(replay) >= replay->tags_max)
        return -ENOSPC;
    err = make_room(replay, tags);
    if (err)
        return err;
    memcpy(tags->tags[slot_of(replay, tags, tag)], tag, MIX_TAG_BYTES);
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
    for (size_t i = 0; i < WINDOWS; i++)
        bytes += replay->windows[i].slots * MIX_TAG_BYTES;
    return bytes;
}
