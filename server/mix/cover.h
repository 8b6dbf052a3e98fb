/* Packets of kind 3 that a mix sends when it has too few to mix. */
#ifndef REUNION_SERVER_MIX_COVER_H
#define REUNION_SERVER_MIX_COVER_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "mix/neighbours.h"

/* DESIGN: a packet of cover takes up to nine X25519. If they were made when a batch leaves, the
 * moment at which it does would show how many of it are cover. So they are made ahead, after a
 * batch has left; those of an earlier window are made anew. */

struct cover_packet {
    uint8_t packet[MIX_PACKET_BYTES];
    size_t first; /* the mix it is for */
};

struct cover {
    struct cover_packet *packets;
    size_t count, max;
    uint32_t window;
};

/* Room for `max` packets, perhaps none. Returns: 0, -ENOMEM. */
MUST_CHECK int cover_init(struct cover *cover, size_t max);
/* Zeros are fine. */
void cover_free(struct cover *cover);

/* Make packets, each over one to three random other mixes, until there are `max`; none if there is
 * no other mix. */
void cover_fill(struct cover *cover, const struct neighbours *neighbours, uint32_t window,
                const struct random_source *random);

/* Forget all packets, as the mixes are others. */
void cover_clear(struct cover *cover);

/* The next packet, the stock's until it is filled again, or NULL. */
const struct cover_packet *cover_take(struct cover *cover);

#endif
