/* When each client of the reference's endpoints last began a round. */
#ifndef REUNION_COMPAT_ROUNDS_H
#define REUNION_COMPAT_ROUNDS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/err.h"
#include "base/random.h"
#include "bucket/index.h"
#include "wire/sizes.h"

/* DESIGN: a client is named by its T1. A note is kept for as long as a T1 can stand after its
 * round, so no client has more than one, and there are no more of them than T1s that stood lately.
 * A mutex guards all. */

struct round_note {
    int64_t began_ms;   /* monotonic */
    uint64_t published; /* number of the last commit that was visible then */
    bool works;         /* the round brought T1s that the one before did not have */
};

struct noted_round {
    struct index_node node;
    TAILQ_ENTRY(noted_round) by_time;
    uint8_t t1_id[ID_BYTES];
    struct round_note note;
};

struct rounds {
    pthread_mutex_t mutex;
    uint8_t index_key[INDEX_KEY_BYTES];
    struct index by_t1;
    TAILQ_HEAD(, noted_round) by_time; /* the oldest first */
    int64_t kept_ms;
};

/* No rounds; each will be kept for so long after it began. */
void rounds_init(struct rounds *rounds, int64_t kept_ms, const struct random_source *random);

/* Release them; one of zeros is not fine. */
void rounds_free(struct rounds *rounds);

/* The last round of the client with a T1. Any thread. Returns: 0, -ENOENT (none is noted). */
MUST_CHECK int rounds_find(struct rounds *rounds, const uint8_t t1_id[static ID_BYTES],
                           struct round_note *note);

/* Note one, which begins now. Without memory it is not noted. Any thread. */
void rounds_begin(struct rounds *rounds, const uint8_t t1_id[static ID_BYTES],
                  const struct round_note *note);

#endif
