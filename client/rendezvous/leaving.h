/* Leaving a run when all that was expected is done. */
#ifndef REUNION_RENDEZVOUS_LEAVING_H
#define REUNION_RENDEZVOUS_LEAVING_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/signals.h"
#include "rendezvous/expectation.h"
#include "rendezvous/narrator.h"

/* Look whether the messages shown are enough, with so many answers of one's own not yet across;
 * begin to linger when it is time for that, which is told, or stop the run. One thread.
 * Returns: whether it began to linger or to stop: then there is nothing left to be done. */
bool leave_when_enough(struct expectation *expectation, struct narrator *narrator,
                       struct signals *signals, size_t owed);

#endif
