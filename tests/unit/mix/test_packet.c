#include "lib/test.h"

#include <stdbool.h>
#include <string.h>

#include "mix/packet.h"
#include "route.h"

static const struct {
    enum mix_kind kind;
    size_t bytes;
} contents[] = {
    {MIX_EXIT, MIX_EXIT_BYTES},
    {MIX_REPLY, 0},
    {MIX_DROP, 17},
    {MIX_DIVIDE, MIX_DIVIDE_BYTES},
};

static void make(uint8_t packet[static MIX_PACKET_BYTES], const struct route *route,
                 const uint8_t *content, size_t bytes, const struct random_source *random)
{
    int err = mix_packet_make(packet, route->hops, route->count, content, bytes, random);
    assert_int_equal(err, 0);
}

/* Every hop learns its command and nothing else, and the last one the content. */
static void check_route(size_t count, size_t which, const struct random_source *random)
{
    uint8_t content[MIX_CONTENT_BYTES_MAX], packet[MIX_PACKET_BYTES];
    struct mix_unwrapped unwrapped;
    struct route route = route_make(count, contents[which].kind, random);
    random_fill(random, content, sizeof content);
    make(packet, &route, content, contents[which].bytes, random);
    for (size_t i = 0; i < count; i++) {
        const struct mix_command *wanted = &route.hops[i].command;
        for (size_t other = 0; other < count; other++)
            if (other != i)
                assert_int_equal(route_receive(&unwrapped, &route, other, packet), -EBADMSG);
        assert_int_equal(route_receive(&unwrapped, &route, i, packet), 0);
        assert_int_equal(unwrapped.command.kind, wanted->kind);
        assert_int_equal(unwrapped.command.port, wanted->port);
        assert_memory_equal(unwrapped.command.address, wanted->address, MIX_ADDRESS_BYTES);
        assert_memory_equal(unwrapped.alpha, packet, MIX_ALPHA_BYTES);
        memcpy(packet, unwrapped.packet, sizeof packet);
    }
    const uint8_t *found;
    size_t bytes;
    assert_int_equal(mix_content_find(&found, &bytes, mix_unwrapped_payload(&unwrapped)), 0);
    assert_int_equal(bytes, contents[which].bytes);
    assert_memory_equal(found, content, bytes);
    bool has_content = contents[which].kind == MIX_EXIT || contents[which].kind == MIX_DIVIDE;
    assert_int_equal(unwrapped.content == found, has_content);
}

static void packets_arrive_over_one_to_five_mixes(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct random_source random = seeded_source(&seeded);
    for (size_t count = 1; count <= MIX_HOPS_MAX; count++)
        for (size_t which = 0; which < sizeof contents / sizeof contents[0]; which++)
            check_route(count, which, &random);
}

/* Headers are refused at once; an altered payload is at the last hop, and by it alone. */
static void every_altered_byte_is_noticed(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct random_source random = seeded_source(&seeded);
    uint8_t content[MIX_EXIT_BYTES], packet[MIX_PACKET_BYTES];
    struct mix_unwrapped unwrapped;
    struct route route = route_make(2, MIX_EXIT, &random);
    random_fill(&random, content, sizeof content);
    make(packet, &route, content, sizeof content, &random);
    for (size_t hop = 0; hop < route.count; hop++) {
        for (size_t i = 0; i < sizeof packet; i++) {
            uint8_t altered[MIX_PACKET_BYTES];
            memcpy(altered, packet, sizeof altered);
            altered[i] ^= (uint8_t)(1 << seeded_below(&seeded, 8));
            int err = route_receive(&unwrapped, &route, hop, altered);
            if (i < MIX_HEADER_BYTES || hop + 1 == route.count) {
                assert_int_equal(err, -EBADMSG);
            } else {
                assert_int_equal(err, 0);
                assert_int_equal(route_receive(&unwrapped, &route, hop + 1, unwrapped.packet),
                                 -EBADMSG);
            }
        }
        assert_int_equal(route_receive(&unwrapped, &route, hop, packet), 0);
        memcpy(packet, unwrapped.packet, sizeof packet);
    }
}

static void what_is_out_of_range_is_refused(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct random_source random = seeded_source(&seeded);
    uint8_t content[MIX_CONTENT_BYTES_MAX + 1] = {0}, packet[MIX_PACKET_BYTES] = {0x55};
    const uint8_t before[MIX_PACKET_BYTES] = {0x55};
    struct route route = route_make(MIX_HOPS_MAX, MIX_DROP, &random);
    assert_int_equal(mix_packet_make(packet, route.hops, 0, content, 1, &random), -EINVAL);
    assert_int_equal(mix_packet_make(packet, route.hops, MIX_HOPS_MAX + 1, content, 1, &random),
                     -EINVAL);
    assert_int_equal(mix_packet_make(packet, route.hops, 5, content, sizeof content, &random),
                     -EMSGSIZE);
    memset(route.hops[3].public_key, 0, MIX_KEY_BYTES); /* a point of small order */
    assert_int_equal(mix_packet_make(packet, route.hops, 5, content, 1, &random), -EINVAL);
    assert_memory_equal(packet, before, sizeof packet);
    assert_int_equal(mix_packet_make(packet, route.hops, 3, content, sizeof content - 1, &random),
                     0);
}

