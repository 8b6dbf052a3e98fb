/* Mixes and a server in memory, behind sockets of this process, for a chain without its thread. */
#ifndef REUNION_TESTS_UNIT_UDP_MIX_WORLD_H
#define REUNION_TESTS_UNIT_UDP_MIX_WORLD_H

#include <netinet/in.h>

#include "lib/fake_time.h"
#include "udp/mix_inside.h"

enum { WORLD_MIXES = 3, WORLD_ARRIVED_MAX = 4096 };

/* A packet that came to the first mix of its route. */
struct world_arrived {
    size_t mix;
    enum mix_kind kind; /* at its last mix */
    uint8_t session[BOX_KEY_BYTES];
    int64_t at_ms;
};

struct world {
    struct net_file net;
    int sockets[WORLD_MIXES];
    uint8_t secrets[WORLD_MIXES][MIX_KEY_BYTES];
    uint8_t server_secret[BOX_KEY_BYTES];
    struct fake_time time;
    struct clock_source clock;
    struct mix_chain chain;
    bool silent[WORLD_MIXES]; /* drops everything */
    struct world_arrived arrived[WORLD_ARRIVED_MAX];
    size_t arrived_count;
    size_t asked;                       /* requests that the server has answered */
    size_t divided;                     /* packets of kind 4, the last of which … */
    size_t divided_at;                  /* … came to this mix, and … */
    uint8_t division[MIX_DIVIDE_BYTES]; /* … had this content */
    bool holds;                         /* the last answer is kept back until world_release */
    size_t held_at;                     /* the mix that it is to be delivered by, and … */
    uint8_t held[BOX_PACKET_BYTES];
    struct sockaddr_in held_to;
    bool has_held;
};

/* A chain of mean gaps of `cover_ms` (0: no cover), with `random`, in a world where all is well. */
void world_open(struct world *world, int64_t cover_ms, const struct random_source *random);
void world_close(struct world *world);

/* Let time pass on the monotonic clock and on the wall clock. */
void world_pass(struct world *world, int64_t ms);

/* Do what is due, let the mixes deal with all that came, and take what they deliver. Returns: in
 * how many ms something is due again, or -1. */
int64_t world_turn(struct world *world);

/* Deliver what was kept back. */
void world_release(struct world *world);

#endif
