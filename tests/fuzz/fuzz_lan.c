#include <string.h>

#include "base/cursor.h"
#include "base/secret.h"
#include "fuzz/target.h"
#include "lan/node.h"

/* Datagrams to a node that lives through two sessions, as fast and from as many as the input says:
 *
 *     source (1)  time since the one before, in steps (1)  length (2, low byte first)  datagram
 *
 * The session is a fake one, so that inputs cost little; whatever comes, the node goes on, sends
 * what others take for datagrams, and not without end. */

enum { STEP_MS = 40, PAYLOAD_BYTES = 96, SENT_MAX_FOR_EACH = 64 };

static size_t sent;

static void check_sent(void *state, const struct lan_source *to, const uint8_t *bytes,
                       size_t length)
{
    struct lan_datagram datagram;
    (void)state;
    (void)to;
    INVARIANT(lan_datagram_read(&datagram, bytes, length) == 0);
    sent++;
}

static void take_message(void *state, const struct lan_message *message)
{
    (void)state;
    (void)message;
}

static int wait_never(void *state, int64_t ms)
{
    (void)state;
    (void)ms;
    return 0;
}

static void let_pass(struct lan_node *node, int64_t *now_ms, int64_t ms)
{
    int64_t until_ms = *now_ms + ms;
    while (lan_node_wake_ms(node) <= until_ms) {
        if (lan_node_wake_ms(node) > *now_ms)
            *now_ms = lan_node_wake_ms(node);
        INVARIANT(lan_node_turn(node, *now_ms) == 0);
    }
    *now_ms = until_ms;
}

static size_t feed(struct lan_node *node, struct cursor *input)
{
    int64_t now_ms = 1;
    size_t datagrams = 0;
    let_pass(node, &now_ms, 0);
    while (input->left > 0) {
        uint8_t who = cursor_u8(input), steps = cursor_u8(input);
        size_t length = cursor_u8(input);
        length |= (size_t)cursor_u8(input) << 8;
        if (length > input->left)
            length = input->left;
        struct lan_source source = {.host = {who & 3}, .port = {who >> 2}};
        INVARIANT(lan_node_receive(node, now_ms, &source, cursor_take(input, length), length) == 0);
        let_pass(node, &now_ms, steps * STEP_MS);
        datagrams++;
    }
    let_pass(node, &now_ms, 61 * 1000);
    return datagrams;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t payload[PAYLOAD_BYTES];
    struct stop_source stop = {wait_never, NULL, -1};
    struct lan_node *node;
    const struct lan_settings settings = {.passphrase = (const uint8_t *)"p",
                                          .passphrase_bytes = 1,
                                          .payload = payload,
                                          .payload_bytes = sizeof payload,
                                          .interval_ms = 60 * 1000,
                                          .t1s_max = 256,
                                          .threads = 1,
                                          .open_until_ms = INT64_MAX,
                                          .random = &random_system,
                                          .stop = &stop,
                                          .send = check_sent,
                                          .reveal = take_message};
    struct cursor input = cursor_over(data, size);
    INVARIANT(secret_init() == 0);
    INVARIANT(lan_node_open(&node, &settings) == 0);
    sent = 0;
    size_t datagrams = feed(node, &input);
    INVARIANT(sent <= SENT_MAX_FOR_EACH * (datagrams + 1));
    lan_node_free(node);
    return 0;
}
