/* The datagrams that leave a mix together, in random order. */
#ifndef REUNION_SERVER_MIX_BATCH_H
#define REUNION_SERVER_MIX_BATCH_H

#include <stddef.h>

#include "base/err.h"
#include "base/random.h"
#include "daemon/datagrams.h"

struct batch {
    struct datagram *items; /* of one allocation for its whole life */
    size_t count, max;
};

/* A batch of at most `max` (at least 1) datagrams. Returns: 0, -ENOMEM. */
MUST_CHECK int batch_init(struct batch *batch, size_t max);
/* Zeros are fine. */
void batch_free(struct batch *batch);

/* The place of one datagram more, which the caller fills; there must be room. */
struct datagram *batch_add(struct batch *batch);

/* Take the newest datagram out again. */
void batch_drop_newest(struct batch *batch);

/* Hand all over in an order drawn uniformly, up to DATAGRAMS_BATCH at a time; the batch is empty
 * then. `send` may change what it is handed. */
void batch_leave(struct batch *batch, const struct random_source *random,
                 void (*send)(void *context, struct datagrams *datagrams), void *context);

/* Empty it. */
void batch_clear(struct batch *batch);

#endif
