/* The message and the passphrase of a run: gathered and checked. */
#ifndef REUNION_RUN_MESSAGE_H
#define REUNION_RUN_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "cli/outcome.h"
#include "cli/signals.h"
#include "run/options.h"

/* Whether somebody will be asked for one of them, or shown a new passphrase: then what can be known
 * without them, whether there is a server, is better known before. */
bool message_asks(const struct run_options *options);

/* Fill in both where they are not given, reading or asking, and check them; errors are reported.
 * A message of more than `bytes_max` bytes does not fit. From here on the time of --duration runs,
 * unless somebody types: then from afterwards.
 * Returns: OUTCOME_DONE to go on, or the end of the run. */
enum outcome message_gather(struct run_options *options, size_t bytes_max, struct signals *signals);

/* A message, of no more than `bytes` bytes, with spaces behind it up to that, so that its own
 * length does not show. Returns: guarded memory owned by the caller, to be released with
 * secret_free, or NULL. */
MUST_CHECK uint8_t *message_padded(const struct secret_text *message, size_t bytes);

#endif
