#include "world.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "wire/op.h"

enum { MIX_PORT = 5444 };

static void endpoint(struct mix_endpoint *at, uint8_t network, uint8_t host, uint16_t port)
{
    const uint8_t address[MIX_ADDRESS_BYTES] = {[10] = 0xff, 0xff, 10, 0, network, host};
    memcpy(at->address, address, sizeof address);
    at->port = port;
}

static void path_from(struct datagram_path *path, const struct mix_endpoint *at)
{
    *path = (struct datagram_path){.socket = 7};
    path->peer.v4.sin_family = AF_INET;
    path->peer.v4.sin_port = htons(at->port);
    memcpy(&path->peer.v4.sin_addr, at->address + 12, 4);
}

static void keep(void *context, struct datagrams *datagrams)
{
    struct world *world = context;
    world->calls++;
    for (size_t i = 0; i < datagrams->count; i++) {
        assert_true(world->sent_count < WORLD_SENT_MAX);
        world->sent[world->sent_count++] = datagrams->items[i];
    }
}

struct node_settings world_settings(void)
{
    return (struct node_settings){
        .batch = 4,
        .interval_ms = 250,
        .clients_max = 64,
        .requests_max = 16,
        .copies_max = 16,
        .tags_max = 100000,
        .sessions = {.burst = 1, .clients_max = 64},
    };
}

void world_open(struct world *world, size_t count, const struct node_settings *settings)
{
    struct node_settings own = *settings;
    assert_int_equal(secret_init(), 0);
    memset(world, 0, sizeof *world);
    world->time = (struct fake_time){.wall_s = WORLD_TIME, .monotonic_ms = 1000};
    world->clock = fake_time_clock(&world->time);
    world->seeded = seeded_open();
    world->random = seeded_source(&world->seeded);
    world->count = world->net.mix_count = count;
    world->sent = calloc(WORLD_SENT_MAX, sizeof *world->sent);
    assert_non_null(world->sent);
    for (size_t i = 0; i < count; i++) {
        box_pair(world->identities[i].public_key, world->identities[i].secret, &world->random);
        endpoint(&world->net.mixes[i].at, 0, (uint8_t)(i + 1), MIX_PORT);
        memcpy(world->net.mixes[i].key, world->identities[i].public_key, BOX_KEY_BYTES);
    }
    world->net.server_count = 1;
    endpoint(&world->net.servers[0].at, 1, 1, WORLD_SERVER_PORT);
    box_pair(world->server.public_key, world->server.secret, &world->random);
    memcpy(world->net.servers[0].key, world->server.public_key, BOX_KEY_BYTES);
    own.send = keep;
    own.context = world;
    own.clock = &world->clock;
    own.random = &world->random;
    for (size_t i = 0; i < count; i++) {
        own.identity = &world->identities[i];
        assert_int_equal(node_new(&world->nodes[i], &own, &world->net), 0);
        node_set_sockets(world->nodes[i], (int)i, -1);
    }
}

void world_close(struct world *world)
{
    for (size_t i = 0; i < world->count; i++)
        node_free(world->nodes[i]);
    free(world->sent);
}

void world_pass(struct world *world, int64_t ms)
{
    world->time.monotonic_ms += ms;
    world->time.wall_s += ms / 1000;
    for (size_t i = 0; i < world->count; i++)
        node_tick(world->nodes[i]);
}

static bool is_at(const struct datagram *datagram, const struct mix_endpoint *at)
{
    return datagram->path.peer.v4.sin_port == htons(at->port) &&
           memcmp(&datagram->path.peer.v4.sin_addr, at->address + 12, 4) == 0;
}

bool world_is_for_mix(const struct world *world, const struct datagram *datagram, size_t i)
{
    return is_at(datagram, &world->net.mixes[i].at);
}

bool world_is_for_server(const struct datagram *datagram)
{
    struct mix_endpoint at;
    endpoint(&at, 1, 1, WORLD_SERVER_PORT);
    return is_at(datagram, &at);
}

void world_carry(struct world *world)
{
    struct datagram *sent = world->sent;
    size_t count = world->sent_count;
    world->sent = calloc(WORLD_SENT_MAX, sizeof *world->sent);
    assert_non_null(world->sent);
    world->sent_count = 0;
    for (size_t i = 0; i < count; i++) {
        size_t to = 0;
        while (to < world->count && !world_is_for_mix(world, &sent[i], to))
            to++;
        if (to == world->count) {
            world->sent[world->sent_count++] = sent[i];
            continue;
        }
        /* Its socket is the number of the mix that sent it. */
        path_from(&sent[i].path, &world->net.mixes[sent[i].path.socket].at);
        node_take(world->nodes[to], &sent[i]);
    }
    free(sent);
}

