#include <arpa/inet.h>
#include <string.h>

#include "base/err.h"
#include "base/secret.h"
#include "fuzz/target.h"
#include "group/delivery.h"
#include "mix/node.h"
#include "mix/packet.h"
#include "mix/surb.h"
#include "wire/op.h"

/* A mix, and datagrams that come to it. The first byte of the input chooses whence: a datagram as
 * it is from a client, from a server or from another mix, or a good packet whose command, and what
 * its payload begins with, is the rest. Whatever comes, the mix sends to nobody but the other mix,
 * the server, and the client that has sent. */

enum { PORT = 5444, CLIENT_HOST = 9, BATCHES = 2 };

enum from { FROM_CLIENT, FROM_SERVER, FROM_MIX, GOOD_PACKET, GOOD_ANSWER, FROMS };

static struct box_identity identity, other, server;
static struct net_file net;
static struct box_packet_key client;
static int64_t now_ms, wall_s = 1700000000;
static uint8_t asked[BOX_PACKET_A_BYTES]; /* a of the newest request to the server … */
static size_t asked_bytes;                /* … which has so many */

static int64_t read_wall(void *state)
{
    (void)state;
    return wall_s;
}

static int64_t read_monotonic(void *state)
{
    (void)state;
    return now_ms;
}

static const struct clock_source own_clock = {read_wall, read_monotonic, NULL};

static void fill(void *state, uint8_t *out, size_t bytes)
{
    uint64_t *next = state;
    for (size_t i = 0; i < bytes; i++) {
        *next = *next * 6364136223846793005u + 1442695040888963407u;
        out[i] = (uint8_t)(*next >> 56);
    }
}

static uint64_t random_state = 1;
static const struct random_source own_random = {fill, &random_state};

static void place(struct mix_endpoint *at, uint8_t host)
{
    const uint8_t address[MIX_ADDRESS_BYTES] = {[10] = 0xff, 0xff, 10, 0, 0, host};
    memcpy(at->address, address, sizeof address);
    at->port = PORT;
}

static void check_sent(void *context, struct datagrams *datagrams)
{
    (void)context;
    for (size_t i = 0; i < datagrams->count; i++) {
        const struct datagram *sent = &datagrams->items[i];
        uint8_t host = (uint8_t)ntohl(sent->path.peer.v4.sin_addr.s_addr);
        INVARIANT(sent->path.peer.any.sa_family == AF_INET);
        INVARIANT(ntohs(sent->path.peer.v4.sin_port) == PORT);
        INVARIANT(host == 2 || host == 3 || host == CLIENT_HOST);
        INVARIANT(sent->bytes == BOX_PACKET_BYTES ||
                  (host == 3 && sent->bytes == BOX_PACKET_SHORT_BYTES));
        if (host != 3)
            continue;
        memcpy(asked, sent->data + BOX_KEY_BYTES, sizeof asked);
        asked_bytes = sent->bytes;
    }
}

static void begin(void)
{
    INVARIANT(secret_init() == 0);
    box_pair(identity.public_key, identity.secret, &own_random);
    box_pair(other.public_key, other.secret, &own_random);
    box_pair(server.public_key, server.secret, &own_random);
    net.mix_count = 2;
    net.server_count = 1;
    place(&net.mixes[0].at, 1);
    place(&net.mixes[1].at, 2);
    place(&net.servers[0].at, 3);
    memcpy(net.mixes[0].key, identity.public_key, BOX_KEY_BYTES);
    memcpy(net.mixes[1].key, other.public_key, BOX_KEY_BYTES);
    memcpy(net.servers[0].key, server.public_key, BOX_KEY_BYTES);
    asked_bytes = BOX_PACKET_SHORT_BYTES;
    INVARIANT(box_packet_key_make(&client, identity.public_key, &own_random) == 0);
}

static void take_from(struct node *node, uint8_t host, struct datagram *datagram)
{
    datagram->path = (struct datagram_path){.socket = 3};
    datagram->path.peer.v4.sin_family = AF_INET;
    datagram->path.peer.v4.sin_port = htons(PORT);
    datagram->path.peer.v4.sin_addr.s_addr = htonl(0x0a000000u | host);
    node_take(node, datagram);
}

