/* Mixes in memory: nodes without sockets, clocks that only tests move, and all that they send. */
#ifndef REUNION_TESTS_UNIT_SERVER_MIX_WORLD_H
#define REUNION_TESTS_UNIT_SERVER_MIX_WORLD_H

#include "lib/fake_time.h"
#include "lib/test.h"
#include "mix/node.h"
#include "mix/packet.h"
#include "mix/surb.h"

enum {
    WORLD_MIXES_MAX = 5,
    WORLD_SENT_MAX = 4096,
    WORLD_TIME = 1700000000,
    WORLD_SERVER_PORT = 5443,
    WORLD_CLIENT_PORT = 40000, /* and the next ones */
};

struct world {
    struct fake_time time;
    struct clock_source clock;
    struct seeded seeded;
    struct random_source random;
    size_t count;
    struct net_file net;
    struct box_identity identities[WORLD_MIXES_MAX];
    struct box_identity server;
    struct node *nodes[WORLD_MIXES_MAX];
    size_t calls;          /* of `send` */
    struct datagram *sent; /* in the order in which it left, of all mixes */
    size_t sent_count;
};

/* Settings for a test to change: batches of 4, no cover, 250 ms. */
struct node_settings world_settings(void);

/* Begin `count` mixes and a server, mix i at 10.0.0.(i + 1), the server at 10.0.1.1. */
void world_open(struct world *world, size_t count, const struct node_settings *settings);
void world_close(struct world *world);

/* Let time pass, and every mix do what is due. */
void world_pass(struct world *world, int64_t ms);

/* Bring what was sent to the mixes that it is for; the rest stays in `sent`. */
void world_carry(struct world *world);

/* Whether a datagram that was sent is for mix `i`; for the server. */
bool world_is_for_mix(const struct world *world, const struct datagram *datagram, size_t i);
bool world_is_for_server(const struct datagram *datagram);

/* Hops over mixes, the last one's command of `kind`. */
void world_route(const struct world *world, struct mix_hop *hops, const size_t *mixes, size_t count,
                 enum mix_kind kind);

/* Somebody with a session with one mix. */
struct world_client {
    struct box_packet_key key;
    size_t mix;
    uint16_t port;
    uint8_t a[BOX_PACKET_A_BYTES]; /* of the newest packet */
};

void world_client_open(struct world *world, struct world_client *client, size_t mix, uint16_t port);

/* The datagram with a packet, and hand it to the mix. */
void world_client_seal(struct world *world, struct world_client *client, struct datagram *datagram,
                       const uint8_t packet[static MIX_PACKET_BYTES]);
void world_client_send(struct world *world, struct world_client *client,
                       const uint8_t packet[static MIX_PACKET_BYTES]);

/* A packet over these mixes; the other has no content. */
void world_packet_of(struct world *world, uint8_t packet[static MIX_PACKET_BYTES],
                     const size_t *mixes, size_t count, enum mix_kind kind, const uint8_t *content,
                     size_t bytes);
void world_packet(struct world *world, uint8_t packet[static MIX_PACKET_BYTES], const size_t *mixes,
                  size_t count, enum mix_kind kind);

/* A packet for the server by an exit, with a SURB of the client over mixes; `request` has a. */
void world_request(struct world *world, struct world_client *client,
                   uint8_t packet[static MIX_PACKET_BYTES], const size_t *out, size_t out_count,
                   const size_t *back, size_t back_count, struct mix_surb_secrets *secrets,
                   uint8_t a[static BOX_PACKET_A_BYTES]);

/* A datagram from the server's address and some port comes to a mix. */
void world_from_server(struct world *world, size_t mix, struct datagram *datagram,
                       uint16_t from_port);

/* The server's answer to the request with this a, as it comes to mix `mix`. */
void world_answer(struct world *world, size_t mix, const uint8_t a[static BOX_PACKET_A_BYTES],
                  uint16_t from_port);

#endif
