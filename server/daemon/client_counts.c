#include "daemon/client_counts.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/secret.h"

enum { NETWORKS = 2 };

/* The networks that an address counts for, hashed; 0: not for this one. */
struct counted {
    uint64_t networks[NETWORKS];
};

int client_counts_init(struct client_counts *counts, uint64_t limit, size_t total,
                       const struct random_source *random)
{
    *counts = (struct client_counts){.limit = limit, .slot_count = 8};
    if (limit == 0)
        return 0;
    while (counts->slot_count < 2 * NETWORKS * total)
        counts->slot_count *= 2;
    counts->slots = calloc(counts->slot_count, sizeof *counts->slots);
    if (!counts->slots)
        return -ENOMEM;
    random_fill(random, counts->hash_key, sizeof counts->hash_key);
    pthread_mutex_init(&counts->mutex, NULL);
    return 0;
}

void client_counts_free(struct client_counts *counts)
{
    if (!counts->slots)
        return;
    secret_wipe(counts->hash_key, sizeof counts->hash_key);
    secret_wipe(counts->slots, counts->slot_count * sizeof *counts->slots);
    free(counts->slots);
    counts->slots = NULL;
    pthread_mutex_destroy(&counts->mutex);
}

static struct counted counted_of(const struct client_counts *counts,
                                 const struct client_address *client)
{
    struct client_address network = *client;
    struct counted counted = {{client_address_hash(client, false, counts->hash_key)}};
    if (client_address_widen(&network))
        counted.networks[1] = client_address_hash(&network, true, counts->hash_key);
    return counted;
}

/* Where a network's count stands, or would. */
static size_t find(const struct client_counts *counts, uint64_t client)
{
    size_t mask = counts->slot_count - 1, at = client & mask;
    while (counts->slots[at].client != 0 && counts->slots[at].client != client)
        at = (at + 1) & mask;
    return at;
}

/* Free a slot and move those behind it that would not be found any more (Knuth, volume 3, section
 * 6.4, algorithm R). */
static void free_slot(struct client_counts *counts, size_t hole)
{
    size_t mask = counts->slot_count - 1;
    for (size_t at = (hole + 1) & mask; counts->slots[at].client != 0; at = (at + 1) & mask) {
        size_t home = counts->slots[at].client & mask;
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            counts->slots[hole] = counts->slots[at];
            hole = at;
        }
    }
    counts->slots[hole] = (struct client_count){0};
}

static void add(struct client_counts *counts, uint64_t client, uint64_t amount)
{
    struct client_count *slot = &counts->slots[find(counts, client)];
    slot->client = client;
    slot->count += amount;
}

/* Whoever has nothing may have one, however large. */
static bool has_room(const struct client_counts *counts, uint64_t client, uint64_t limit,
                     uint64_t amount)
{
    uint64_t count = counts->slots[find(counts, client)].count;
    return count == 0 || (count < limit && amount <= limit - count);
}

int client_counts_take(struct client_counts *counts, const struct client_address *client,
                       uint64_t amount)
{
    if (counts->limit == 0)
        return 0;
    struct counted counted = counted_of(counts, client);
    int err = 0;
    pthread_mutex_lock(&counts->mutex);
    for (size_t i = 0; i < NETWORKS && !err; i++) {
        uint64_t limit = i == 0 ? counts->limit : counts->limit * COUNTS_WIDE;
        if (counted.networks[i] && !has_room(counts, counted.networks[i], limit, amount))
            err = -EDQUOT;
    }
    for (size_t i = 0; i < NETWORKS && !err; i++)
        if (counted.networks[i])
            add(counts, counted.networks[i], amount);
    pthread_mutex_unlock(&counts->mutex);
    return err;
}

void client_counts_give(struct client_counts *counts, const struct client_address *client,
                        uint64_t amount)
{
    if (counts->limit == 0)
        return;
    struct counted counted = counted_of(counts, client);
    pthread_mutex_lock(&counts->mutex);
    for (size_t i = 0; i < NETWORKS; i++) {
        if (!counted.networks[i])
            continue;
        size_t at = find(counts, counted.networks[i]);
        INVARIANT(counts->slots[at].count >= amount);
        counts->slots[at].count -= amount;
        if (counts->slots[at].count == 0)
            free_slot(counts, at);
    }
    pthread_mutex_unlock(&counts->mutex);
}
