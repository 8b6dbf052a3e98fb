/* The queue of T2s and T3s to post, each kept until the server has answered for it. */
#ifndef REUNION_SESSION_OUTBOX_H
#define REUNION_SESSION_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "transport/transport.h"

struct letters {
    struct transport_letter *letter;
    size_t count;
    size_t room;
};

struct outbox {
    struct letters t2s;
    struct letters t3s;
    size_t refused; /* letters that were never taken */
};

/* Add a T2 or T3. Returns: 0, -ENOMEM. */
MUST_CHECK int outbox_add(struct outbox *outbox, enum record_kind kind,
                          const struct transport_place *place,
                          const uint8_t addressee[static ID_BYTES],
                          const uint8_t body[static RECORD_BODY_BYTES]);

/* How many letters wait. */
size_t outbox_count(const struct outbox *outbox);

bool outbox_is_empty(const struct outbox *outbox);

/* Post all; what is not settled stays for the next call.
 * Returns: 0 (all settled), or what transport `send` gave, -EAGAIN if it left letters unsettled. */
MUST_CHECK int outbox_post(struct outbox *outbox, struct transport *transport);

/* Forget all letters. */
void outbox_clear(struct outbox *outbox);

#endif
