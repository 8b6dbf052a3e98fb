/* Going to the server for a group: opening and reading mailboxes, and sending what is due. */
#ifndef REUNION_CLIENT_GROUP_TALK_H
#define REUNION_CLIENT_GROUP_TALK_H

#include <stdbool.h>

#include "group/context.h"

/* DESIGN: the device is saved before anything that follows from a step leaves this machine: copies
 * are removed from a mailbox when what they said is in the file, and a mailbox is announced when it
 * is open. A kill in between repeats a step, which the engine does not mind. */

/* One round: whatever can be done now. `old_too`: old mailboxes are read as well.
 * Returns: 0; an error of the post (reported by context_report_away), which ends the round; or
 * -EIO after reporting that the file cannot be written. */
MUST_CHECK int talk(struct context *context, bool old_too);

#endif