static void windows_beside_the_current_one_are_taken(void **state)
{
    (void)state;
    static const struct {
        uint32_t window;
        int64_t unix_s;
        int err;
    } cases[] = {
        {0, -1, 0},
        {0, 0, 0},
        {1, 0, 0},
        {2, 0, -EKEYEXPIRED},
        {0, 1199, 0},
        {0, 1200, -EKEYEXPIRED},
        {3, 1200, 0},
        {4, 1799, -EKEYEXPIRED},
        {4, 1800, 0},
        {UINT32_MAX, 0, -EKEYEXPIRED},
        {UINT32_MAX, (int64_t)UINT32_MAX * MIX_WINDOW_S, 0},
        {0, (int64_t)UINT32_MAX * MIX_WINDOW_S, -EKEYEXPIRED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(mix_window_check(cases[i].window, cases[i].unix_s), cases[i].err);
}

/* The order of checks: what has a wrong window leaves no tag, what has a wrong payload does. */
static void a_packet_is_taken_once(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct random_source random = seeded_source(&seeded);
    uint8_t content[MIX_EXIT_BYTES] = {1}, packet[MIX_PACKET_BYTES];
    struct mix_unwrapped unwrapped;
    struct mix_replay *replay = mix_replay_open(2, &random);
    assert_non_null(replay);
    struct route route = route_make(1, MIX_EXIT, &random);
    make(packet, &route, content, sizeof content - 1, &random);
    assert_int_equal(mix_packet_unwrap(&unwrapped, route.secrets[0], packet), 0);
    assert_int_equal(mix_packet_accept(&unwrapped, replay, ROUTE_TIME - 2 * MIX_WINDOW_S),
                     -EKEYEXPIRED);
    assert_int_equal(mix_replay_tags(replay), 0);
    assert_int_equal(mix_packet_accept(&unwrapped, replay, ROUTE_TIME), -EBADMSG);
    assert_int_equal(mix_packet_accept(&unwrapped, replay, ROUTE_TIME), -EEXIST);
    make(packet, &route, content, sizeof content, &random);
    assert_int_equal(mix_packet_unwrap(&unwrapped, route.secrets[0], packet), 0);
    assert_int_equal(mix_packet_accept(&unwrapped, replay, ROUTE_TIME), 0);
    assert_int_equal(mix_packet_accept(&unwrapped, replay, ROUTE_TIME), -EEXIST);
    make(packet, &route, content, sizeof content, &random);
    assert_int_equal(mix_packet_unwrap(&unwrapped, route.secrets[0], packet), 0);
    assert_int_equal(mix_packet_accept(&unwrapped, replay, ROUTE_TIME), -ENOSPC);
    mix_replay_close(replay);
}

static void other_kinds_are_dropped(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct random_source random = seeded_source(&seeded);
    uint8_t packet[MIX_PACKET_BYTES];
    struct mix_unwrapped unwrapped;
    struct route route = route_make(1, MIX_DROP, &random);
    for (unsigned kind = MIX_DIVIDE + 1; kind <= UINT8_MAX; kind++) {
        route.hops[0].command.kind = (uint8_t)kind;
        make(packet, &route, NULL, 0, &random);
        assert_int_equal(route_receive(&unwrapped, &route, 0, packet), -ENOTSUP);
    }
}

/* Nothing in what leaves a mix is like what came: no eight bytes in common. */
static void what_leaves_is_not_like_what_came(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct random_source random = seeded_source(&seeded);
    uint8_t content[MIX_EXIT_BYTES] = {0}, packet[MIX_PACKET_BYTES];
    struct mix_unwrapped unwrapped;
    struct route route = route_make(MIX_HOPS_MAX, MIX_EXIT, &random);
    make(packet, &route, content, sizeof content, &random);
    for (size_t hop = 0; hop + 1 < route.count; hop++) {
        assert_int_equal(route_receive(&unwrapped, &route, hop, packet), 0);
        for (size_t i = 0; i + 8 <= sizeof packet; i++)
            assert_null(memmem(unwrapped.packet, sizeof packet, packet + i, 8));
        memcpy(packet, unwrapped.packet, sizeof packet);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_arrive_over_one_to_five_mixes),
        cmocka_unit_test(every_altered_byte_is_noticed),
        cmocka_unit_test(what_is_out_of_range_is_refused),
        cmocka_unit_test(windows_beside_the_current_one_are_taken),
        cmocka_unit_test(a_packet_is_taken_once),
        cmocka_unit_test(other_kinds_are_dropped),
        cmocka_unit_test(what_leaves_is_not_like_what_came),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
