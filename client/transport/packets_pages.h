/* Lists that a server of packets gives in pages, each checked to be behind the one before. */
#ifndef REUNION_TRANSPORT_PACKETS_PAGES_H
#define REUNION_TRANSPORT_PACKETS_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "transport/transport.h"
#include "udp/packets.h"

/* All may give an error of packets_ask, and -EPROTO for a page without anything new or in another
 * order, so that a server cannot make us read on for ever. */

/* At most `capacity` buckets of the place with that tag, newest first. */
MUST_CHECK int packets_list(struct packets *packets, const uint8_t place[static ID_BYTES],
                            struct transport_bucket *buckets, size_t capacity, size_t *count);

/* The T1s of a bucket, BUCKET_CAPACITY at most, each handed to `sink`, whose error ends it. */
MUST_CHECK int packets_read_t1s(struct packets *packets, const struct transport_place *place,
                                const struct transport_sink *sink);

/* What the T1s of a bucket paid; `line` is called for each, of effort 0 where nothing was paid. Its
 * error ends it. */
MUST_CHECK int packets_read_stamps(struct packets *packets, const struct transport_place *place,
                                   int (*line)(void *state, const uint8_t id[static ID_BYTES],
                                               const struct transport_stamp *stamp),
                                   void *state);

#endif
