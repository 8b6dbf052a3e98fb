/* Search for a stamp on several threads. */
#ifndef REUNION_STAMPS_PARALLEL_SEARCH_H
#define REUNION_STAMPS_PARALLEL_SEARCH_H

#include "admission/stamp.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/random.h"
#include "base/stop.h"

/* DESIGN: a stamp is found by tries that do not depend on each other, and whoever waits for it
 * waits for nothing else. So every thread tries nonces of its own in memory of its own, and all
 * stop as soon as the tries of all together reach the goal. */

enum { PARALLEL_SEARCH_THREADS_MAX = 16 }; /* a mebibyte each */

/* Zeros are a closed search. */
struct parallel_search {
    struct stamp_search searches[PARALLEL_SEARCH_THREADS_MAX];
    unsigned threads;
    uint64_t tries; /* of all threads, so far */
    uint8_t best_nonce[STAMP_NONCE_BYTES];
    uint32_t best_effort; /* 0: none was found */
};

/* Begin at random nonces, on so many threads, at least 1; more than PARALLEL_SEARCH_THREADS_MAX
 * count as that. Where memory is short, it begins on fewer. The search holds memory until
 * parallel_search_close.
 * Returns: 0, -ENOMEM (nothing is held). */
MUST_CHECK int parallel_search_open(struct parallel_search *search,
                                    const struct stamp_subject *subject, unsigned threads,
                                    const struct random_source *random);

/* Whether it is open, and for this subject. */
bool parallel_search_is_for(const struct parallel_search *search,
                            const struct stamp_subject *subject);

/* Try until the goal is reached; the tries that were made before count. What was found stays,
 * whatever this returns, and a search goes on where it was. One thread at a time.
 * Returns: 0, -ECANCELED (a stop was asked), -ENOMEM. */
MUST_CHECK int parallel_search_run(struct parallel_search *search, const struct stamp_goal *goal,
                                   const struct stop_source *stop);

/* Learn from the first few tries how long `tries` will take on this machine.
 * Returns: 0; -EALREADY (more than a few were made before, so that was learnt: `ms` is untouched);
 * and as parallel_search_run. */
MUST_CHECK int parallel_search_estimate(struct parallel_search *search, uint64_t tries,
                                        const struct clock_source *clock,
                                        const struct stop_source *stop, int64_t *ms);

/* Release its memory; may be repeated. */
void parallel_search_close(struct parallel_search *search);

#endif
