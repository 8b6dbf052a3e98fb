/* What a reference client may see already of those who come through version 1. */
#ifndef REUNION_SERVICE_REFERENCE_VIEW_H
#define REUNION_SERVICE_REFERENCE_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "service/state.h"

/* DESIGN: a reference client goes in rounds: it asks for T1s, works on the new ones for as long as
 * a group action for each of them takes, then posts its T2s and asks for T2s, then for T3s. A T2
 * that it sees before the T1 gets a dummy for ever, and a T3 before its T2 is lost. Among its kind
 * that is rare; who computes faster would fall into the middle of such a round all the time. So
 * these endpoints show
 *
 *   - a T2 once a round of its addressee has begun after the sender's T1 was there: the addressee
 *     came later than the sender, or it has posted a T2 since and the answer to that is over;
 *   - a T3 when it has stood for longer than a client takes from asking for T2s to asking for T3s.
 *
 * An addressee that never posts is gone, so waiting has an end. What was loaded from the store
 * counts as old. */

/* Note the time at which the batch becomes visible. Call before it does; the lock is held
 * exclusively. */
void reference_view_note(struct service *service, int64_t now_s);

/* Whether a record of a bucket behind these endpoints is shown. The lock is held. */
bool reference_view_shows(const struct service *service, const struct entry *entry, int64_t now_s,
                          int64_t now_ms);

#endif
