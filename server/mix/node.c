#include "mix/node.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffered_random.h"
#include "base/secret.h"
#include "daemon/client_address.h"
#include "mix/batch.h"
#include "mix/cover.h"
#include "mix/deliveries.h"
#include "mix/endpoint.h"
#include "mix/exits.h"
#include "mix/neighbours.h"
#include "mix/sessions.h"
#include "wire/op.h"

enum { STATUS_BYTES = 1, SWEEP_MS = 1000 };

_Static_assert((int)OP_MIX_PACKET_BYTES == (int)MIX_PACKET_BYTES, "what an op carries");
_Static_assert((int)MIX_REQUEST_BYTES == (int)BOX_PACKET_UNFILLED_BYTES, "what an exit fills");

struct node {
    struct node_settings settings;
    struct neighbours neighbours;
    struct sessions sessions;
    struct exits exits;
    struct deliveries deliveries;
    struct cover cover;
    struct batch batch;
    struct limiter limiter;
    struct buffered_random drawn; /* for what is sent, and for orders … */
    struct random_source random;  /* … as a source; keys come from the settings' */
    struct mix_replay *replay;
    struct tag_log *log; /* NULL: tags are kept in memory alone */
    int sockets[2];      /* of IP version 4, and 6 */
    uint32_t window;
    int64_t now_ms, leaves_ms, sweeps_ms;
    bool writes;
    uint64_t counts[NODE_COUNTS];
};

/* A packet that came, and whose it is. */
struct arrival {
    struct box_packet_key key;
    struct session *session; /* NULL: a new one */
    const struct datagram_path *path;
    uint8_t a[BOX_PACKET_A_BYTES];
    uint8_t q[BOX_PACKET_Q_BYTES_MAX];
};

static void count(struct node *node, enum node_count which)
{
    node->counts[which]++;
}

/* Opening and closing */

int node_new(struct node **made, const struct node_settings *settings, const struct net_file *net)
{
    INVARIANT(settings->minimum <= settings->batch && settings->interval_ms > 0);
    struct node *node = calloc(1, sizeof *node);
    if (!node)
        return -ENOMEM;
    node->settings = *settings;
    buffered_random_init(&node->drawn, settings->random);
    node->random = buffered_random_source(&node->drawn);
    node->sockets[0] = node->sockets[1] = -1;
    node->writes = true;
    node->now_ms = clock_monotonic_ms(settings->clock);
    node->leaves_ms = node->now_ms + settings->interval_ms;
    node->sweeps_ms = node->now_ms;
    int err = neighbours_set(&node->neighbours, net, settings->identity->public_key);
    if (!err)
        err = sessions_init(&node->sessions, settings->clients_max, settings->random);
    if (!err)
        err = exits_init(&node->exits, settings->requests_max, settings->random);
    if (!err)
        err = deliveries_init(&node->deliveries, settings->copies_max, settings->random);
    if (!err)
        err = cover_init(&node->cover, settings->minimum);
    if (!err)
        err = batch_init(&node->batch, settings->batch);
    if (!err)
        err = limiter_init(&node->limiter, &settings->sessions, settings->random);
    if (!err && !(node->replay = mix_replay_open(settings->tags_max, settings->random)))
        err = -ENOMEM;
    if (err)
        node_free(node);
    else
        *made = node;
    return err;
}

void node_free(struct node *node)
{
    if (!node)
        return;
    neighbours_free(&node->neighbours);
    sessions_free(&node->sessions);
    exits_free(&node->exits);
    deliveries_free(&node->deliveries);
    cover_free(&node->cover);
    batch_free(&node->batch);
    if (node->limiter.slots)
        limiter_free(&node->limiter);
    mix_replay_close(node->replay);
    secret_wipe(&node->drawn, sizeof node->drawn);
    free(node);
}

struct mix_replay *node_replay(struct node *node)
{
    return node->replay;
}

void node_set_log(struct node *node, struct tag_log *log)
{
    node->log = log;
}

void node_set_sockets(struct node *node, int v4, int v6)
{
    node->sockets[0] = v4;
    node->sockets[1] = v6;
}

