#include "node_case.h"

#include <string.h>

#include "lib/allocation.h"

/* What a mix does with what comes, and what it remembers. */

/* Exits */

static void ask(const size_t *out, size_t out_count, const size_t *back, size_t back_count,
                struct mix_surb_secrets *secrets, uint8_t a[static BOX_PACKET_A_BYTES])
{
    uint8_t packet[MIX_PACKET_BYTES];
    world_request(&world, &client, packet, out, out_count, back, back_count, secrets, a);
    world_client_send(&world, &client, packet);
}

/* That the newest datagram is the delivery of an answer to a. */
static void is_delivered(const struct mix_surb_secrets *secrets,
                         const uint8_t a[static BOX_PACKET_A_BYTES])
{
    uint8_t p[BOX_PACKET_P_BYTES_MAX], content[MIX_CONTENT_BYTES_MAX];
    size_t bytes = 0;
    assert_int_equal(world.sent_count, 1);
    const struct datagram *delivery = &world.sent[0];
    assert_int_equal(ntohs(delivery->path.peer.v4.sin_port), client.port);
    assert_int_equal(box_answer_open(&client.key, p, &bytes, client.a, BOX_PACKET_BYTES,
                                     delivery->data, delivery->bytes),
                     0);
    assert_int_equal(bytes, 1 + MIX_ALPHA_BYTES + MIX_PAYLOAD_BYTES);
    assert_int_equal(p[0], 0);
    assert_memory_equal(p + 1, secrets->last_alpha, MIX_ALPHA_BYTES);
    assert_int_equal(mix_surb_open(content, &bytes, secrets, p + 1 + MIX_ALPHA_BYTES), 0);
    assert_int_equal(bytes, BOX_PACKET_SHORT_BYTES);
    assert_memory_equal(content, a, BOX_PACKET_A_BYTES);
}

static void carry_all(void)
{
    for (size_t i = 0; i < 2 * MIX_HOPS_MAX; i++) {
        world_pass(&world, settings.interval_ms);
        world_carry(&world);
    }
}

static void round_trips_through_one_to_five_mixes(void **state)
{
    (void)state;
    begin(5);
    for (size_t count = 1; count <= 5; count++) {
        struct mix_surb_secrets secrets;
        uint8_t a[BOX_PACKET_A_BYTES];
        size_t back[] = {4, 3, 2, 1, 0};
        ask(route, count, back + 5 - count, count, &secrets, a);
        carry_all();
        assert_int_equal(world.sent_count, 1);
        assert_true(world_is_for_server(&world.sent[0]));
        assert_int_equal(world.sent[0].bytes, BOX_PACKET_SHORT_BYTES);
        assert_memory_equal(world.sent[0].data + BOX_KEY_BYTES, a, sizeof a);
        world.sent_count = 0;
        world_answer(&world, count - 1, a, WORLD_SERVER_PORT);
        carry_all();
        is_delivered(&secrets, a);
        world.sent_count = 0;
    }
}

static void answers_count_once_from_the_server_and_within_75_s(void **state)
{
    (void)state;
    struct mix_surb_secrets secrets;
    uint8_t a[BOX_PACKET_A_BYTES];
    begin(1);
    ask(route, 1, route, 1, &secrets, a);
    world_pass(&world, 1000);
    world.sent_count = 0;
    world_answer(&world, 0, a, WORLD_SERVER_PORT + 1);
    world_pass(&world, 1000);
    assert_int_equal(world.sent_count, 0);
    world_answer(&world, 0, a, WORLD_SERVER_PORT);
    world_answer(&world, 0, a, WORLD_SERVER_PORT);
    world_pass(&world, 1000);
    assert_int_equal(world.sent_count, 1);
    ask(route, 1, route, 1, &secrets, a);
    world_pass(&world, 74000);
    world.sent_count = 0;
    world_pass(&world, 2000);
    assert_int_equal(counted(0, NODE_UNANSWERED), 1);
    world_answer(&world, 0, a, WORLD_SERVER_PORT);
    world_pass(&world, 1000);
    assert_int_equal(world.sent_count, 0);
}

