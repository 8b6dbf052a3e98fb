#include "mix_world.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/secret.h"
#include "lib/test.h"
#include "mix/packet.h"
#include "wire/op.h"

enum { SESSIONS_MAX = 8, START_S = 1800000000 };

/* A client's sessions with a mix, the newest at the end. */
static struct session {
    uint8_t handle[MIX_HANDLE_BYTES];
    struct box_packet_key key;
    uint8_t a[BOX_PACKET_A_BYTES];
    struct sockaddr_in from;
} sessions[WORLD_MIXES][SESSIONS_MAX];
static size_t session_count[WORLD_MIXES];

/* The nodes */

static void put_node(struct net_node *node, const char *name, uint16_t port,
                     const uint8_t key[static BOX_KEY_BYTES])
{
    char text[NET_ADDRESS_TEXT_BYTES];
    snprintf(node->name, sizeof node->name, "%s", name);
    snprintf(text, sizeof text, "127.0.0.1:%u", (unsigned)port);
    assert_int_equal(net_address_parse(&node->at, text), 0);
    memcpy(node->key, key, BOX_KEY_BYTES);
}

static void open_mix(struct world *world, size_t i)
{
    uint8_t key[BOX_KEY_BYTES];
    char name[8];
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t bytes = sizeof at;
    world->sockets[i] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(world->sockets[i], (const struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(getsockname(world->sockets[i], (struct sockaddr *)&at, &bytes), 0);
    box_pair(key, world->secrets[i], &random_system);
    snprintf(name, sizeof name, "m%zu", i);
    put_node(&world->net.mixes[i], name, ntohs(at.sin_port), key);
    session_count[i] = 0;
}

/* As mix_chain_open, but for the thread: what it would do, world_turn does. */
static void open_chain(struct world *world, int64_t cover_ms, const struct random_source *random)
{
    struct mix_chain *chain = &world->chain;
    *chain = (struct mix_chain){.settings = {.net = &world->net,
                                             .cover_ms = cover_ms,
                                             .patience_ms = MIX_PATIENCE_MS,
                                             .random = random,
                                             .clock = &world->clock}};
    assert_int_equal(pthread_mutex_init(&chain->lock, NULL), 0);
    mix_routes_init(&chain->routes, WORLD_MIXES, &(struct mix_route){.count = 0});
    for (size_t i = 0; i < WORLD_MIXES; i++)
        mix_entry_init(&chain->entries[i], &world->net.mixes[i]);
    assert_int_equal(mix_surbs_open(&chain->surbs), 0);
    chain->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    assert_true(chain->wake >= 0);
}

void world_open(struct world *world, int64_t cover_ms, const struct random_source *random)
{
    uint8_t key[BOX_KEY_BYTES];
    *world = (struct world){.time = {.wall_s = START_S, .monotonic_ms = 1000}};
    world->clock = fake_time_clock(&world->time);
    for (size_t i = 0; i < WORLD_MIXES; i++)
        open_mix(world, i);
    box_pair(key, world->server_secret, &random_system);
    put_node(&world->net.servers[0], "meet", 1, key);
    world->net.mix_count = WORLD_MIXES;
    world->net.server_count = 1;
    open_chain(world, cover_ms, random);
}

void world_close(struct world *world)
{
    for (size_t i = 0; i < WORLD_MIXES; i++) {
        mix_entry_close(&world->chain.entries[i]);
        close(world->sockets[i]);
    }
    mix_surbs_close(&world->chain.surbs);
    close(world->chain.wake);
    pthread_mutex_destroy(&world->chain.lock);
}

void world_pass(struct world *world, int64_t ms)
{
    int64_t before_s = world->time.monotonic_ms / 1000;
    world->time.monotonic_ms += ms;
    world->time.wall_s += world->time.monotonic_ms / 1000 - before_s;
}

/* What they do */

static size_t find_mix(const struct world *world, const uint8_t address[static MIX_ADDRESS_BYTES],
                       uint16_t port)
{
    for (size_t i = 0; i < WORLD_MIXES; i++)
        if (world->net.mixes[i].at.port == port &&
            memcmp(world->net.mixes[i].at.address, address, MIX_ADDRESS_BYTES) == 0)
            return i;
    fail_msg("no such mix");
    return 0;
}

static void deliver(struct world *world, size_t mix, const struct mix_unwrapped *unwrapped)
{
    uint8_t p[1 + MIX_ALPHA_BYTES + MIX_PAYLOAD_BYTES] = {OP_SUCCESS}, datagram[BOX_PACKET_BYTES];
    const struct session *to = NULL;
    for (size_t i = 0; i < session_count[mix]; i++)
        if (memcmp(sessions[mix][i].handle, unwrapped->command.address, MIX_HANDLE_BYTES) == 0)
            to = &sessions[mix][i];
    assert_non_null(to);
    memcpy(p + 1, unwrapped->alpha, MIX_ALPHA_BYTES);
    memcpy(p + 1 + MIX_ALPHA_BYTES, mix_unwrapped_payload(unwrapped), MIX_PAYLOAD_BYTES);
    assert_int_equal(
        box_answer_seal(&to->key, datagram, sizeof datagram, to->a, p, sizeof p, &random_system),
        0);
    if (world->holds) {
        memcpy(world->held, datagram, sizeof datagram);
        world->held_to = to->from;
        world->held_at = mix;
        world->has_held = true;
        return;
    }
    assert_int_equal(sendto(world->sockets[mix], datagram, sizeof datagram, 0,
                            (const struct sockaddr *)&to->from, sizeof to->from),
                     sizeof datagram);
}

static enum mix_kind carry(struct world *world, size_t mix, const uint8_t *packet);

/* The server says "not found" to everything. */
static void answer(struct world *world, const uint8_t content[static MIX_EXIT_BYTES])
{
    struct mix_exit asked;
    struct box_packet_key key;
    struct mix_endpoint first;
    uint8_t filled[BOX_PACKET_SHORT_BYTES] = {0}, back[BOX_PACKET_SHORT_BYTES];
    uint8_t q[BOX_PACKET_Q_BYTES_MAX], a[BOX_PACKET_A_BYTES], packet[MIX_PACKET_BYTES];
    size_t q_bytes;
    mix_exit_read(&asked, content);
    assert_int_equal(asked.server.port, world->net.servers[0].at.port);
    memcpy(filled, asked.request, sizeof asked.request);
    assert_int_equal(box_packet_key_of(&key, world->server_secret, filled), 0);
    assert_int_equal(box_request_open(&key, q, &q_bytes, a, filled, sizeof filled), 0);
    assert_int_equal(box_answer_seal(&key, back, sizeof back, a, (const uint8_t[]){OP_NOT_FOUND}, 1,
                                     &random_system),
                     0);
    world->asked++;
    assert_int_equal(mix_surb_use(packet, &first, asked.surb, back, sizeof back), 0);
    carry(world, find_mix(world, first.address, first.port), packet);
}

/* Take a packet all its way. Returns: its kind at the last mix, or that of where it is dropped. */
static enum mix_kind carry(struct world *world, size_t mix, const uint8_t *packet)
{
    struct mix_unwrapped unwrapped;
    const uint8_t *content;
    size_t bytes;
    assert_int_equal(mix_packet_unwrap(&unwrapped, world->secrets[mix], packet), 0);
    assert_int_equal(mix_window_check(unwrapped.command.window, world->time.wall_s), 0);
    enum mix_kind kind = (enum mix_kind)unwrapped.command.kind;
    if (world->silent[mix])
        return kind;
    if (kind == MIX_FORWARD)
        return carry(world, find_mix(world, unwrapped.command.address, unwrapped.command.port),
                     unwrapped.packet);
    if (kind == MIX_REPLY)
        deliver(world, mix, &unwrapped);
    if (kind == MIX_EXIT) {
        assert_int_equal(mix_content_find(&content, &bytes, mix_unwrapped_payload(&unwrapped)), 0);
        assert_int_equal(bytes, MIX_EXIT_BYTES);
        answer(world, content);
    }
    if (kind == MIX_DIVIDE) {
        assert_int_equal(mix_content_find(&content, &bytes, mix_unwrapped_payload(&unwrapped)), 0);
        assert_int_equal(bytes, MIX_DIVIDE_BYTES);
        memcpy(world->division, content, bytes);
        world->divided_at = mix;
        world->divided++;
    }
    return kind;
}

static struct session *session_of(struct world *world, size_t mix, const uint8_t *datagram)
{
    const uint8_t *public_key = box_request_session(datagram, BOX_PACKET_BYTES);
    for (size_t i = 0; i < session_count[mix]; i++)
        if (memcmp(sessions[mix][i].key.client_session, public_key, BOX_KEY_BYTES) == 0)
            return &sessions[mix][i];
    if (session_count[mix] == SESSIONS_MAX)
        memmove(sessions[mix], sessions[mix] + 1, --session_count[mix] * sizeof *sessions[mix]);
    struct session *made = &sessions[mix][session_count[mix]++];
    assert_int_equal(box_packet_key_of(&made->key, world->secrets[mix], public_key), 0);
    mix_handle(made->handle, public_key);
    return made;
}

/* Returns: whether something had come. */
static bool take(struct world *world, size_t mix)
{
    uint8_t datagram[BOX_PACKET_BYTES + 1], q[BOX_PACKET_Q_BYTES_MAX];
    size_t q_bytes;
    struct sockaddr_in from;
    socklen_t from_bytes = sizeof from;
    ssize_t bytes = recvfrom(world->sockets[mix], datagram, sizeof datagram, 0,
                             (struct sockaddr *)&from, &from_bytes);
    if (bytes < 0)
        return false;
    assert_int_equal(bytes, BOX_PACKET_BYTES);
    struct session *session = session_of(world, mix, datagram);
    session->from = from;
    assert_int_equal(
        box_request_open(&session->key, q, &q_bytes, session->a, datagram, (size_t)bytes), 0);
    assert_int_equal(q_bytes, 1 + MIX_PACKET_BYTES);
    assert_int_equal(q[0], OP_MIX);
    assert_true(world->arrived_count < WORLD_ARRIVED_MAX);
    struct world_arrived *arrived = &world->arrived[world->arrived_count++];
    *arrived = (struct world_arrived){.mix = mix, .at_ms = world->time.monotonic_ms};
    memcpy(arrived->session, session->key.client_session, BOX_KEY_BYTES);
    arrived->kind = carry(world, mix, q + 1);
    return true;
}

int64_t world_turn(struct world *world)
{
    pthread_mutex_lock(&world->chain.lock);
    int64_t next_ms = mix_do_due(&world->chain);
    for (size_t i = 0; i < WORLD_MIXES; i++)
        while (take(world, i))
            continue;
    for (size_t i = 0; i < WORLD_MIXES; i++)
        mix_take_deliveries(&world->chain, i);
    pthread_mutex_unlock(&world->chain.lock);
    return next_ms;
}

void world_release(struct world *world)
{
    assert_true(world->has_held);
    world->has_held = world->holds = false;
    assert_int_equal(sendto(world->sockets[world->held_at], world->held, sizeof world->held, 0,
                            (const struct sockaddr *)&world->held_to, sizeof world->held_to),
                     sizeof world->held);
}
