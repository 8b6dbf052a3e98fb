#include "lib/test.h"

#include <string.h>

#include "daemon/client_counts.h"

enum { LIMIT = 3, TOTAL = 1000 };

static struct client_counts counts;

static int set_up(void **state)
{
    (void)state;
    return client_counts_init(&counts, LIMIT, TOTAL, &random_system);
}

static int tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < counts.slot_count; i++)
        assert_int_equal(counts.slots[i].client, 0);
    client_counts_free(&counts);
    return 0;
}

static struct client_address v4(uint8_t last)
{
    return (struct client_address){{[10] = 0xff, [11] = 0xff, 192, 0, 2, last}};
}

static struct client_address v6(uint8_t site, uint8_t network)
{
    return (struct client_address){{0x20, 0x01, 0x0d, 0xb8, 0, site, 0, network}};
}

static void each_address_has_its_share(void **state)
{
    struct client_address ada = v4(1), bob = v4(2);
    (void)state;
    for (int i = 0; i < LIMIT; i++)
        assert_int_equal(client_counts_take(&counts, &ada, 1), 0);
    assert_int_equal(client_counts_take(&counts, &ada, 1), -EDQUOT);
    assert_int_equal(client_counts_take(&counts, &bob, 1), 0);
    client_counts_give(&counts, &ada, 1);
    assert_int_equal(client_counts_take(&counts, &ada, 1), 0);
    assert_int_equal(client_counts_take(&counts, &ada, 1), -EDQUOT);
    for (int i = 0; i < LIMIT; i++)
        client_counts_give(&counts, &ada, 1);
    client_counts_give(&counts, &bob, 1);
}

static void networks_of_one_site_share(void **state)
{
    size_t taken = 0;
    (void)state;
    for (uint8_t network = 0; network < 20; network++)
        for (int i = 0; i < LIMIT; i++)
            taken +=
                client_counts_take(&counts, &(struct client_address[]){v6(1, network)}[0], 1) == 0;
    assert_int_equal(taken, COUNTS_WIDE * LIMIT);
    struct client_address other = v6(2, 0);
    assert_int_equal(client_counts_take(&counts, &other, 1), 0);
    client_counts_give(&counts, &other, 1);
    for (uint8_t network = 0; network < COUNTS_WIDE; network++)
        for (int i = 0; i < LIMIT; i++)
            client_counts_give(&counts, &(struct client_address[]){v6(1, network)}[0], 1);
}

static void amounts_count(void **state)
{
    struct client_address ada = v6(1, 0), bob = v6(1, 1);
    (void)state;
    assert_int_equal(client_counts_take(&counts, &ada, LIMIT - 1), 0);
    assert_int_equal(client_counts_take(&counts, &ada, 2), -EDQUOT);
    assert_int_equal(client_counts_take(&counts, &ada, 1), 0);
    client_counts_give(&counts, &ada, LIMIT - 1);
    client_counts_give(&counts, &ada, 1);
    /* Who has nothing may have one, however large, and then no more; nor may the site. */
    assert_int_equal(client_counts_take(&counts, &ada, COUNTS_WIDE * LIMIT + 1), 0);
    assert_int_equal(client_counts_take(&counts, &ada, 1), -EDQUOT);
    assert_int_equal(client_counts_take(&counts, &bob, 1), -EDQUOT);
    client_counts_give(&counts, &ada, COUNTS_WIDE * LIMIT + 1);
    assert_int_equal(client_counts_take(&counts, &bob, 1), 0);
    client_counts_give(&counts, &bob, 1);
}

static void no_limit(void **state)
{
    struct client_counts none;
    struct client_address ada = v4(1);
    (void)state;
    assert_int_equal(client_counts_init(&none, 0, TOTAL, &random_system), 0);
    for (int i = 0; i < 100; i++)
        assert_int_equal(client_counts_take(&none, &ada, 1), 0);
    client_counts_give(&none, &ada, 1);
    client_counts_free(&none);
}

/* Against plain counting, with so many addresses that they collide. */
static void any_order_counts_right(void **state)
{
    enum { ADDRESSES = 200, STEPS = 20000 };
    static uint32_t taken[ADDRESSES];
    struct seeded seeded = seeded_open();
    size_t sum = 0;
    (void)state;
    memset(taken, 0, sizeof taken);
    for (int i = 0; i < STEPS; i++) {
        size_t who = (size_t)seeded_below(&seeded, ADDRESSES);
        struct client_address client = v4((uint8_t)who);
        if (seeded_below(&seeded, 2) == 0 && sum < TOTAL) {
            int err = client_counts_take(&counts, &client, 1);
            assert_int_equal(err, taken[who] < LIMIT ? 0 : -EDQUOT);
            taken[who] += !err;
            sum += !err;
        } else if (taken[who] > 0) {
            client_counts_give(&counts, &client, 1);
            taken[who]--;
            sum--;
        }
    }
    for (size_t who = 0; who < ADDRESSES; who++)
        for (; taken[who] > 0; taken[who]--)
            client_counts_give(&counts, &(struct client_address[]){v4((uint8_t)who)}[0], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_address_has_its_share, set_up, tear_down),
        cmocka_unit_test_setup_teardown(networks_of_one_site_share, set_up, tear_down),
        cmocka_unit_test_setup_teardown(amounts_count, set_up, tear_down),
        cmocka_unit_test(no_limit),
        cmocka_unit_test_setup_teardown(any_order_counts_right, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
