#include "lib/test.h"

#include <string.h>

#include "mix/surb.h"
#include "route.h"

static const struct mix_endpoint entry = {.address = {1, 2, 3}, .port = 5444};

/* An answer by a SURB, as it comes to the client. */
static void deliver(uint8_t payload[static MIX_PAYLOAD_BYTES],
                    uint8_t alpha[static MIX_ALPHA_BYTES], const struct route *route,
                    const uint8_t surb[static MIX_SURB_BYTES], const uint8_t *content, size_t bytes)
{
    uint8_t packet[MIX_PACKET_BYTES];
    struct mix_endpoint first;
    struct mix_unwrapped unwrapped;
    assert_int_equal(mix_surb_use(packet, &first, surb, content, bytes), 0);
    assert_memory_equal(first.address, entry.address, sizeof first.address);
    assert_int_equal(first.port, entry.port);
    for (size_t i = 0; i < route->count; i++) {
        assert_int_equal(route_receive(&unwrapped, route, i, packet), 0);
        memcpy(packet, unwrapped.packet, sizeof packet);
    }
    assert_int_equal(unwrapped.command.kind, MIX_REPLY);
    memcpy(alpha, unwrapped.alpha, sizeof unwrapped.alpha);
    memcpy(payload, mix_unwrapped_payload(&unwrapped), MIX_PAYLOAD_BYTES);
}

static void answers_come_back_over_one_to_five_mixes(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct random_source random = seeded_source(&seeded);
    for (size_t count = 1; count <= MIX_HOPS_MAX; count++) {
        struct route route = route_make(count, MIX_REPLY, &random);
        struct mix_surb_secrets secrets;
        uint8_t surb[MIX_SURB_BYTES], payload[MIX_PAYLOAD_BYTES], alpha[MIX_ALPHA_BYTES];
        uint8_t content[MIX_CONTENT_BYTES_MAX], opened[MIX_CONTENT_BYTES_MAX];
        size_t bytes = seeded_below(&seeded, sizeof content + 1), found = 0;
        random_fill(&random, content, sizeof content);
        assert_int_equal(mix_surb_make(surb, &secrets, &entry, route.hops, count, &random), 0);
        deliver(payload, alpha, &route, surb, content, bytes);
        assert_memory_equal(alpha, secrets.last_alpha, sizeof alpha);
        assert_int_equal(mix_surb_open(opened, &found, &secrets, payload), 0);
        assert_int_equal(found, bytes);
        assert_memory_equal(opened, content, bytes);
    }
}

static void an_altered_answer_is_not_taken(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct random_source random = seeded_source(&seeded);
    struct route route = route_make(3, MIX_REPLY, &random);
    struct mix_surb_secrets secrets, others;
    uint8_t surb[MIX_SURB_BYTES], payload[MIX_PAYLOAD_BYTES], alpha[MIX_ALPHA_BYTES];
    uint8_t opened[MIX_CONTENT_BYTES_MAX];
    size_t bytes = 99;
    assert_int_equal(mix_surb_make(surb, &others, &entry, route.hops, 3, &random), 0);
    assert_int_equal(mix_surb_make(surb, &secrets, &entry, route.hops, 3, &random), 0);
    deliver(payload, alpha, &route, surb, (const uint8_t *)"yes", 3);
    for (size_t i = 0; i < sizeof payload; i++) {
        payload[i] ^= 0x10;
        assert_int_equal(mix_surb_open(opened, &bytes, &secrets, payload), -EBADMSG);
        payload[i] ^= 0x10;
    }
    assert_int_equal(mix_surb_open(opened, &bytes, &others, payload), -EBADMSG);
    assert_int_equal(bytes, 99);
    assert_int_equal(mix_surb_open(opened, &bytes, &secrets, payload), 0);
}

static void what_is_out_of_range_is_refused(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct random_source random = seeded_source(&seeded);
    struct route route = route_make(2, MIX_REPLY, &random);
    struct mix_surb_secrets secrets = {.count = 77};
    struct mix_endpoint first;
    uint8_t surb[MIX_SURB_BYTES], packet[MIX_PACKET_BYTES], large[MIX_CONTENT_BYTES_MAX + 1] = {0};
    assert_int_equal(mix_surb_make(surb, &secrets, &entry, route.hops, 0, &random), -EINVAL);
    assert_int_equal(mix_surb_make(surb, &secrets, &entry, route.hops, 6, &random), -EINVAL);
    assert_int_equal(secrets.count, 77);
    assert_int_equal(mix_surb_make(surb, &secrets, &entry, route.hops, 2, &random), 0);
    assert_int_equal(mix_surb_use(packet, &first, surb, large, sizeof large), -EMSGSIZE);
    assert_int_equal(mix_surb_use(packet, &first, surb, large, sizeof large - 1), 0);
}

static void an_exits_content_reads_back(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct random_source random = seeded_source(&seeded);
    uint8_t content[MIX_EXIT_BYTES], again[MIX_EXIT_BYTES];
    struct mix_exit exit;
    random_fill(&random, content, sizeof content);
    mix_exit_read(&exit, content);
    assert_int_equal(exit.server.port, content[MIX_EXIT_BYTES - MIX_REQUEST_BYTES - 2] << 8 |
                                           content[MIX_EXIT_BYTES - MIX_REQUEST_BYTES - 1]);
    mix_exit_write(again, &exit);
    assert_memory_equal(again, content, sizeof again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_come_back_over_one_to_five_mixes),
        cmocka_unit_test(an_altered_answer_is_not_taken),
        cmocka_unit_test(what_is_out_of_range_is_refused),
        cmocka_unit_test(an_exits_content_reads_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
