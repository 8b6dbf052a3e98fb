/* A first request to each server that shows whether it works, before the user is asked for
 * anything. */
#ifndef REUNION_RENDEZVOUS_FIRST_LOOK_H
#define REUNION_RENDEZVOUS_FIRST_LOOK_H

#include <stdint.h>

#include "cli/signals.h"
#include "rendezvous/transports.h"
#include "run/reporter.h"

/* Ask each server what holds there, which says nothing of who asks, and for the bucket at `named`
 * unless that is NULL. Those that fail are reported. As long as none is there, those that may come
 * are tried again for `patience_s` seconds; what is certain is not waited for. Ends once one is
 * there, or none will be, or time is over, even if one has not answered by then. No stop is due
 * before that or afterwards.
 * Returns: OUTCOME_DONE (one is there at least, or was not asked in time), OUTCOME_SERVER (told
 * why), OUTCOME_REFUSED (told: no such bucket), OUTCOME_INTERRUPTED, OUTCOME_FAILED. */
enum outcome first_look(const struct transports *transports, const struct transport_place *named,
                        struct reporter *reporter, int64_t patience_s, struct signals *signals);

#endif
