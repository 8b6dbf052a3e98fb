/* Every allocation of two nodes that meet fails once: it ends with -ENOMEM, and leaks nothing. */
#include <string.h>

#include "base/secret.h"
#include "lan/node.h"
#include "lib/allocation.h"
#include "lib/fake_session.h"
#include "lib/fake_time.h"
#include "lib/test.h"
#include "wire/sizes.h"

enum { PACKETS = 64, TURNS = 12 };

struct packet {
    size_t from;
    uint8_t bytes[LAN_DATAGRAM_BYTES_MAX];
    size_t length;
};

/* What was sent and not delivered yet; without memory of its own. */
static struct packet packets[PACKETS];
static size_t packet_count;
static size_t reported;

static struct fake_time fake_time;
static struct stop_source stop;
static const uint8_t payload[MESSAGE_BYTES] = "a message";
static const struct lan_source sources[2] = {{.host = {1}}, {.host = {2}}};
static const size_t numbers[2] = {0, 1};

static void take_sent(void *state, const struct lan_source *to, const uint8_t *bytes, size_t length)
{
    const size_t *number = state;
    (void)to;
    assert_true(packet_count < PACKETS);
    packets[packet_count] = (struct packet){.from = *number, .length = length};
    memcpy(packets[packet_count++].bytes, bytes, length);
}

static void take_message(void *state, const struct lan_message *message)
{
    (void)state;
    (void)message;
    reported++;
}

static int open_node(struct lan_node **node, size_t number)
{
    union {
        const size_t *number;
        void *state;
    } whose = {.number = &numbers[number]};
    const struct lan_settings settings = {.passphrase = (const uint8_t *)"jelly",
                                          .passphrase_bytes = 5,
                                          .payload = payload,
                                          .payload_bytes = sizeof payload,
                                          .interval_ms = 60 * 1000,
                                          .t1s_max = 64,
                                          .threads = 1,
                                          .open_until_ms = INT64_MAX,
                                          .random = &random_system,
                                          .stop = &stop,
                                          .send = take_sent,
                                          .reveal = take_message,
                                          .state = whose.state};
    return lan_node_open(node, &settings);
}

/* Deliver all that was sent, to the other one; what that sends is for the next time. */
static int deliver(struct lan_node *const nodes[static 2], int64_t now_ms)
{
    static struct packet arriving[PACKETS];
    size_t count = packet_count;
    int err = 0;
    memcpy(arriving, packets, sizeof packets);
    packet_count = 0;
    for (size_t i = 0; i < count && !err; i++)
        err = lan_node_receive(nodes[1 - arriving[i].from], now_ms, &sources[arriving[i].from],
                               arriving[i].bytes, arriving[i].length);
    return err;
}

/* Both come, meet, and keep what they told; a session ends in between. */
static int meet(struct lan_node *nodes[static 2])
{
    uint8_t *kept = NULL;
    size_t bytes;
    int err = open_node(&nodes[0], 0);
    if (!err)
        err = open_node(&nodes[1], 1);
    for (int64_t turn = 0; turn < TURNS && !err; turn++) {
        int64_t now_ms = 1 + turn * 10 * 1000;
        err = lan_node_turn(nodes[0], now_ms);
        if (!err)
            err = lan_node_turn(nodes[1], now_ms);
        if (!err)
            err = deliver(nodes, now_ms);
    }
    if (!err)
        err = lan_node_keep(nodes[0], &kept, &bytes);
    secret_free(kept);
    return err;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    bool happened = true;
    size_t failed = 0;
    stop = fake_time_stop(&fake_time);
    for (size_t which = 0; happened; which++) {
        struct lan_node *nodes[2] = {NULL, NULL};
        packet_count = reported = 0;
        allocation_fail(which);
        int err = meet(nodes);
        happened = allocation_relent();
        assert_int_equal(err, happened ? -ENOMEM : 0);
        failed += happened;
        for (size_t i = 0; i < 2; i++)
            lan_node_free(nodes[i]);
        assert_int_equal(fake_session_open, 0);
    }
    assert_int_equal(reported, 2);
    assert_in_range(failed, 10, 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_may_fail),
    };
    return secret_init() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
