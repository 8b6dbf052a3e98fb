#include "compat/rounds.h"

#include <stdlib.h>
#include <string.h>

#include "base/owner_of.h"

void rounds_init(struct rounds *rounds, int64_t kept_ms, const struct random_source *random)
{
    *rounds = (struct rounds){.kept_ms = kept_ms};
    TAILQ_INIT(&rounds->by_time);
    random_fill(random, rounds->index_key, sizeof rounds->index_key);
    pthread_mutex_init(&rounds->mutex, NULL);
}

static void forget(struct rounds *rounds, struct noted_round *round)
{
    index_remove(&rounds->by_t1, &round->node);
    TAILQ_REMOVE(&rounds->by_time, round, by_time);
    free(round);
}

void rounds_free(struct rounds *rounds)
{
    struct noted_round *round;
    while ((round = TAILQ_FIRST(&rounds->by_time)))
        forget(rounds, round);
    index_free(&rounds->by_t1);
    pthread_mutex_destroy(&rounds->mutex);
}

static struct noted_round *find(const struct rounds *rounds, const uint8_t t1_id[static ID_BYTES],
                                uint64_t hash)
{
    for (struct index_node *node = index_first(&rounds->by_t1, hash); node;
         node = index_next(node)) {
        struct noted_round *round = OWNER_OF(node, struct noted_round, node);
        if (memcmp(round->t1_id, t1_id, ID_BYTES) == 0)
            return round;
    }
    return NULL;
}

int rounds_find(struct rounds *rounds, const uint8_t t1_id[static ID_BYTES],
                struct round_note *note)
{
    uint64_t hash = index_hash(rounds->index_key, t1_id, ID_BYTES);
    pthread_mutex_lock(&rounds->mutex);
    const struct noted_round *round = find(rounds, t1_id, hash);
    if (round)
        *note = round->note;
    pthread_mutex_unlock(&rounds->mutex);
    return round ? 0 : -ENOENT;
}

/* Returns: an empty round that is found under the id, or NULL. */
static struct noted_round *add(struct rounds *rounds, const uint8_t t1_id[static ID_BYTES],
                               uint64_t hash)
{
    struct noted_round *round = calloc(1, sizeof *round);
    if (!round)
        return NULL;
    if (index_insert(&rounds->by_t1, &round->node, hash)) {
        free(round);
        return NULL;
    }
    memcpy(round->t1_id, t1_id, ID_BYTES);
    return round;
}

static void forget_old(struct rounds *rounds, int64_t now_ms)
{
    struct noted_round *round;
    while ((round = TAILQ_FIRST(&rounds->by_time)) &&
           now_ms - round->note.began_ms > rounds->kept_ms)
        forget(rounds, round);
}

void rounds_begin(struct rounds *rounds, const uint8_t t1_id[static ID_BYTES],
                  const struct round_note *note)
{
    uint64_t hash = index_hash(rounds->index_key, t1_id, ID_BYTES);
    pthread_mutex_lock(&rounds->mutex);
    forget_old(rounds, note->began_ms);
    struct noted_round *round = find(rounds, t1_id, hash);
    if (round)
        TAILQ_REMOVE(&rounds->by_time, round, by_time);
    else
        round = add(rounds, t1_id, hash);
    if (round) {
        round->note = *note;
        TAILQ_INSERT_TAIL(&rounds->by_time, round, by_time);
    }
    pthread_mutex_unlock(&rounds->mutex);
}
