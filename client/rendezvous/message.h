/* The message of a run, and the passphrase it goes with. */
#ifndef REUNION_RENDEZVOUS_MESSAGE_H
#define REUNION_RENDEZVOUS_MESSAGE_H

#include "base/stop.h"
#include "cli/outcome.h"
#include "rendezvous/options.h"

/* Fill in both where they are not given, reading or asking, and check them; what is wrong is told.
 * A message of more than `bytes_max` bytes does not fit.
 * Gives: OUTCOME_DONE to go on, or the end of the run. */
enum outcome message_gather(struct rendezvous_options *options, size_t bytes_max,
                            const struct stop_source *stop);

#endif
