#include "node_case.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/secret.h"
#include "group/delivery.h"
#include "wire/op.h"

/* A message for several mailboxes: how it is divided, and how its copies reach their server. */

enum { COPIES = GROUP_RECIPIENTS, SPREAD_MESSAGES = 64 };

static int set_up_division(void **state)
{
    set_up(state);
    settings.batch = 64;
    settings.copies_max = 2048;
    return 0;
}

#define DIVISION_TEST(name) cmocka_unit_test_setup_teardown(name, set_up_division, tear_down)

/* A message to the world's server, of random bytes where the mix cannot tell. */
static struct group_division some_division(void)
{
    struct group_division division;
    const struct net_node *server = &world.net.servers[0];
    random_fill(&world.random, (uint8_t *)&division, sizeof division);
    memcpy(division.address, server->at.address, sizeof division.address);
    division.port = server->at.port;
    memcpy(division.server_public, server->key, sizeof division.server_public);
    memcpy(division.blinded, world.identities[0].public_key, sizeof division.blinded);
    return division;
}

static void send_content(const uint8_t *content, size_t bytes)
{
    uint8_t packet[MIX_PACKET_BYTES];
    world_packet_of(&world, packet, route, 1, MIX_DIVIDE, content, bytes);
    world_client_send(&world, &client, packet);
}

static void send_division(const struct group_division *division)
{
    uint8_t content[GROUP_DIVIDE_BYTES];
    group_division_write(content, division);
    send_content(content, sizeof content);
}

static void send_some(void)
{
    struct group_division division = some_division();
    send_division(&division);
}

/* What a server makes of a datagram. */
struct received {
    struct box_packet_key key;
    uint8_t a[BOX_PACKET_A_BYTES];
    uint8_t body[GROUP_DELIVERY_BYTES];
};

static struct received receive(const struct datagram *datagram)
{
    struct received received;
    uint8_t q[BOX_PACKET_Q_BYTES_MAX];
    size_t bytes = 0;
    assert_true(world_is_for_server(datagram));
    assert_int_equal(datagram->bytes, BOX_PACKET_BYTES);
    const uint8_t *session = box_request_session(datagram->data, datagram->bytes);
    assert_int_equal(box_packet_key_of(&received.key, world.server.secret, session), 0);
    assert_int_equal(
        box_request_open(&received.key, q, &bytes, received.a, datagram->data, datagram->bytes), 0);
    assert_int_equal(bytes, 1 + GROUP_DELIVERY_BYTES);
    assert_int_equal(q[0], OP_DELIVER);
    memcpy(received.body, q + 1, sizeof received.body);
    return received;
}

static void answer_with(const struct received *received, uint16_t from_port, const uint8_t *p,
                        size_t bytes)
{
    struct datagram datagram = {.bytes = BOX_PACKET_BYTES};
    assert_int_equal(box_answer_seal(&received->key, datagram.data, datagram.bytes, received->a, p,
                                     bytes, &world.random),
                     0);
    world_from_server(&world, 0, &datagram, from_port);
}

static void answer(const struct received *received, enum op_status status)
{
    const uint8_t p[] = {(uint8_t)status};
    answer_with(received, WORLD_SERVER_PORT, p, sizeof p);
}

/* All batches pass in which copies may leave. */
static void pass_rounds(void)
{
    for (int i = 0; i < 4; i++)
        world_pass(&world, settings.interval_ms);
}

/* Send a message, and receive its copies. */
static void divide_one(struct received copies[static COPIES])
{
    world.sent_count = 0;
    send_some();
    pass_rounds();
    assert_int_equal(world.sent_count, COPIES);
    for (size_t i = 0; i < COPIES; i++)
        copies[i] = receive(&world.sent[i]);
    world.sent_count = 0;
}

/* Dividing */

