/* Routes for the tests of the mix chain: mixes with keys, and what each makes of a packet. */
#ifndef REUNION_TESTS_UNIT_MIX_ROUTE_H
#define REUNION_TESTS_UNIT_MIX_ROUTE_H

#include "base/random.h"
#include "mix/packet.h"

enum { ROUTE_WINDOW = 2833000 };
#define ROUTE_TIME ((int64_t)ROUTE_WINDOW * MIX_WINDOW_S)

struct route {
    size_t count;
    uint8_t secrets[MIX_HOPS_MAX][MIX_KEY_BYTES];
    struct mix_hop hops[MIX_HOPS_MAX];
};

/* A route of `count` fresh mixes, whose last one is told `kind`. */
struct route route_make(size_t count, enum mix_kind kind, const struct random_source *random);

/* What hop `hop` does with a packet at ROUTE_TIME, if it has no tags. */
int route_receive(struct mix_unwrapped *unwrapped, const struct route *route, size_t hop,
                  const uint8_t packet[static MIX_PACKET_BYTES]);

#endif
