/* Which records that came through version 1 a reference client may see already. */
#ifndef REUNION_COMPAT_VIEW_H
#define REUNION_COMPAT_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "bucket/entry.h"
#include "compat/state.h"

/* DESIGN: a reference client works in rounds: it posts its T1 again and gets all T1s, computes a
 * group action for each new one, then asks for T2s, then for T3s. It loses what it gets
 * meanwhile from somebody whose T1 was not in that answer: a T2 whose T1 it has not seen gets a
 * dummy for ever. Among reference clients that is rare; a faster client would fall into the
 * middle of such a round all the time. So while a reference client works on new T1s, the T2s and
 * T3s addressed to it by version-1 clients that came after its round began are not shown here,
 * until its next round begins or it has been silent for REFERENCE_ROUND_MS_MAX. Nobody else's
 * records wait, and version 1 sees everything at once. A bucket that was evicted meanwhile shows
 * everything: what is read back from the store tells nothing of when it came. */

enum { REFERENCE_ROUND_MS_MAX = 60 * 1000 };

/* A round begins: `t1_id` was posted by itself, and the answer will have the T1s that are visible
 * now. An id that does not stand, or stands with a write key, is passed over. Takes the service's
 * lock. */
void view_round(struct reference *reference, const uint8_t t1_id[static ID_BYTES]);

/* Whether a record of a bucket behind these endpoints is shown. The service's lock is held. */
bool view_shows(struct reference *reference, const struct entry *entry, int64_t now_s,
                int64_t now_ms);

#endif
