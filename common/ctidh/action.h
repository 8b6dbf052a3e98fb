/* The group action: the walk of a secret key from a curve, one key at a time. */
#ifndef REUNION_CTIDH_ACTION_H
#define REUNION_CTIDH_ACTION_H

#include <stdatomic.h>

#include "base/err.h"
#include "base/random.h"
#include "ctidh/fp1024.h"
#include "ctidh/schedule.h"

enum { ACTION_STACK_BYTES = 128 * 1024 }; /* more than it uses, for wiping */

/* a <- the coefficient of the curve that `key` leads to from the supersingular curve `a`. Tight in
 * and out. `cancel` may be NULL; it is looked at before each isogeny.
 *
 * Constant time but for what is public: how often an isogeny step failed for want of luck, which
 * the coins of schedule.h make independent of the key. The caller wipes the stack below it.
 * Gives: 0, -ECANCELED (a is untouched). Any thread. */
MUST_CHECK int action_run(struct fp *a, const struct schedule *key,
                          const struct random_source *random, const atomic_bool *cancel);

#endif