bool node_is_listed(const struct node *node)
{
    return neighbours_have_self(&node->neighbours);
}

/* The window */

static void enter_window(struct node *node, uint32_t window)
{
    node->window = window;
    mix_replay_forget(node->replay, window);
    if (node->log)
        tag_log_set_window(node->log, window);
    neighbours_renew(&node->neighbours, window, node->settings.random);
    cover_fill(&node->cover, &node->neighbours, window, node->settings.random);
}

int node_set_net(struct node *node, const struct net_file *net)
{
    int err = neighbours_set(&node->neighbours, net, node->settings.identity->public_key);
    if (err)
        return err;
    cover_clear(&node->cover);
    enter_window(node, node->window);
    return 0;
}

/* Returns: the unix time, of whose window everything is. */
static int64_t look_at_clock(struct node *node)
{
    int64_t unix_s = clock_wall_s(node->settings.clock);
    uint32_t window = mix_window_of(unix_s);
    if (window != node->window)
        enter_window(node, window);
    node->now_ms = clock_monotonic_ms(node->settings.clock);
    return unix_s;
}

/* Leaving */

static void add_cover(struct node *node)
{
    const struct cover_packet *packet;
    while (node->batch.count < node->settings.minimum && (packet = cover_take(&node->cover))) {
        struct neighbour *first = &node->neighbours.mixes[packet->first];
        struct datagram *datagram = batch_add(&node->batch);
        if (!endpoint_path(&datagram->path, &first->at, node->sockets) ||
            neighbours_seal(&node->neighbours, first, node->window, datagram->data, packet->packet,
                            &node->random)) {
            batch_drop_newest(&node->batch);
            continue;
        }
        datagram->bytes = BOX_PACKET_BYTES;
        count(node, NODE_COVER_MADE);
    }
}

/* What a packet leads to leaves only when its tag cannot be lost any more. */
static void leave_once(struct node *node)
{
    node->writes = !node->log || tag_log_write(node->log) == 0;
    if (!node->writes) {
        node->counts[NODE_UNWRITTEN] += node->batch.count;
        batch_clear(&node->batch);
        deliveries_take_back(&node->deliveries);
        return;
    }
    deliveries_keep(&node->deliveries);
    deliveries_next_round(&node->deliveries);
    if (node->batch.count == 0)
        return;
    batch_leave(&node->batch, &node->random, node->settings.send, node->settings.context);
    count(node, NODE_BATCHES);
    cover_fill(&node->cover, &node->neighbours, node->window, node->settings.random);
}

/* A copy in the batch, if its server is still one of the net. */
static void add_copy(struct node *node, struct delivery *delivery)
{
    struct datagram *datagram = batch_add(&node->batch);
    if (!neighbours_have_server(&node->neighbours, &delivery->server) ||
        !endpoint_path(&datagram->path, &delivery->server, node->sockets)) {
        batch_drop_newest(&node->batch);
        deliveries_forget(&node->deliveries, delivery);
        count(node, NODE_DROP_NOWHERE);
        return;
    }
    datagram->bytes = BOX_PACKET_BYTES;
    bool is_first =
        deliveries_send(&node->deliveries, delivery, datagram->data, node->now_ms, &node->random);
    count(node, is_first ? NODE_COPIES : NODE_COPIES_REPEATED);
}

/* Add the copies that leave in this batch. If it is full by them it leaves, and another begins. */
static void add_copies(struct node *node)
{
    struct delivery *delivery;
    while ((delivery = deliveries_due(&node->deliveries))) {
        add_copy(node, delivery);
        if (node->batch.count == node->settings.batch)
            leave_once(node);
    }
}

static void leave(struct node *node)
{
    leave_once(node);
    add_copies(node);
}

/* One datagram of the batch is ready. */
static void datagram_is_ready(struct node *node)
{
    if (node->batch.count == node->settings.batch)
        leave(node);
}

void node_finish(struct node *node)
{
    for (int i = 0; i < DELIVERY_ROUNDS; i++) {
        if (node->batch.count > 0)
            add_cover(node);
        leave(node);
    }
}