static void a_request_that_is_under_way_is_not_sent_again(void **state)
{
    (void)state;
    struct mix_surb_secrets secrets;
    struct mix_hop hop;
    uint8_t a[BOX_PACKET_A_BYTES], packet[MIX_PACKET_BYTES];
    struct mix_unwrapped unwrapped;
    begin(1);
    world_request(&world, &client, packet, route, 1, route, 1, &secrets, a);
    world_client_send(&world, &client, packet);
    assert_int_equal(mix_packet_unwrap(&unwrapped, world.identities[0].secret, packet), 0);
    /* The same request in another packet. */
    world_route(&world, &hop, route, 1, MIX_EXIT);
    assert_int_equal(mix_packet_make(packet, &hop, 1, mix_unwrapped_payload(&unwrapped) + 18,
                                     MIX_EXIT_BYTES, &world.random),
                     0);
    world_client_send(&world, &client, packet);
    world_pass(&world, 1000);
    assert_int_equal(world.sent_count, 1);
}

static void the_oldest_request_makes_room(void **state)
{
    (void)state;
    struct mix_surb_secrets secrets;
    uint8_t oldest[BOX_PACKET_A_BYTES], newest[BOX_PACKET_A_BYTES];
    begin(1);
    ask(route, 1, route, 1, &secrets, oldest);
    for (size_t i = 0; i < settings.requests_max; i++)
        ask(route, 1, route, 1, &secrets, newest);
    world_pass(&world, 1000);
    world_answer(&world, 0, oldest, WORLD_SERVER_PORT);
    assert_int_equal(counted(0, NODE_ANSWERS), 0);
    world_answer(&world, 0, newest, WORLD_SERVER_PORT);
    assert_int_equal(counted(0, NODE_ANSWERS), 1);
}

/* Whose answers go where */

static void a_sender_is_remembered_for_five_minutes(void **state)
{
    (void)state;
    struct mix_surb_secrets secrets;
    uint8_t a[BOX_PACKET_A_BYTES];
    struct world_client other;
    uint8_t answer[MIX_PACKET_BYTES];
    struct mix_exit request;
    struct mix_endpoint first;
    begin(1);
    world_client_open(&world, &other, 0, WORLD_CLIENT_PORT + 1);
    for (int64_t after_s = 299; after_s <= 301; after_s += 2) {
        struct mix_hop hop;
        ask(route, 1, route, 1, &secrets, a);
        world_route(&world, &hop, route, 1, MIX_REPLY);
        mix_handle(hop.command.address, client.key.client_session);
        assert_int_equal(
            mix_surb_make(request.surb, &secrets, &world.net.mixes[0].at, &hop, 1, &world.random),
            0);
        assert_int_equal(mix_surb_use(answer, &first, request.surb, NULL, 0), 0);
        world_pass(&world, after_s * 1000);
        world.sent_count = 0;
        world_client_send(&world, &other, answer);
        world_pass(&world, 1000);
        assert_int_equal(world.sent_count, after_s < 300 ? 1 : 0);
    }
}

static void the_sender_silent_longest_makes_room(void **state)
{
    (void)state;
    struct world_client others[64];
    uint8_t packet[MIX_PACKET_BYTES];
    begin(2);
    send_forwarded();
    for (size_t i = 0; i < settings.clients_max; i++) {
        world_client_open(&world, &others[i], 0, (uint16_t)(WORLD_CLIENT_PORT + 1 + i));
        world_packet(&world, packet, route, 1, MIX_DROP);
        world_client_send(&world, &others[i], packet);
    }
    struct mix_hop hop;
    for (size_t i = 0; i < 2; i++) {
        world_route(&world, &hop, route, 1, MIX_REPLY);
        mix_handle(hop.command.address,
                   i == 0 ? client.key.client_session : others[0].key.client_session);
        assert_int_equal(mix_packet_make(packet, &hop, 1, NULL, 0, &world.random), 0);
        world_client_send(&world, &others[63], packet);
        assert_int_equal(counted(0, NODE_DELIVERIES), i);
    }
}

static void who_sends_again_stays(void **state)
{
    (void)state;
    struct world_client others[64];
    uint8_t packet[MIX_PACKET_BYTES];
    struct mix_hop hop;
    begin(2);
    send_forwarded();
    for (size_t i = 0; i < settings.clients_max; i++) {
        world_client_open(&world, &others[i], 0, (uint16_t)(WORLD_CLIENT_PORT + 1 + i));
        world_packet(&world, packet, route, 1, MIX_DROP);
        if (i + 1 == settings.clients_max)
            send_forwarded();
        world_client_send(&world, &others[i], packet);
    }
    world_route(&world, &hop, route, 1, MIX_REPLY);
    mix_handle(hop.command.address, client.key.client_session);
    assert_int_equal(mix_packet_make(packet, &hop, 1, NULL, 0, &world.random), 0);
    world_client_send(&world, &others[63], packet);
    assert_int_equal(counted(0, NODE_DELIVERIES), 1);
}

