/* The rendezvous of inviter and newcomer. */
#ifndef REUNION_CLIENT_GROUP_INTRODUCTION_H
#define REUNION_CLIENT_GROUP_INTRODUCTION_H

#include "group/context.h"

/* Get the passphrase, and meet the one other person who knows it at the server that the context is
 * connected to: `own` is told, `other` is what that person told. Errors are reported.
 * Returns: OUTCOME_DONE; OUTCOME_ALONE (nobody came in time), OUTCOME_EXCEEDED (more than one did),
 * or another end of the run. */
enum outcome introduce(struct context *context, const struct group_introduction *own,
                       struct group_introduction *other);

#endif
