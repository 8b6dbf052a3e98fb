/* Mailboxes of groups as their server knows them: ids, and what is delivered. */
#ifndef REUNION_GROUP_MAILBOX_H
#define REUNION_GROUP_MAILBOX_H

#include <stdint.h>

#include "base/err.h"
#include "group/message.h"

/* Source: groups.md of the specification, "Mailboxes". Apart from the rest of groups, as the server
 * shares it. Any thread. */

enum {
    GROUP_READ_KEY_BYTES = 32,
    GROUP_TOKEN_BYTES = GROUP_MAILBOX_ID_BYTES + 48,
    GROUP_DELIVERY_BYTES = GROUP_TOKEN_BYTES + GROUP_COPY_BYTES + 48,
};

/* The id of the mailbox that a read key opens. */
void group_mailbox_id(uint8_t id[static GROUP_MAILBOX_ID_BYTES],
                      const uint8_t read_key[static GROUP_READ_KEY_BYTES]);

/* The server's part: which mailbox a delivery is for, and the copy. Whether that mailbox is there
 * and has taken a copy with this r (its first GROUP_R_BYTES) before is for the caller.
 * Returns: 0, -EMSGSIZE (of another length), -EBADMSG (it does not open, or the copy's r is not its
 * token's); nothing is written then. */
MUST_CHECK int group_delivery_open(uint8_t mailbox_id[static GROUP_MAILBOX_ID_BYTES],
                                   uint8_t copy[static GROUP_COPY_BYTES], const uint8_t *delivery,
                                   size_t bytes,
                                   const uint8_t server_public[static GROUP_KEY_BYTES],
                                   const uint8_t server_secret[static GROUP_KEY_BYTES]);

#endif