/* The vectors' answers to the same are held by kat_groups; here the randomness is the mix's. */
static void a_message_becomes_a_copy_for_each_token(void **state)
{
    (void)state;
    bool seen[COPIES] = {false};
    begin(1);
    struct group_division division = some_division();
    for (size_t i = 0; i < COPIES; i++) {
        const uint8_t id[GROUP_MAILBOX_ID_BYTES] = {(uint8_t)i};
        uint8_t ephemeral[GROUP_KEY_BYTES];
        random_fill(&world.random, ephemeral, sizeof ephemeral);
        assert_int_equal(
            group_token_make(division.recipients[i].token, id, world.server.public_key, ephemeral),
            0);
    }
    send_division(&division);
    pass_rounds();
    assert_int_equal(world.sent_count, COPIES);
    for (size_t i = 0; i < COPIES; i++) {
        uint8_t id[GROUP_MAILBOX_ID_BYTES], copy[GROUP_COPY_BYTES];
        struct received received = receive(&world.sent[i]);
        assert_int_equal(group_delivery_open(id, copy, received.body, sizeof received.body,
                                             world.server.public_key, world.server.secret),
                         0);
        assert_true(id[0] < COPIES && !seen[id[0]]);
        seen[id[0]] = true;
        const struct group_recipient *to = &division.recipients[id[0]];
        assert_memory_equal(copy, to->token, GROUP_R_BYTES);
        assert_memory_equal(copy + GROUP_R_BYTES, to->u, GROUP_BLIND_BYTES);
    }
    assert_int_equal(counted(0, NODE_DIVIDED), 1);
    assert_int_equal(counted(0, NODE_COPIES), COPIES);
}

static bool is_other(const uint8_t *one, const uint8_t *other, size_t bytes)
{
    return memcmp(one, other, bytes) != 0;
}

static void copies_have_nothing_in_common(void **state)
{
    (void)state;
    struct received copies[COPIES];
    begin(1);
    divide_one(copies);
    for (size_t i = 0; i < COPIES; i++)
        for (size_t j = 0; j < i; j++) {
            const uint8_t *one = copies[i].body, *other = copies[j].body;
            assert_true(is_other(copies[i].key.client_session, copies[j].key.client_session, 32));
            assert_true(is_other(copies[i].a, copies[j].a, sizeof copies[i].a));
            for (size_t at = 0; at + 8 <= GROUP_DELIVERY_BYTES; at++)
                assert_true(is_other(one + at, other + at, 8));
        }
}

/* Which of the batches a copy leaves in shows nothing: each is as likely for each of them, whatever
 * the others draw, and so is each order. The mailbox's number is its order in the packet. */
static void copies_leave_over_a_while_in_any_order(void **state)
{
    (void)state;
    size_t in_round[COPIES][4] = {{0}}, together = 0, first[COPIES] = {0};
    begin(1);
    for (size_t message = 0; message < SPREAD_MESSAGES; message++) {
        struct group_division division = some_division();
        world.sent_count = 0;
        for (size_t i = 0; i < COPIES; i++) {
            const uint8_t id[GROUP_MAILBOX_ID_BYTES] = {(uint8_t)i};
            uint8_t ephemeral[GROUP_KEY_BYTES];
            random_fill(&world.random, ephemeral, sizeof ephemeral);
            assert_int_equal(group_token_make(division.recipients[i].token, id,
                                              world.server.public_key, ephemeral),
                             0);
        }
        send_division(&division);
        for (size_t round = 0, before = 0; round < 4; round++) {
            world_pass(&world, settings.interval_ms);
            together += world.sent_count - before == COPIES;
            for (; before < world.sent_count; before++) {
                uint8_t id[GROUP_MAILBOX_ID_BYTES], copy[GROUP_COPY_BYTES];
                struct received received = receive(&world.sent[before]);
                assert_int_equal(group_delivery_open(id, copy, received.body, sizeof received.body,
                                                     world.server.public_key, world.server.secret),
                                 0);
                in_round[id[0]][round]++;
                first[id[0]] += before == 0;
                answer(&received, OP_SUCCESS);
            }
        }
        assert_int_equal(world.sent_count, COPIES);
    }
    /* Expected: 16 of 64. By chance below 3 or above 35 in less than one of a million runs. */
    for (size_t i = 0; i < COPIES; i++) {
        assert_in_range(first[i], 3, 35);
        for (size_t round = 0; round < 4; round++)
            assert_in_range(in_round[i][round], 3, 35);
    }
    assert_true(together < SPREAD_MESSAGES / 4);
}

