/* Engines for group actions: one implementation for each kind of processor. */
#ifndef REUNION_CTIDH_ENGINE_H
#define REUNION_CTIDH_ENGINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/random.h"
#include "ctidh/ctidh.h"
#include "ctidh/fp1024.h"
#include "ctidh/schedule.h"

static inline bool cancel_asked(const struct ctidh1024_cancel *cancel)
{
    return cancel && cancel->asked(cancel->state);
}

/* One curve and a key to walk by, encoded between steps so that any lane can take it on. */
struct journey {
    struct encoded a; /* the curve's coefficient is a/c */
    struct encoded c;
    struct schedule schedule;
    uint8_t left[BATCHES]; /* public: steps not yet taken, dummies included */
};

/* From the curve with coefficient a, as fp_encode gives it, by all the steps of `key`. Secret; the
 * owner wipes. */
void journey_open(struct journey *journey, const uint8_t a[static FP1024_BYTES],
                  const struct schedule *key);

/* All engines give the same results. Any thread may call; the stack they use is at most
 * ENGINE_STACK_BYTES, and is the caller's to wipe. `cancel` may be NULL. */
struct engine {
    const char *name;
    size_t lanes; /* so many cost as much as one */

    /* Whether the processor, which has the instructions, does as they say; quick. */
    bool (*is_exact)(void);

    /* valid[i]: whether the journey number i begins on a supersingular curve. Not constant time:
     * that curve is public. Returns: 0, -ECANCELED. */
    int (*validate)(bool *valid, const struct journey *journeys, size_t count,
                    const struct random_source *random, const struct ctidh1024_cancel *cancel);

    /* Takes all journeys, which begin on supersingular curves, to their ends: c = 1 there. Constant
     * time with respect to the schedules. Returns: 0, -ECANCELED, -ENOMEM; then they are left
     * somewhere on the way. */
    int (*act)(struct journey *journeys, size_t count, const struct random_source *random,
               const struct ctidh1024_cancel *cancel);
};

enum { ENGINE_STACK_BYTES = 512 * 1024 };

extern const struct engine engine_portable;
/* Where they are built: */
extern const struct engine engine_scalar;
extern const struct engine engine_avx2;
extern const struct engine engine_avx512f;
extern const struct engine engine_avx512;

/* The one for so many journeys on this processor, as far as ctidh1024_engine_name leaves a choice:
 * up to CTIDH1024_FEW are done without lanes, and up to four by four lanes where eight are slower.
 */
const struct engine *engine_for(size_t count);

/* Any engine by its name. Returns: 0, -EINVAL (unknown), -ENOTSUP (this build or this processor
 * does not have it); `engine` is untouched then. */
MUST_CHECK int engine_find(const char *name, const struct engine **engine);

#endif
