/* The group action: the walks of secret keys from curves. */
#ifndef REUNION_CTIDH_ACTION_H
#define REUNION_CTIDH_ACTION_H

#include "base/err.h"
#include "base/random.h"
#include "ctidh/engine.h"
#include "ctidh/field.h"

/* The `act` of an engine. `cancel` is looked at before each isogeny.
 *
 * Constant time but for what is public: how often an isogeny step failed for want of luck, which
 * the coins of schedule.h make independent of the key. */
MUST_CHECK int action_run(struct journey *journeys, size_t count,
                          const struct random_source *random,
                          const struct ctidh1024_cancel *cancel);

#endif
