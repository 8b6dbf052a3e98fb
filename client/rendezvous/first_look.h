/* Whether there is a server at all, before anybody is asked for anything. */
#ifndef REUNION_RENDEZVOUS_FIRST_LOOK_H
#define REUNION_RENDEZVOUS_FIRST_LOOK_H

#include "rendezvous/narrator.h"
#include "rendezvous/ways.h"

/* Ask each server what holds there, which says nothing of who asks. Those that fail are told of. As
 * long as none is there, those that may come are tried again for `patience_ms`; what is certain is
 * not waited for. Ends once one is there, or none will be. Returns: OUTCOME_DONE (one is there at
 * least), OUTCOME_SERVER (told why), OUTCOME_INTERRUPTED, OUTCOME_FAILED. */
enum outcome first_look(const struct ways *ways, struct narrator *narrator, int64_t patience_ms,
                        const struct stop_source *stop);

#endif
