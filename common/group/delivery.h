/* Delivery of messages to mailboxes: tokens, and what the last mix splits up. */
#ifndef REUNION_GROUP_DELIVERY_H
#define REUNION_GROUP_DELIVERY_H

#include <stdint.h>

#include "base/err.h"
#include "base/random.h"
#include "group/mailbox.h"

/* Source: groups.md of the specification, "Mailboxes" and "Sending". Any thread. */

enum {
    GROUP_ADDRESS_BYTES = 16, /* IPv6; IPv4 as ::ffff:a.b.c.d */
    GROUP_RECIPIENTS = 4,     /* of one packet, always */
    GROUP_DIVIDE_BYTES = GROUP_ADDRESS_BYTES + 2 + 2 * GROUP_KEY_BYTES + GROUP_M_BYTES +
                         GROUP_RECIPIENTS * (GROUP_TOKEN_BYTES + GROUP_BLIND_BYTES),
};

/* A token: a mailbox id, sealed to the server. `ephemeral` is random, for this one token.
 * Returns: 0, -EINVAL (the server's key has small order; `token` is untouched then). */
MUST_CHECK int group_token_make(uint8_t token[static GROUP_TOKEN_BYTES],
                                const uint8_t mailbox_id[static GROUP_MAILBOX_ID_BYTES],
                                const uint8_t server_public[static GROUP_KEY_BYTES],
                                const uint8_t ephemeral[static GROUP_KEY_BYTES]);

/* One copy to be: whom it is for, and how it hides t. */
struct group_recipient {
    uint8_t token[GROUP_TOKEN_BYTES];
    uint8_t u[GROUP_BLIND_BYTES];
};

/* What the last mix of a route is told (a packet of kind 4). */
struct group_division {
    uint8_t address[GROUP_ADDRESS_BYTES]; /* of the server */
    uint16_t port;
    uint8_t server_public[GROUP_KEY_BYTES];
    uint8_t blinded[GROUP_KEY_BYTES]; /* G' */
    uint8_t message[GROUP_M_BYTES];
    struct group_recipient recipients[GROUP_RECIPIENTS];
};

/* Fill `recipients` for 0 to GROUP_RECIPIENTS mailboxes; the rest are fillers. Draws from `random`
 * for each mailbox 32 bytes, and for each filler 16, 32 and 16.
 * Returns: 0, -EINVAL (more mailboxes, or the server's key has small order). */
MUST_CHECK int group_division_address(struct group_division *division, const struct group_key *key,
                                      const uint8_t t[static GROUP_BLIND_BYTES],
                                      const uint8_t *mailbox_ids, size_t count,
                                      const struct random_source *random);

void group_division_write(uint8_t content[static GROUP_DIVIDE_BYTES],
                          const struct group_division *division);
/* Returns: 0, -EMSGSIZE (of another length), -EBADMSG (a key of small order); `division` is
 * untouched then. */
MUST_CHECK int group_division_read(struct group_division *division, const uint8_t *content,
                                   size_t bytes);

/* Make the copy for one recipient. `ephemeral` is random, for this one copy.
 * Returns: 0, -EINVAL (G' has small order; `copy` is untouched then). */
MUST_CHECK int group_copy_make(uint8_t copy[static GROUP_COPY_BYTES],
                               const struct group_division *division, size_t recipient,
                               const uint8_t ephemeral[static GROUP_KEY_BYTES]);

/* Seal token and copy for the server (the body of op 19). `ephemeral` is random, for this one
 * delivery.
 * Returns: 0, -EINVAL (the server's key has small order; `delivery` is untouched then). */
MUST_CHECK int group_delivery_make(uint8_t delivery[static GROUP_DELIVERY_BYTES],
                                   const uint8_t token[static GROUP_TOKEN_BYTES],
                                   const uint8_t copy[static GROUP_COPY_BYTES],
                                   const uint8_t server_public[static GROUP_KEY_BYTES],
                                   const uint8_t ephemeral[static GROUP_KEY_BYTES]);

#endif
