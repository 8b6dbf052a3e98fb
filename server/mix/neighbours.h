/* Whom a mix knows: the other mixes, with a session key for each, and the servers. */
#ifndef REUNION_SERVER_MIX_NEIGHBOURS_H
#define REUNION_SERVER_MIX_NEIGHBOURS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/random.h"
#include "box/packet.h"
#include "mix/packet.h"
#include "json/net_file.h"

/* DESIGN: the net file says to whom a mix may send. A session (EC) with each other mix lasts one
 * window, so that what a mix sends looks like what a client sends. Session keys are in guarded
 * memory. A list is searched from its beginning: it has at most NET_MIXES_MAX entries, and an
 * X25519 takes longer than all of them. One thread. */

struct neighbour {
    struct mix_endpoint at;
    uint8_t public_key[MIX_KEY_BYTES];
    bool is_self;
    bool has_key;
    uint32_t window; /* of the key */
};

struct neighbours {
    struct neighbour mixes[NET_MIXES_MAX];
    struct mix_endpoint servers[NET_SERVERS_MAX];
    uint8_t server_keys[NET_SERVERS_MAX][BOX_KEY_BYTES];
    size_t mix_count, server_count;
    size_t others;               /* mixes but this one */
    struct box_packet_key *keys; /* one for each mix */
};

/* Take over a net file, in the place of what `neighbours` has or zeros; `own` is this mix's public
 * key. Returns: 0, -ENOMEM (`neighbours` is untouched). */
MUST_CHECK int neighbours_set(struct neighbours *neighbours, const struct net_file *net,
                              const uint8_t own[static MIX_KEY_BYTES]);

/* Wipe and release. Zeros are fine. */
void neighbours_free(struct neighbours *neighbours);

/* The mix that is at an address and port, or NULL. */
struct neighbour *neighbours_mix_at(struct neighbours *neighbours, const struct mix_endpoint *at);

/* Whether this mix is in the list. */
bool neighbours_have_self(const struct neighbours *neighbours);

/* Whether packets from an address, whatever its port, may be a mix's. */
bool neighbours_have_address(const struct neighbours *neighbours,
                             const uint8_t address[static MIX_ADDRESS_BYTES]);

bool neighbours_have_server(const struct neighbours *neighbours, const struct mix_endpoint *at);

/* Whether the server there has this key. */
bool neighbours_have_server_key(const struct neighbours *neighbours, const struct mix_endpoint *at,
                                const uint8_t key[static BOX_KEY_BYTES]);

/* Make new session keys with those mixes whose key is not of this window. */
void neighbours_renew(struct neighbours *neighbours, uint32_t window,
                      const struct random_source *random);

/* Make the datagram that brings a packet to another mix in this window; `random` is for what is
 * sent.
 * Returns: 0, -EBADMSG (there is no session key: neighbours_renew was not called in this window, or
 * its key has small order; the datagram is untouched). */
MUST_CHECK int neighbours_seal(struct neighbours *neighbours, struct neighbour *mix,
                               uint32_t window, uint8_t datagram[static BOX_PACKET_BYTES],
                               const uint8_t packet[static MIX_PACKET_BYTES],
                               const struct random_source *random);

#endif
