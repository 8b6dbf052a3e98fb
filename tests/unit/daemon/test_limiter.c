#include "lib/test.h"

#include "daemon/limiter.h"

static struct limiter limiter;
static uint32_t retry_s;

static void start(uint32_t per_s, uint32_t burst, uint32_t clients_max)
{
    const struct limiter_rules rules = {
        .per_minute = 60 * per_s, .burst = burst, .clients_max = clients_max};
    assert_int_equal(limiter_init(&limiter, &rules, &random_system), 0);
}

static struct client_address client(uint32_t number)
{
    struct client_address address = {{0x20, 0x01, 0x0d, 0xb8}};
    for (int i = 0; i < 4; i++)
        address.bytes[4 + i] = (uint8_t)(number >> 8 * i);
    return address;
}

static int take(uint32_t number, int64_t now_ms)
{
    struct client_address address = client(number);
    return limiter_take(&limiter, &address, 1, now_ms, &retry_s);
}

static void a_burst_and_then_the_rate(void **state)
{
    (void)state;
    start(10, 5, 100);
    for (int i = 0; i < 5; i++)
        assert_int_equal(take(1, 1000), 0);
    assert_int_equal(take(1, 1000), -EAGAIN);
    assert_int_equal(retry_s, 1);
    assert_int_equal(take(1, 1099), -EAGAIN);
    for (int64_t now_ms = 1100; now_ms < 5000; now_ms += 100) {
        assert_int_equal(take(1, now_ms), 0);
        assert_int_equal(take(1, now_ms), -EAGAIN);
    }
    /* Others do not notice. */
    assert_int_equal(take(2, 5000), 0);
    /* After a rest the whole burst is there again, and no more. */
    for (int i = 0; i < 5; i++)
        assert_int_equal(take(1, 9000), 0);
    assert_int_equal(take(1, 9000), -EAGAIN);
    limiter_free(&limiter);
}

static void the_time_told_is_true(void **state)
{
    struct seeded seeded = seeded_open();
    (void)state;
    for (int i = 0; i < 300; i++) {
        start(1 + (uint32_t)seeded_below(&seeded, 50), 1 + (uint32_t)seeded_below(&seeded, 20), 8);
        int64_t now_ms = (int64_t)seeded_below(&seeded, 1000000);
        while (take(1, now_ms) == 0)
            now_ms += (int64_t)seeded_below(&seeded, 10);
        int64_t wait_ms = (int64_t)retry_s * 1000;
        assert_true(retry_s > 0);
        /* Not yet, a whole second before; then for certain. */
        if (retry_s > 1)
            assert_int_equal(take(1, now_ms + wait_ms - 1001), -EAGAIN);
        assert_int_equal(take(1, now_ms + wait_ms), 0);
        limiter_free(&limiter);
    }
}

static void no_limit(void **state)
{
    (void)state;
    start(0, 1, 8);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(take(1, 0), 0);
    limiter_free(&limiter);
}

/* However many addresses: all together get their places' bursts and rates, and no more. */
static void a_full_table_lets_no_more_through(void **state)
{
    enum { PLACES = 64, BURST = 4, PER_S = 2, SECONDS = 10 };
    size_t through = 0;
    (void)state;
    start(PER_S, BURST, PLACES);
    for (int64_t now_ms = 1; now_ms <= SECONDS * 1000; now_ms += 10)
        for (uint32_t i = 0; i < 10; i++)
            through += take((uint32_t)now_ms * 10 + i, now_ms) == 0;
    assert_true(through <= PLACES * (BURST + PER_S * SECONDS));
    /* And no fewer than those places give. */
    assert_true(through >= PLACES * PER_S * (SECONDS - 1));
    limiter_free(&limiter);
}

/* Whoever has used up the burst does not win it back by a crowd of others. */
static void nobody_is_pushed_out_to_ones_gain(void **state)
{
    size_t through = 0;
    (void)state;
    start(1, 10, 8);
    for (int i = 0; i < 10; i++)
        assert_int_equal(take(1, 1), 0);
    for (uint32_t i = 100; i < 10000; i++) {
        (void)take(i, 2);
        through += take(1, 2) == 0;
    }
    /* The other seven places' tokens are all there is besides. */
    assert_true(through <= 7 * 10);
    limiter_free(&limiter);
}