void node_tick(struct node *node)
{
    (void)look_at_clock(node);
    if (node->now_ms >= node->leaves_ms) {
        int64_t late_ms = (node->now_ms - node->leaves_ms) % node->settings.interval_ms;
        node->leaves_ms = node->now_ms - late_ms + node->settings.interval_ms;
        if (node->settings.cover || node->batch.count > 0)
            add_cover(node);
        leave(node);
    }
    if (node->now_ms < node->sweeps_ms)
        return;
    node->sweeps_ms = node->now_ms + SWEEP_MS;
    node->counts[NODE_UNANSWERED] += exits_forget(&node->exits, node->now_ms);
    node->counts[NODE_UNANSWERED] +=
        deliveries_repeat(&node->deliveries, node->now_ms, &node->random);
    sessions_forget(&node->sessions, node->now_ms);
    limiter_sweep(&node->limiter, node->now_ms);
}

int64_t node_due_ms(const struct node *node)
{
    return node->leaves_ms < node->sweeps_ms ? node->leaves_ms : node->sweeps_ms;
}

/* Packets */

static void take_packet(struct node *node, const uint8_t packet[static MIX_PACKET_BYTES],
                        struct arrival *arrival, int64_t unix_s, unsigned depth);

/* To another mix; or, as a route may name this one twice in a row, to itself. */
static bool send_packet(struct node *node, const struct mix_endpoint *to,
                        const uint8_t packet[static MIX_PACKET_BYTES], int64_t unix_s,
                        unsigned depth)
{
    struct neighbour *mix = neighbours_mix_at(&node->neighbours, to);
    if (mix && mix->is_self) {
        take_packet(node, packet, NULL, unix_s, depth + 1);
        return false;
    }
    struct datagram *datagram = batch_add(&node->batch);
    if (!mix || !endpoint_path(&datagram->path, to, node->sockets) ||
        neighbours_seal(&node->neighbours, mix, node->window, datagram->data, packet,
                        &node->random)) {
        batch_drop_newest(&node->batch);
        count(node, NODE_DROP_NOWHERE);
        return false;
    }
    datagram->bytes = BOX_PACKET_BYTES;
    return true;
}

static void forward(struct node *node, const struct mix_unwrapped *unwrapped, int64_t unix_s,
                    unsigned depth)
{
    struct mix_endpoint to = {.port = unwrapped->command.port};
    memcpy(to.address, unwrapped->command.address, sizeof to.address);
    if (!send_packet(node, &to, unwrapped->packet, unix_s, depth))
        return;
    count(node, NODE_FORWARDED);
    datagram_is_ready(node);
}

static void ask_server(struct node *node, const struct mix_unwrapped *unwrapped)
{
    struct mix_exit request;
    mix_exit_read(&request, unwrapped->content);
    struct datagram *datagram = batch_add(&node->batch);
    if (!neighbours_have_server(&node->neighbours, &request.server) ||
        !endpoint_path(&datagram->path, &request.server, node->sockets) ||
        exits_add(&node->exits, &request, node->now_ms)) {
        batch_drop_newest(&node->batch);
        count(node, NODE_DROP_NOWHERE);
    } else {
        memcpy(datagram->data, request.request, sizeof request.request);
        box_request_fill(datagram->data, &node->random);
        datagram->bytes = BOX_PACKET_SHORT_BYTES;
        count(node, NODE_REQUESTS);
        datagram_is_ready(node);
    }
    secret_wipe(&request, sizeof request);
}

static void deliver(struct node *node, const struct mix_unwrapped *unwrapped)
{
    uint8_t p[STATUS_BYTES + MIX_ALPHA_BYTES + MIX_PAYLOAD_BYTES] = {OP_SUCCESS};
    const struct session *session = sessions_by_handle(&node->sessions, unwrapped->command.address);
    if (!session) {
        count(node, NODE_DROP_NOWHERE);
        return;
    }
    struct datagram *datagram = batch_add(&node->batch);
    memcpy(p + STATUS_BYTES, unwrapped->alpha, MIX_ALPHA_BYTES);
    memcpy(p + STATUS_BYTES + MIX_ALPHA_BYTES, mix_unwrapped_payload(unwrapped), MIX_PAYLOAD_BYTES);
    datagram->path = session->path;
    datagram->bytes = BOX_PACKET_BYTES;
    int err = box_answer_seal(sessions_key(&node->sessions, session), datagram->data,
                              BOX_PACKET_BYTES, session->a, p, sizeof p, &node->random);
    INVARIANT(!err);
    count(node, NODE_DELIVERIES);
    datagram_is_ready(node);
}