/* Rates */

static void new_senders_of_an_address_have_a_rate_but_for_mixes(void **state)
{
    (void)state;
    uint8_t packet[MIX_PACKET_BYTES];
    settings.sessions = (struct limiter_rules){.per_minute = 3, .burst = 3, .clients_max = 64};
    begin(2);
    for (size_t i = 0; i < 5; i++) {
        world_client_open(&world, &client, 0, WORLD_CLIENT_PORT);
        world_packet(&world, packet, route, 1, MIX_DROP);
        world_client_send(&world, &client, packet);
    }
    assert_int_equal(counted(0, NODE_COVER_TAKEN), 3);
    assert_int_equal(counted(0, NODE_DROP_RATE), 2);
    world_pass(&world, 20000);
    world_client_open(&world, &client, 0, WORLD_CLIENT_PORT);
    world_client_send(&world, &client, packet);
    assert_int_equal(counted(0, NODE_DROP_RATE), 2);
    for (size_t i = 0; i < 5; i++) {
        struct datagram datagram;
        world_client_open(&world, &client, 0, WORLD_CLIENT_PORT);
        world_packet(&world, packet, route, 1, MIX_DROP);
        world_client_seal(&world, &client, &datagram, packet);
        memcpy(&datagram.path.peer.v4.sin_addr, world.net.mixes[1].at.address + 12, 4);
        node_take(world.nodes[0], &datagram);
    }
    assert_int_equal(counted(0, NODE_DROP_RATE), 2);
}

/* What is dropped */

static void what_is_dropped_is_counted_and_leads_to_nothing(void **state)
{
    (void)state;
    uint8_t packet[MIX_PACKET_BYTES], other[MIX_PACKET_BYTES];
    struct datagram datagram;
    begin(2);
    world_packet(&world, packet, route, 2, MIX_DROP);
    world_client_seal(&world, &client, &datagram, packet);
    node_take(world.nodes[0], &datagram);
    node_take(world.nodes[0], &datagram);
    assert_int_equal(counted(0, NODE_DROP_REPLAY), 1);
    for (size_t bytes = 0; bytes < BOX_PACKET_BYTES; bytes += 77) {
        datagram.bytes = bytes;
        node_take(world.nodes[0], &datagram);
    }
    assert_int_equal(counted(0, NODE_DROP_SIZE), 16);
    world_packet(&world, other, route, 2, MIX_DROP);
    other[40] ^= 1;
    world_client_send(&world, &client, other);
    assert_int_equal(counted(0, NODE_DROP_UNREADABLE), 1);
    world_packet(&world, other, route, 1, MIX_DIVIDE);
    world_client_send(&world, &client, other);
    assert_int_equal(counted(0, NODE_DROP_CONTENT), 1);
    world.time.wall_s -= 2 * MIX_WINDOW_S;
    world_packet(&world, other, route, 2, MIX_DROP);
    world.time.wall_s += 2 * MIX_WINDOW_S;
    world_client_send(&world, &client, other);
    assert_int_equal(counted(0, NODE_DROP_WINDOW), 1);
    world_pass(&world, 1000);
    assert_int_equal(world.sent_count, 1);
}

static void a_full_table_refuses(void **state)
{
    (void)state;
    settings.tags_max = 5;
    begin(2);
    for (size_t i = 0; i < 8; i++)
        send_forwarded();
    assert_int_equal(counted(0, NODE_FORWARDED), 5);
    assert_int_equal(counted(0, NODE_DROP_FULL), 3);
    assert_int_equal(node_tags(world.nodes[0]), 5);
    world_pass(&world, (int64_t)3 * MIX_WINDOW_S * 1000);
    assert_int_equal(node_tags(world.nodes[0]), 0);
    send_forwarded();
    assert_int_equal(counted(0, NODE_FORWARDED), 6);
}

