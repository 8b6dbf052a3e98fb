/* Group actions of one secret key on many public keys, on several threads. */
#ifndef REUNION_REUNION_GROUP_ACTIONS_H
#define REUNION_REUNION_GROUP_ACTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "ctidh/ctidh.h"
#include "reunion/reunion.h"

/* Compute every exchange; each gets its status: 0, -EBADMSG, -ECANCELED, -ENOMEM. The calling
 * thread works too; helpers that cannot be started are done without. `work` may be NULL.
 * `secret` must be admissible. */
void group_actions(const uint8_t secret[static CTIDH1024_SECRET_BYTES],
                   struct ctidh1024_exchange *exchanges, size_t count,
                   const struct reunion_work *work);

#endif