static void copies_mix_with_what_else_leaves(void **state)
{
    (void)state;
    size_t of_server_first = 0;
    settings.batch = 8;
    begin(2);
    for (size_t i = 0; i < SPREAD_MESSAGES; i++) {
        world.sent_count = 0;
        send_some();
        for (size_t j = 0; j < 4; j++)
            send_forwarded();
        pass_rounds();
        of_server_first += world_is_for_server(&world.sent[0]);
    }
    assert_in_range(of_server_first, 1, SPREAD_MESSAGES - 1);
}

static void copies_fill_batches_of_any_size(void **state)
{
    (void)state;
    settings.batch = 1;
    begin(1);
    send_some();
    for (int i = 0; i < 4; i++) {
        send_some();
        world_pass(&world, settings.interval_ms);
    }
    pass_rounds();
    assert_int_equal(counted(0, NODE_COPIES), 5 * COPIES);
}

static void a_mix_that_stops_sends_all_copies_first(void **state)
{
    (void)state;
    begin(1);
    send_some();
    node_finish(world.nodes[0]);
    assert_int_equal(world.sent_count, COPIES);
}

/* Answers */

static void what_is_answered_is_not_sent_again(void **state)
{
    (void)state;
    static const enum op_status statuses[COPIES] = {OP_SUCCESS, OP_FULL, OP_FORBIDDEN, OP_UNKNOWN};
    struct received copies[COPIES];
    begin(1);
    divide_one(copies);
    for (size_t i = 0; i < COPIES; i++)
        answer(&copies[i], statuses[i]);
    assert_int_equal(counted(0, NODE_COPIES_ANSWERED), COPIES);
    for (int i = 0; i < 200; i++)
        world_pass(&world, 1000);
    assert_int_equal(world.sent_count, 0);
    assert_int_equal(counted(0, NODE_UNANSWERED), 0);
    /* Only the first answer is one. */
    answer(&copies[0], OP_SUCCESS);
    assert_int_equal(counted(0, NODE_COPIES_ANSWERED), COPIES);
}

static void what_is_not_answered_is_sent_again_with_another_a(void **state)
{
    (void)state;
    struct received copies[COPIES];
    begin(1);
    divide_one(copies);
    for (size_t i = 1; i < COPIES; i++)
        answer(&copies[i], OP_SUCCESS);
    for (int i = 0; i < 12; i++)
        world_pass(&world, settings.interval_ms);
    assert_int_equal(world.sent_count, 1);
    struct received again = receive(&world.sent[0]);
    assert_memory_equal(again.body, copies[0].body, sizeof again.body);
    assert_true(is_other(again.a, copies[0].a, sizeof again.a));
    answer(&copies[0], OP_SUCCESS); /* of the first try: it does not count any more */
    assert_int_equal(counted(0, NODE_COPIES_ANSWERED), COPIES - 1);
    answer(&again, OP_SUCCESS);
    assert_int_equal(counted(0, NODE_COPIES_ANSWERED), COPIES);
}

/* One packet leads to 28 of its own size at most, if the server is silent. */
static void a_packet_leads_to_few(void **state)
{
    (void)state;
    begin(1);
    send_some();
    for (int i = 0; i < 1200; i++)
        world_pass(&world, settings.interval_ms);
    assert_int_equal(world.sent_count, 28);
    assert_int_equal(counted(0, NODE_COPIES), COPIES);
    assert_int_equal(counted(0, NODE_COPIES_REPEATED), 24);
    assert_int_equal(counted(0, NODE_UNANSWERED), COPIES);
}

static void who_asks_for_patience_gets_it(void **state)
{
    (void)state;
    static const uint8_t in_30_s[] = {OP_NOT_NOW, 0, 30}, in_18_h[] = {OP_NOT_NOW, 0xff, 0xff};
    struct received copies[COPIES];
    begin(1);
    divide_one(copies);
    answer_with(&copies[0], WORLD_SERVER_PORT, in_30_s, sizeof in_30_s);
    answer_with(&copies[1], WORLD_SERVER_PORT, in_18_h, sizeof in_18_h);
    for (size_t i = 2; i < COPIES; i++)
        answer(&copies[i], OP_SUCCESS);
    for (int i = 0; i < 29; i++)
        world_pass(&world, 1000);
    assert_int_equal(world.sent_count, 0);
    for (int i = 0; i < 8 && world.sent_count == 0; i++)
        world_pass(&world, 1000);
    assert_int_equal(world.sent_count, 1);
    struct received again = receive(&world.sent[0]);
    assert_memory_equal(again.body, copies[0].body, sizeof again.body);
    answer(&again, OP_SUCCESS);
    world.sent_count = 0;
    for (int i = 0; i < 600; i++)
        world_pass(&world, 1000);
    assert_true(world.sent_count > 0);
}