static void a_mix_forwards_to_itself_at_once(void **state)
{
    (void)state;
    static const size_t same[] = {0, 0, 0, 0, 1};
    uint8_t packet[MIX_PACKET_BYTES];
    settings.batch = 1;
    begin(2);
    world_packet(&world, packet, same, 5, MIX_DROP);
    world_client_send(&world, &client, packet);
    assert_int_equal(world.sent_count, 1);
    world_carry(&world);
    assert_int_equal(counted(1, NODE_COVER_TAKEN), 1);
}

/* Other nets */

static void a_net_that_is_set_counts_at_once(void **state)
{
    (void)state;
    settings.batch = 2;
    settings.minimum = 2;
    begin(3);
    world_pass(&world, 1);
    struct net_file less = world.net;
    less.mix_count = 1;
    assert_int_equal(node_set_net(world.nodes[0], &less), 0);
    send_forwarded();
    assert_int_equal(counted(0, NODE_DROP_NOWHERE), 1);
    assert_int_equal(node_set_net(world.nodes[0], &world.net), 0);
    send_forwarded();
    world_pass(&world, settings.interval_ms);
    assert_int_equal(world.sent_count, 2);
    assert_int_equal(counted(0, NODE_COVER_MADE), 1);
    assert_true(node_is_listed(world.nodes[0]));
    less.mix_count = 0;
    assert_int_equal(node_set_net(world.nodes[0], &less), 0);
    assert_false(node_is_listed(world.nodes[0]));
}

static void cover_goes_to_mixes_of_the_new_net(void **state)
{
    (void)state;
    settings.batch = settings.minimum = 16;
    settings.cover = true;
    begin(3);
    world_pass(&world, 1);
    struct net_file less = world.net;
    less.mix_count = 2;
    assert_int_equal(node_set_net(world.nodes[0], &less), 0);
    node_set_sockets(world.nodes[1], -1, -1);
    node_set_sockets(world.nodes[2], -1, -1);
    world_pass(&world, settings.interval_ms);
    assert_int_equal(world.sent_count, 16);
    for (size_t i = 0; i < world.sent_count; i++)
        assert_true(world_is_for_mix(&world, &world.sent[i], 1));
}

static void a_version_of_ip_without_a_socket_is_not_sent_to(void **state)
{
    (void)state;
    begin(2);
    node_set_sockets(world.nodes[0], -1, 3);
    send_forwarded();
    assert_int_equal(counted(0, NODE_DROP_NOWHERE), 1);
}

/* Memory */

static void a_mix_that_finds_no_memory_is_none(void **state)
{
    (void)state;
    struct node *node = NULL;
    struct node_settings own = settings;
    begin(2);
    own.minimum = 2;
    own.identity = &world.identities[0];
    own.clock = &world.clock;
    own.random = &world.random;
    for (size_t which = 0;; which++) {
        allocation_fail(which);
        int err = node_new(&node, &own, &world.net);
        if (!allocation_relent()) {
            assert_int_equal(err, 0);
            break;
        }
        assert_int_equal(err, -ENOMEM);
        assert_null(node);
    }
    node_free(node);
}

static void a_net_that_finds_no_memory_changes_nothing(void **state)
{
    (void)state;
    struct net_file less = world.net;
    begin(2);
    less.mix_count = 0;
    allocation_fail(0);
    assert_int_equal(node_set_net(world.nodes[0], &less), -ENOMEM);
    assert_true(allocation_relent());
    send_forwarded();
    assert_int_equal(counted(0, NODE_FORWARDED), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(round_trips_through_one_to_five_mixes),
        TEST(answers_count_once_from_the_server_and_within_75_s),
        TEST(a_request_that_is_under_way_is_not_sent_again),
        TEST(the_oldest_request_makes_room),
        TEST(a_sender_is_remembered_for_five_minutes),
        TEST(the_sender_silent_longest_makes_room),
        TEST(who_sends_again_stays),
        TEST(new_senders_of_an_address_have_a_rate_but_for_mixes),
        TEST(what_is_dropped_is_counted_and_leads_to_nothing),
        TEST(a_full_table_refuses),
        TEST(a_mix_forwards_to_itself_at_once),
        TEST(a_net_that_is_set_counts_at_once),
        TEST(cover_goes_to_mixes_of_the_new_net),
        TEST(a_version_of_ip_without_a_socket_is_not_sent_to),
        TEST(a_mix_that_finds_no_memory_is_none),
        TEST(a_net_that_finds_no_memory_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