/* A full bucket makes room for a newcomer, who has the whole burst. */
static void a_newcomer_among_the_idle(void **state)
{
    (void)state;
    start(10, 3, 8);
    for (uint32_t i = 0; i < 1000; i++)
        (void)take(i, 1);
    for (int i = 0; i < 3; i++)
        assert_int_equal(take(5000, 400), 0);
    assert_int_equal(take(5000, 400), -EAGAIN);
    limiter_free(&limiter);
}

static void the_idle_are_forgotten(void **state)
{
    size_t kept = 0;
    (void)state;
    start(10, 5, 10000); /* so many that no two get in each other's way */
    for (uint32_t i = 0; i < 50; i++)
        assert_int_equal(take(i, 1000), 0);
    for (int i = 0; i < 4; i++)
        assert_int_equal(take(0, 1000), 0);
    limiter_sweep(&limiter, 1100);
    for (size_t i = 0; i < limiter.slot_count; i++)
        kept += limiter.slots[i].client != 0;
    assert_int_equal(kept, 1);
    assert_int_equal(take(0, 1100), 0);
    assert_int_equal(take(0, 1100), -EAGAIN);
    limiter_sweep(&limiter, 2000);
    for (size_t i = 0; i < limiter.slot_count; i++)
        assert_true(limiter.slots[i].client == 0 && limiter.slots[i].full_us == 0);
    limiter_free(&limiter);
}

static int take_some(struct client_address address, uint32_t tokens, int64_t now_ms)
{
    return limiter_take(&limiter, &address, tokens, now_ms, &retry_s);
}

static void several_tokens_at_once(void **state)
{
    (void)state;
    start(1, 10, 8);
    assert_int_equal(take_some(client(1), 8, 1), 0);
    assert_int_equal(take_some(client(1), 3, 1), -EAGAIN);
    assert_int_equal(retry_s, 1);
    assert_int_equal(take_some(client(1), 2, 1), 0);
    /* More than there may ever be is as good as all there may be. */
    assert_int_equal(take_some(client(2), 1000, 1), 0);
    assert_int_equal(take_some(client(2), 1, 1), -EAGAIN);
    limiter_free(&limiter);
}

static void networks_of_one_site_share(void **state)
{
    const struct limiter_rules rules = {
        .per_minute = 60, .burst = 5, .wide_factor = 2, .clients_max = 1000};
    size_t through = 0;
    (void)state;
    assert_int_equal(limiter_init(&limiter, &rules, &random_system), 0);
    for (uint8_t network = 0; network < 10; network++)
        for (int i = 0; i < 5; i++)
            through += take_some((struct client_address){{0x20, 1, 0xd, 0xb8, 0, 1, 0, network}}, 1,
                                 1) == 0;
    assert_int_equal(through, 2 * 5);
    /* Another site, and version 4, which has no such networks. */
    assert_int_equal(take_some((struct client_address){{0x20, 1, 0xd, 0xb8, 0, 2}}, 5, 1), 0);
    assert_int_equal(
        take_some((struct client_address){{[10] = 0xff, [11] = 0xff, 192, 0, 2, 1}}, 5, 1), 0);
    assert_int_equal(
        take_some((struct client_address){{[10] = 0xff, [11] = 0xff, 192, 0, 2, 2}}, 5, 1), 0);
    limiter_free(&limiter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_burst_and_then_the_rate),
        cmocka_unit_test(the_time_told_is_true),
        cmocka_unit_test(no_limit),
        cmocka_unit_test(a_full_table_lets_no_more_through),
        cmocka_unit_test(nobody_is_pushed_out_to_ones_gain),
        cmocka_unit_test(a_newcomer_among_the_idle),
        cmocka_unit_test(the_idle_are_forgotten),
        cmocka_unit_test(several_tokens_at_once),
        cmocka_unit_test(networks_of_one_site_share),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