void world_route(const struct world *world, struct mix_hop *hops, const size_t *mixes, size_t count,
                 enum mix_kind kind)
{
    uint32_t window = mix_window_of(world->time.wall_s);
    for (size_t i = 0; i < count; i++) {
        memcpy(hops[i].public_key, world->net.mixes[mixes[i]].key, MIX_KEY_BYTES);
        hops[i].command = (struct mix_command){.kind = (uint8_t)kind, .window = window};
        if (i + 1 == count)
            break;
        const struct mix_endpoint *next = &world->net.mixes[mixes[i + 1]].at;
        hops[i].command.kind = MIX_FORWARD;
        hops[i].command.port = next->port;
        memcpy(hops[i].command.address, next->address, sizeof next->address);
    }
}

void world_client_open(struct world *world, struct world_client *client, size_t mix, uint16_t port)
{
    client->mix = mix;
    client->port = port;
    assert_int_equal(box_packet_key_make(&client->key, world->net.mixes[mix].key, &world->random),
                     0);
}

void world_client_seal(struct world *world, struct world_client *client, struct datagram *datagram,
                       const uint8_t packet[static MIX_PACKET_BYTES])
{
    uint8_t q[1 + MIX_PACKET_BYTES] = {OP_MIX};
    struct mix_endpoint from;
    endpoint(&from, 2, 1, client->port);
    memcpy(q + 1, packet, MIX_PACKET_BYTES);
    path_from(&datagram->path, &from);
    datagram->bytes = BOX_PACKET_BYTES;
    assert_int_equal(box_request_seal(&client->key, datagram->data, datagram->bytes, client->a, q,
                                      sizeof q, &world->random),
                     0);
}

void world_client_send(struct world *world, struct world_client *client,
                       const uint8_t packet[static MIX_PACKET_BYTES])
{
    struct datagram datagram;
    world_client_seal(world, client, &datagram, packet);
    node_take(world->nodes[client->mix], &datagram);
}

void world_packet_of(struct world *world, uint8_t packet[static MIX_PACKET_BYTES],
                     const size_t *mixes, size_t count, enum mix_kind kind, const uint8_t *content,
                     size_t bytes)
{
    struct mix_hop hops[MIX_HOPS_MAX];
    world_route(world, hops, mixes, count, kind);
    assert_int_equal(mix_packet_make(packet, hops, count, content, bytes, &world->random), 0);
}

void world_packet(struct world *world, uint8_t packet[static MIX_PACKET_BYTES], const size_t *mixes,
                  size_t count, enum mix_kind kind)
{
    struct mix_hop hops[MIX_HOPS_MAX];
    world_route(world, hops, mixes, count, kind);
    assert_int_equal(mix_packet_make(packet, hops, count, NULL, 0, &world->random), 0);
}

void world_request(struct world *world, struct world_client *client,
                   uint8_t packet[static MIX_PACKET_BYTES], const size_t *out, size_t out_count,
                   const size_t *back, size_t back_count, struct mix_surb_secrets *secrets,
                   uint8_t a[static BOX_PACKET_A_BYTES])
{
    struct mix_hop hops[MIX_HOPS_MAX];
    struct mix_exit request;
    uint8_t content[MIX_EXIT_BYTES];
    world_route(world, hops, back, back_count, MIX_REPLY);
    mix_handle(hops[back_count - 1].command.address, client->key.client_session);
    assert_int_equal(mix_surb_make(request.surb, secrets, &world->net.mixes[back[0]].at, hops,
                                   back_count, &world->random),
                     0);
    request.server = world->net.servers[0].at;
    random_fill(&world->random, request.request, sizeof request.request);
    memcpy(a, request.request + BOX_KEY_BYTES, BOX_PACKET_A_BYTES);
    mix_exit_write(content, &request);
    world_route(world, hops, out, out_count, MIX_EXIT);
    assert_int_equal(
        mix_packet_make(packet, hops, out_count, content, sizeof content, &world->random), 0);
}

void world_from_server(struct world *world, size_t mix, struct datagram *datagram,
                       uint16_t from_port)
{
    struct mix_endpoint from;
    endpoint(&from, 1, 1, from_port);
    path_from(&datagram->path, &from);
    node_take(world->nodes[mix], datagram);
}

void world_answer(struct world *world, size_t mix, const uint8_t a[static BOX_PACKET_A_BYTES],
                  uint16_t from_port)
{
    struct datagram datagram = {.bytes = BOX_PACKET_SHORT_BYTES};
    memcpy(datagram.data, a, BOX_PACKET_A_BYTES);
    memset(datagram.data + BOX_PACKET_A_BYTES, 0x5a, BOX_PACKET_SHORT_BYTES - BOX_PACKET_A_BYTES);
    world_from_server(world, mix, &datagram, from_port);
}
