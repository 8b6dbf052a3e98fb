/* A network in memory, with loss, delay, duplication and reordering drawn from a seed. */
#ifndef REUNION_TESTS_UNIT_LAN_NETWORK_H
#define REUNION_TESTS_UNIT_LAN_NETWORK_H

#include "base/stop.h"
#include "lan/node.h"
#include "lib/fake_time.h"
#include "lib/test.h"
#include "wire/sizes.h"

/* DESIGN: time is that of the next thing that happens: a datagram arrives, or a node has a turn.
 * Sessions are fake ones (lib/fake_session.h), and all is drawn from one seed. */

enum { NETWORK_MEMBERS = 32, NETWORK_MESSAGES = 64 };

struct network;

struct member {
    struct network *network;
    struct lan_node *node; /* NULL: not there */
    struct lan_settings settings;
    struct lan_source source;
    uint8_t payload[MESSAGE_BYTES];
    size_t message_count;
    char messages[NETWORK_MESSAGES][MESSAGE_BYTES + 1];
    size_t last_number;
    size_t sent; /* datagrams */
};

struct packet {
    int64_t at_ms;
    uint64_t order; /* among those of the same time */
    size_t to;
    struct lan_source from;
    uint8_t bytes[LAN_DATAGRAM_BYTES_MAX + 1];
    size_t length;
};

struct network {
    struct seeded seeded;
    struct random_source random;
    struct fake_time time;
    struct stop_source stop;
    int64_t now_ms;
    size_t lost_percent, doubled_percent;
    int64_t delay_ms, jitter_ms;
    struct member members[NETWORK_MEMBERS];
    size_t member_count;
    struct packet *packets;
    size_t packet_count, packet_room;
    uint64_t order;
    bool (*passes)(const uint8_t *bytes, size_t length); /* NULL: all; the rest is lost */
};

/* Begin with the state of a seed; nobody is there, and nothing is lost or late. */
void network_open(struct network *network, uint64_t seed);
void network_close(struct network *network);

/* Somebody comes. Returns: their number. */
size_t network_join(struct network *network, const char *passphrase, const char *message);
void network_leave(struct network *network, size_t member);

/* Let a datagram of a stranger reach a member now. */
void network_inject(struct network *network, size_t to, const struct lan_source *from,
                    const uint8_t *bytes, size_t length);

/* Let so much time pass. */
void network_pass(struct network *network, int64_t ms);

/* Let time pass until everybody has so many messages. Returns: false if they have not in `ms`. */
bool network_settle(struct network *network, size_t messages, int64_t ms);

/* How often a member was told a message. */
size_t member_saw(const struct member *member, const char *message);

#endif