/* A group's message for several mailboxes. */
static void divide(struct node *node, const struct mix_unwrapped *unwrapped)
{
    struct group_division division;
    struct mix_endpoint server;
    int err = group_division_read(&division, unwrapped->content, unwrapped->content_bytes);
    if (err) {
        count(node, NODE_DROP_CONTENT);
        return;
    }
    memcpy(server.address, division.address, sizeof server.address);
    server.port = division.port;
    if (!neighbours_have_server_key(&node->neighbours, &server, division.server_public))
        count(node, NODE_DROP_NOWHERE);
    else if (deliveries_divide(&node->deliveries, &division, node->settings.random))
        count(node, NODE_DROP_BUSY);
    else
        count(node, NODE_DIVIDED);
    secret_wipe(&division, sizeof division);
    add_copies(node);
}

static void act(struct node *node, const struct mix_unwrapped *unwrapped, int64_t unix_s,
                unsigned depth)
{
    switch (unwrapped->command.kind) {
    case MIX_FORWARD:
        forward(node, unwrapped, unix_s, depth);
        break;
    case MIX_EXIT:
        ask_server(node, unwrapped);
        break;
    case MIX_REPLY:
        deliver(node, unwrapped);
        break;
    case MIX_DROP:
        count(node, NODE_COVER_TAKEN);
        break;
    case MIX_DIVIDE:
        divide(node, unwrapped);
        break;
    default:
        count(node, NODE_DROP_CONTENT);
    }
}

/* Whoever sent a packet that passed all checks is remembered. */
static void note_session(struct node *node, struct arrival *arrival)
{
    if (!arrival->session)
        arrival->session = sessions_add(&node->sessions, &arrival->key);
    sessions_note(&node->sessions, arrival->session, arrival->path, arrival->a, node->now_ms);
}

static enum node_count drop_for(int err)
{
    switch (err) {
    case -EKEYEXPIRED:
        return NODE_DROP_WINDOW;
    case -EEXIST:
        return NODE_DROP_REPLAY;
    case -ENOSPC:
    case -ENOMEM:
        return NODE_DROP_FULL;
    default:
        return NODE_DROP_CONTENT;
    }
}

/* Returns: 0, or as mix_packet_accept. */
static int accept_packet(struct node *node, struct mix_unwrapped *unwrapped, int64_t unix_s)
{
    int err = mix_packet_accept(unwrapped, node->replay, unix_s);
    bool is_kept = !err || err == -ENOTSUP || err == -EBADMSG;
    if (is_kept && node->log)
        tag_log_add(node->log, unwrapped->command.window, unwrapped->tag);
    return err;
}

/* `arrival` is NULL where this mix sent the packet itself. Each layer needs a header of its own, so
 * this ends after MIX_HOPS_MAX. */
static void take_packet(struct node *node, const uint8_t packet[static MIX_PACKET_BYTES],
                        struct arrival *arrival, int64_t unix_s, unsigned depth)
{
    struct mix_unwrapped unwrapped;
    if (depth >= MIX_HOPS_MAX ||
        mix_packet_unwrap(&unwrapped, node->settings.identity->secret, packet)) {
        count(node, NODE_DROP_UNREADABLE);
        return;
    }
    int err = accept_packet(node, &unwrapped, unix_s);
    if (err) {
        count(node, drop_for(err));
    } else {
        if (arrival)
            note_session(node, arrival);
        act(node, &unwrapped, unix_s, depth);
    }
    secret_wipe(&unwrapped, sizeof unwrapped);
}

/* Datagrams */

