/* Going to the server for a group: opening and reading mailboxes, and sending what is due. */
#ifndef REUNION_CLIENT_GROUP_TALK_H
#define REUNION_CLIENT_GROUP_TALK_H

#include <stdbool.h>
#include <stdint.h>

#include "group/context.h"

/* DESIGN: the device is saved before anything that follows from a step leaves this machine: copies
 * are removed from a mailbox when what they said is in the file, and a mailbox is announced when it
 * is open. A kill in between repeats a step, which the engine does not mind. */

/* One round: whatever can be done now. `old_too`: old mailboxes are read as well.
 * Returns: 0; an error of the post (reported by context_report_away), which ends the round; or
 * -EIO after reporting what this machine cannot do. */
MUST_CHECK int talk(struct context *context, bool old_too);

/* Rounds until `is_done`, or for so long; a server that is silent or busy is asked again within
 * that time. `patience_ms` 0: TALK_PATIENCE_MS, for one round that is whole (`is_done` NULL).
 * Returns: OUTCOME_DONE (whether it is done or not), or the end of the run, which was reported. */
enum { TALK_PATIENCE_MS = 60 * 1000 };
enum outcome talk_until(struct context *context, bool (*is_done)(struct context *context),
                        int64_t patience_ms);

#endif
