#include "network.h"

#include <stdlib.h>
#include <string.h>

void network_open(struct network *network, uint64_t seed)
{
    memset(network, 0, sizeof *network);
    network->seeded.state = seed;
    network->random = seeded_source(&network->seeded);
    network->stop = fake_time_stop(&network->time);
    network->now_ms = 1000;
}

void network_close(struct network *network)
{
    for (size_t i = 0; i < network->member_count; i++)
        network_leave(network, i);
    free(network->packets);
}

static void put(struct network *network, size_t to, const struct lan_source *from,
                const uint8_t *bytes, size_t length, int64_t at_ms)
{
    if (network->packet_count == network->packet_room) {
        network->packet_room = network->packet_room ? 2 * network->packet_room : 64;
        network->packets =
            reallocarray(network->packets, network->packet_room, sizeof *network->packets);
        assert_non_null(network->packets);
    }
    assert_in_range(length, 0, sizeof network->packets->bytes);
    struct packet *packet = &network->packets[network->packet_count++];
    *packet = (struct packet){
        .at_ms = at_ms, .order = network->order++, .to = to, .from = *from, .length = length};
    memcpy(packet->bytes, bytes, length);
}

void network_inject(struct network *network, size_t to, const struct lan_source *from,
                    const uint8_t *bytes, size_t length)
{
    put(network, to, from, bytes, length, network->now_ms);
}

static bool draw(struct network *network, size_t percent)
{
    return seeded_below(&network->seeded, 100) < percent;
}

static void carry(struct network *network, size_t to, const struct lan_source *from,
                  const uint8_t *bytes, size_t length)
{
    if (draw(network, network->lost_percent) ||
        (network->passes && !network->passes(bytes, length)))
        return;
    size_t times = draw(network, network->doubled_percent) ? 2 : 1;
    for (size_t i = 0; i < times; i++) {
        size_t late = seeded_below(&network->seeded, (size_t)network->jitter_ms + 1);
        put(network, to, from, bytes, length, network->now_ms + network->delay_ms + (int64_t)late);
    }
}

/* Everybody hears what is for everybody, whoever sent it too. */
static void take_sent(void *state, const struct lan_source *to, const uint8_t *bytes, size_t length)
{
    struct member *member = state;
    struct network *network = member->network;
    member->sent++;
    for (size_t i = 0; i < network->member_count; i++)
        if (!to || lan_source_same(to, &network->members[i].source))
            carry(network, i, &member->source, bytes, length);
}

static void take_message(void *state, const struct lan_message *message)
{
    struct member *member = state;
    assert_int_equal(message->payload_bytes, MESSAGE_BYTES);
    if (message->reported)
        return;
    assert_true(member->message_count < NETWORK_MESSAGES);
    assert_int_equal(message->number, ++member->last_number);
    size_t bytes = MESSAGE_BYTES;
    while (bytes > 0 && message->payload[bytes - 1] == ' ')
        bytes--;
    memcpy(member->messages[member->message_count++], message->payload, bytes);
}

size_t network_join(struct network *network, const char *passphrase, const char *message)
{
    assert_true(network->member_count < NETWORK_MEMBERS);
    size_t number = network->member_count++;
    struct member *member = &network->members[number];
    member->network = network;
    member->source = (struct lan_source){.host = {1, (uint8_t)(number + 1)}, .port = {0x80, 1}};
    memset(member->payload, ' ', MESSAGE_BYTES);
    memcpy(member->payload, message, strlen(message));
    member->settings = (struct lan_settings){
        .passphrase = (const uint8_t *)passphrase,
        .passphrase_bytes = strlen(passphrase),
        .payload = member->payload,
        .payload_bytes = MESSAGE_BYTES,
        .interval_ms = 60 * 1000,
        .t1s_max = 256,
        .threads = 1,
        .open_until_ms = INT64_MAX,
        .random = &network->random,
        .stop = &network->stop,
        .send = take_sent,
        .reveal = take_message,
        .state = member,
    };
    assert_int_equal(lan_node_open(&member->node, &member->settings), 0);
    return number;
}

void network_leave(struct network *network, size_t member)
{
    lan_node_free(network->members[member].node);
    network->members[member].node = NULL;
}

static bool is_before(const struct packet *a, const struct packet *b)
{
    return a->at_ms < b->at_ms || (a->at_ms == b->at_ms && a->order < b->order);
}

/* The number of the next packet to arrive; there is one. */
static size_t next_packet(const struct network *network)
{
    size_t next = 0;
    for (size_t i = 1; i < network->packet_count; i++)
        if (is_before(&network->packets[i], &network->packets[next]))
            next = i;
    return next;
}

static void deliver(struct network *network, size_t which)
{
    struct packet packet = network->packets[which];
    network->packets[which] = network->packets[--network->packet_count];
    struct member *member = &network->members[packet.to];
    if (!member->node)
        return;
    /* In memory of just its size, so that a step beyond its end is seen. */
    uint8_t *exact = malloc(packet.length ? packet.length : 1);
    assert_non_null(exact);
    memcpy(exact, packet.bytes, packet.length);
    assert_int_equal(
        lan_node_receive(member->node, network->now_ms, &packet.from, exact, packet.length), 0);
    free(exact);
}

/* Who wants its turn first; NETWORK_MEMBERS: nobody is there. */
static size_t next_member(const struct network *network, int64_t *wake_ms)
{
    size_t next = NETWORK_MEMBERS;
    *wake_ms = INT64_MAX;
    for (size_t i = 0; i < network->member_count; i++) {
        if (!network->members[i].node)
            continue;
        int64_t its_ms = lan_node_wake_ms(network->members[i].node);
        if (its_ms < *wake_ms) {
            *wake_ms = its_ms;
            next = i;
        }
    }
    return next;
}

/* Let the next thing happen unless it is after `until_ms`. Returns: whether it did. */
static bool step(struct network *network, int64_t until_ms)
{
    int64_t wake_ms, packet_ms = INT64_MAX;
    size_t member = next_member(network, &wake_ms), packet = 0;
    if (network->packet_count > 0) {
        packet = next_packet(network);
        packet_ms = network->packets[packet].at_ms;
    }
    int64_t next_ms = wake_ms < packet_ms ? wake_ms : packet_ms;
    if (next_ms > until_ms)
        return false;
    if (next_ms > network->now_ms)
        network->now_ms = next_ms;
    if (packet_ms <= wake_ms)
        deliver(network, packet);
    else
        assert_int_equal(lan_node_turn(network->members[member].node, network->now_ms), 0);
    return true;
}

void network_pass(struct network *network, int64_t ms)
{
    int64_t until_ms = network->now_ms + ms;
    while (step(network, until_ms))
        continue;
    network->now_ms = until_ms;
}

static bool all_have(const struct network *network, size_t messages)
{
    for (size_t i = 0; i < network->member_count; i++)
        if (network->members[i].message_count < messages)
            return false;
    return true;
}

bool network_settle(struct network *network, size_t messages, int64_t ms)
{
    int64_t until_ms = network->now_ms + ms;
    while (!all_have(network, messages))
        if (!step(network, until_ms))
            return false;
    return true;
}

size_t member_saw(const struct member *member, const char *message)
{
    size_t times = 0;
    for (size_t i = 0; i < member->message_count; i++)
        times += strcmp(member->messages[i], message) == 0;
    return times;
}