static void answers_of_others_do_not_count(void **state)
{
    (void)state;
    static const uint8_t success[] = {OP_SUCCESS};
    struct received copies[COPIES];
    struct datagram datagram = {.bytes = BOX_PACKET_BYTES};
    begin(1);
    divide_one(copies);
    answer_with(&copies[0], WORLD_SERVER_PORT + 1, success, sizeof success);
    struct received other = copies[0];
    random_fill(&world.random, other.key.shared, sizeof other.key.shared);
    answer(&other, OP_SUCCESS);
    other = copies[0];
    random_fill(&world.random, other.a, sizeof other.a);
    answer(&other, OP_SUCCESS);
    memcpy(datagram.data, copies[0].a, sizeof copies[0].a);
    world_from_server(&world, 0, &datagram, WORLD_SERVER_PORT);
    datagram.bytes = BOX_PACKET_SHORT_BYTES;
    world_from_server(&world, 0, &datagram, WORLD_SERVER_PORT);
    assert_int_equal(counted(0, NODE_COPIES_ANSWERED), 0);
    answer(&copies[0], OP_SUCCESS);
    assert_int_equal(counted(0, NODE_COPIES_ANSWERED), 1);
}

/* What is refused */

static void wrong_contents_are_dropped(void **state)
{
    (void)state;
    uint8_t content[MIX_CONTENT_BYTES_MAX] = {0};
    begin(1);
    struct group_division division = some_division();
    group_division_write(content, &division);
    static const size_t lengths[] = {0, 1, GROUP_DIVIDE_BYTES - 1, GROUP_DIVIDE_BYTES + 1,
                                     MIX_CONTENT_BYTES_MAX};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        send_content(content, lengths[i]);
    memset(division.blinded, 0, sizeof division.blinded);
    send_division(&division);
    assert_int_equal(counted(0, NODE_DROP_CONTENT), 6);
    division = some_division();
    memset(division.server_public, 0, sizeof division.server_public);
    send_division(&division);
    assert_int_equal(counted(0, NODE_DROP_CONTENT), 7);
    pass_rounds();
    assert_int_equal(world.sent_count, 0);
}

static void only_servers_of_the_net_get_copies(void **state)
{
    (void)state;
    begin(1);
    for (size_t i = 0; i < 4; i++) {
        struct group_division division = some_division();
        division.address[15] ^= i == 0;
        division.port = (uint16_t)(division.port + (i == 1));
        if (i == 2) /* a mix's */
            memcpy(division.address, world.net.mixes[0].at.address, sizeof division.address);
        if (i == 3) /* the right place, and another key */
            memcpy(division.server_public, world.identities[0].public_key, BOX_KEY_BYTES);
        send_division(&division);
    }
    assert_int_equal(counted(0, NODE_DROP_NOWHERE), 4);
    pass_rounds();
    assert_int_equal(world.sent_count, 0);
}

static void a_server_that_leaves_the_net_gets_no_more(void **state)
{
    (void)state;
    begin(1);
    send_some();
    struct net_file less = world.net;
    less.server_count = 0;
    assert_int_equal(node_set_net(world.nodes[0], &less), 0);
    pass_rounds();
    size_t sent = world.sent_count; /* of the batch that had begun */
    assert_true(sent <= COPIES);
    for (int i = 0; i < 200; i++)
        world_pass(&world, 1000);
    assert_int_equal(world.sent_count, sent);
    assert_int_equal(counted(0, NODE_DROP_NOWHERE), COPIES);
}