/* Whether a new session from there may cost an X25519. */
static bool may_begin(struct node *node, const struct datagram_path *path)
{
    static const struct proxies nobody;
    uint32_t retry_s;
    struct mix_endpoint from;
    struct peer_address peer = peer_address_of(&nobody, &path->peer.any);
    if (peer.kind != PEER_CLIENT)
        return true;
    endpoint_of_path(&from, path);
    if (neighbours_have_address(&node->neighbours, from.address))
        return true;
    struct client_address counted = client_address_counted(&peer.address);
    return limiter_take(&node->limiter, &counted, 1, node->now_ms, &retry_s) == 0;
}

static bool open_request(struct node *node, struct arrival *arrival,
                         const struct datagram *datagram)
{
    const uint8_t *session = box_request_session(datagram->data, datagram->bytes);
    const struct box_packet_key *key = &arrival->key;
    size_t bytes = 0;
    arrival->session = sessions_find(&node->sessions, session);
    if (arrival->session) {
        key = sessions_key(&node->sessions, arrival->session);
    } else if (!may_begin(node, &datagram->path)) {
        count(node, NODE_DROP_RATE);
        return false;
    } else if (box_packet_key_of(&arrival->key, node->settings.identity->secret, session)) {
        count(node, NODE_DROP_UNREADABLE);
        return false;
    }
    if (!box_request_open(key, arrival->q, &bytes, arrival->a, datagram->data, datagram->bytes) &&
        bytes == 1 + MIX_PACKET_BYTES && arrival->q[0] == OP_MIX)
        return true;
    count(node, NODE_DROP_UNREADABLE);
    return false;
}

static void take_request(struct node *node, const struct datagram *datagram, int64_t unix_s)
{
    struct arrival arrival;
    arrival.path = &datagram->path;
    if (open_request(node, &arrival, datagram))
        take_packet(node, arrival.q + 1, &arrival, unix_s, 0);
    secret_wipe(&arrival, sizeof arrival);
}

static void take_answer(struct node *node, const struct datagram *datagram, int64_t unix_s)
{
    uint8_t surb[MIX_SURB_BYTES], packet[MIX_PACKET_BYTES];
    struct mix_endpoint from, first;
    endpoint_of_path(&from, &datagram->path);
    if (!exits_take(&node->exits, surb, box_answer_a(datagram->data, datagram->bytes), &from)) {
        count(node, NODE_DROP_UNREADABLE);
        return;
    }
    int err = mix_surb_use(packet, &first, surb, datagram->data, datagram->bytes);
    INVARIANT(!err);
    count(node, NODE_ANSWERS);
    if (send_packet(node, &first, packet, unix_s, 0))
        datagram_is_ready(node);
    secret_wipe(surb, sizeof surb);
}

/* Returns: whether it is the answer to a copy. */
static bool take_receipt(struct node *node, const struct datagram *datagram)
{
    struct mix_endpoint from;
    endpoint_of_path(&from, &datagram->path);
    switch (deliveries_take_answer(&node->deliveries, datagram->data, &from, node->now_ms)) {
    case DELIVERIES_NO_ANSWER:
        return false;
    case DELIVERIES_ANSWERED:
        count(node, NODE_COPIES_ANSWERED);
        return true;
    case DELIVERIES_NOT_NOW:
        return true;
    }
    return false;
}

void node_take(struct node *node, const struct datagram *datagram)
{
    int64_t unix_s = look_at_clock(node);
    if (datagram->bytes == BOX_PACKET_BYTES) {
        if (!take_receipt(node, datagram))
            take_request(node, datagram, unix_s);
    } else if (datagram->bytes == BOX_PACKET_SHORT_BYTES) {
        take_answer(node, datagram, unix_s);
    } else {
        count(node, NODE_DROP_SIZE);
    }
}

/* What is counted */

void node_note_unsent(struct node *node, size_t unsent)
{
    node->counts[NODE_UNSENT] += unsent;
}

uint64_t node_count(const struct node *node, enum node_count which)
{
    return node->counts[which];
}

size_t node_tags(const struct node *node)
{
    return mix_replay_tags(node->replay);
}

bool node_writes(const struct node *node)
{
    return node->writes;
}
