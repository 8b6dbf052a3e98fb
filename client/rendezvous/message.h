/* The message of a run, and the passphrase it goes with. */
#ifndef REUNION_RENDEZVOUS_MESSAGE_H
#define REUNION_RENDEZVOUS_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/stop.h"
#include "cli/outcome.h"
#include "rendezvous/options.h"

/* Fill in both where they are not given, reading or asking, and check them; what is wrong is told.
 * A message of more than `bytes_max` bytes does not fit.
 * Gives: OUTCOME_DONE to go on, or the end of the run. */
enum outcome message_gather(struct rendezvous_options *options, size_t bytes_max,
                            const struct stop_source *stop);

/* A message, of no more than `bytes` bytes, with spaces behind it up to that, so that its own
 * length does not show. Gives: guarded memory owned by the caller, to be released with secret_free,
 * or NULL. */
MUST_CHECK uint8_t *message_padded(const struct secret_text *message, size_t bytes);

#endif