static void a_replay_is_not_divided_again(void **state)
{
    (void)state;
    uint8_t packet[MIX_PACKET_BYTES], content[GROUP_DIVIDE_BYTES];
    begin(1);
    struct group_division division = some_division();
    group_division_write(content, &division);
    world_packet_of(&world, packet, route, 1, MIX_DIVIDE, content, sizeof content);
    world_client_send(&world, &client, packet);
    world_client_send(&world, &client, packet);
    assert_int_equal(counted(0, NODE_DIVIDED), 1);
    assert_int_equal(counted(0, NODE_DROP_REPLAY), 1);
}

/* Limits */

static void who_floods_is_refused(void **state)
{
    (void)state;
    settings.copies_max = 16;
    begin(1);
    for (int i = 0; i < 50; i++)
        send_some();
    /* Those of the current batch have left. */
    uint64_t taken = counted(0, NODE_DIVIDED);
    assert_in_range(taken, 4, 40);
    assert_int_equal(counted(0, NODE_DROP_BUSY), 50 - taken);
    pass_rounds();
    assert_int_equal(counted(0, NODE_COPIES), taken * COPIES);
}

static void copies_that_were_sent_make_room(void **state)
{
    (void)state;
    settings.copies_max = 16;
    begin(1);
    for (int i = 0; i < 8; i++) {
        send_some();
        pass_rounds();
    }
    assert_int_equal(counted(0, NODE_DIVIDED), 8);
    assert_int_equal(counted(0, NODE_DROP_BUSY), 0);
}

/* A disk that is full: no file may grow. */
static void let_files_grow(bool may)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = may ? limit.rlim_max : 0;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void nothing_leaves_whose_tag_may_be_lost(void **state)
{
    (void)state;
    char folder[] = "/tmp/mix-divide-XXXXXX", path[64];
    const struct tag_log_start start = {.boot_id = "b",
                                        .window = mix_window_of((int64_t)WORLD_TIME)};
    struct tag_log *log = NULL;
    struct tag_log_found found;
    assert_non_null(mkdtemp(folder));
    assert_true(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
    begin(2);
    assert_int_equal(tag_log_begin(folder, "b"), 0);
    assert_int_equal(tag_log_open(&log, folder, &start, node_replay(world.nodes[0]), &found), 0);
    node_set_log(world.nodes[0], log);
    world_pass(&world, 1);
    let_files_grow(false);
    send_some();
    send_forwarded();
    pass_rounds();
    assert_false(node_writes(world.nodes[0]));
    assert_int_equal(world.sent_count, 0);
    let_files_grow(true);
    for (int i = 0; i < 200; i++)
        world_pass(&world, 1000);
    assert_int_equal(world.sent_count, 0);
    assert_true(node_writes(world.nodes[0]));
    struct received copies[COPIES];
    divide_one(copies);
    node_set_log(world.nodes[0], NULL);
    assert_int_equal(tag_log_close(log), 0);
    snprintf(path, sizeof path, "%s/state", folder);
    assert_int_equal(unlink(path), 0);
    for (uint32_t window = start.window - 1; window <= start.window + 1; window++) {
        snprintf(path, sizeof path, "%s/tags-%u", folder, (unsigned)window);
        assert_int_equal(unlink(path), 0);
    }
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DIVISION_TEST(a_message_becomes_a_copy_for_each_token),
        DIVISION_TEST(copies_have_nothing_in_common),
        DIVISION_TEST(copies_leave_over_a_while_in_any_order),
        DIVISION_TEST(copies_mix_with_what_else_leaves),
        DIVISION_TEST(copies_fill_batches_of_any_size),
        DIVISION_TEST(a_mix_that_stops_sends_all_copies_first),
        DIVISION_TEST(what_is_answered_is_not_sent_again),
        DIVISION_TEST(what_is_not_answered_is_sent_again_with_another_a),
        DIVISION_TEST(a_packet_leads_to_few),
        DIVISION_TEST(who_asks_for_patience_gets_it),
        DIVISION_TEST(answers_of_others_do_not_count),
        DIVISION_TEST(wrong_contents_are_dropped),
        DIVISION_TEST(only_servers_of_the_net_get_copies),
        DIVISION_TEST(a_server_that_leaves_the_net_gets_no_more),
        DIVISION_TEST(a_replay_is_not_divided_again),
        DIVISION_TEST(who_floods_is_refused),
        DIVISION_TEST(copies_that_were_sent_make_room),
        DIVISION_TEST(nothing_leaves_whose_tag_may_be_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