static void take_raw(struct node *node, enum from from, const uint8_t *data, size_t size)
{
    static const uint8_t hosts[] = {[FROM_CLIENT] = CLIENT_HOST, [FROM_SERVER] = 3, [FROM_MIX] = 2};
    struct datagram datagram = {.bytes = 0};
    if (from == GOOD_ANSWER) {
        datagram.bytes = asked_bytes;
        memcpy(datagram.data, data, size < datagram.bytes ? size : datagram.bytes);
        memcpy(datagram.data, asked, sizeof asked);
        from = FROM_SERVER;
    } else {
        /* Of the sizes that count, or as it is. */
        datagram.bytes = size > BOX_PACKET_BYTES ? BOX_PACKET_BYTES : size;
        memcpy(datagram.data, data, datagram.bytes);
        if (size % 3 > 0)
            datagram.bytes = size % 3 == 1 ? BOX_PACKET_BYTES : BOX_PACKET_SHORT_BYTES;
    }
    take_from(node, hosts[from], &datagram);
}

/* A message for mailboxes of the server, if the command's address says so. */
static void name_server(uint8_t content[static GROUP_DIVIDE_BYTES])
{
    const struct net_node *known = &net.servers[0];
    memcpy(content, known->at.address, MIX_ADDRESS_BYTES);
    content[MIX_ADDRESS_BYTES] = PORT >> 8;
    content[MIX_ADDRESS_BYTES + 1] = PORT & 0xff;
    memcpy(content + MIX_ADDRESS_BYTES + 2, known->key, BOX_KEY_BYTES);
}

static void take_packet(struct node *node, const uint8_t *data, size_t size)
{
    uint8_t command[MIX_COMMAND_BYTES] = {0}, q[1 + MIX_PACKET_BYTES] = {OP_MIX};
    uint8_t content[MIX_CONTENT_BYTES_MAX] = {0}, a[BOX_PACKET_A_BYTES];
    struct datagram datagram = {.bytes = BOX_PACKET_BYTES};
    struct mix_hop hop;
    size_t bytes = size < sizeof command ? size : sizeof command;
    memcpy(command, data, bytes);
    size_t rest = size - bytes < sizeof content ? size - bytes : sizeof content;
    memcpy(content, data + bytes, rest);
    mix_command_read(&hop.command, command);
    memcpy(hop.public_key, identity.public_key, sizeof hop.public_key);
    if (hop.command.kind == MIX_REPLY)
        mix_handle(hop.command.address, client.client_session);
    hop.command.window = mix_window_of(wall_s) + hop.command.window % 4 - 1;
    size_t length = hop.command.kind == MIX_EXIT ? MIX_EXIT_BYTES : rest;
    if (hop.command.kind == MIX_DIVIDE && hop.command.address[0] == 1) {
        name_server(content);
        length = GROUP_DIVIDE_BYTES;
    }
    INVARIANT(mix_packet_make(q + 1, &hop, 1, content, length, &own_random) == 0);
    INVARIANT(
        box_request_seal(&client, datagram.data, datagram.bytes, a, q, sizeof q, &own_random) == 0);
    take_from(node, CLIENT_HOST, &datagram);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct node *node = NULL;
    if (net.mix_count == 0)
        begin();
    const struct node_settings settings = {
        .identity = &identity,
        .batch = BATCHES,
        .interval_ms = 1,
        .clients_max = 16,
        .requests_max = 16,
        .copies_max = 16,
        .tags_max = 64,
        .sessions = {.burst = 1, .clients_max = 8},
        .send = check_sent,
        .clock = &own_clock,
        .random = &own_random,
    };
    INVARIANT(node_new(&node, &settings, &net) == 0);
    node_set_sockets(node, 3, -1);
    /* Pieces of the input, each with its kind and its length. */
    while (size >= 3) {
        enum from from = data[0] % FROMS;
        size_t bytes = (size_t)data[1] << 8 | data[2];
        data += 3;
        size -= 3;
        bytes = bytes < size ? bytes : size;
        if (from == GOOD_PACKET)
            take_packet(node, data, bytes);
        else
            take_raw(node, from, data, bytes);
        data += bytes;
        size -= bytes;
        now_ms++;
        node_tick(node);
    }
    node_finish(node);
    node_free(node);
    return 0;
}
