#include "lib/test.h"

#include <stdlib.h>
#include <string.h>

#include "http/holders.h"

enum { COUNT_MAX = 20, ADA = 8, BOB = 16, EVE = 24 }; /* clients, all of one chain at first */

static struct holders holders;
static struct held held[64];

static int set_up(void **state)
{
    (void)state;
    memset(held, 0, sizeof held);
    assert_int_equal(holders_init(&holders, COUNT_MAX), 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < 64; i++)
        holders_remove(&holders, &held[i]);
    holders_free(&holders);
    return 0;
}

static void add(size_t from, size_t count, uint64_t client)
{
    for (size_t i = from; i < from + count; i++)
        assert_int_equal(holders_add(&holders, &held[i], client), 0);
}

static void who_holds_most_is_first(void **state)
{
    (void)state;
    assert_null(holders_first_idle(&holders));
    add(0, 2, ADA);
    add(10, 3, BOB);
    add(20, 1, EVE);
    assert_ptr_equal(holders_first_idle(&holders), &held[10]);
    assert_int_equal(holders_count(&held[11]), 3);
    holders_remove(&holders, &held[10]);
    holders_remove(&holders, &held[10]);
    holders_remove(&holders, &held[12]);
    assert_ptr_equal(holders_first_idle(&holders), &held[0]);
    holders_remove(&holders, &held[0]);
    holders_remove(&holders, &held[1]);
    /* Of those with as many, the one that did something longest ago. */
    assert_ptr_equal(holders_first_idle(&holders), &held[20]);
    holders_remove(&holders, &held[20]);
    assert_ptr_equal(holders_first_idle(&holders), &held[11]);
}

static void those_that_are_busy_count_and_are_not_found(void **state)
{
    (void)state;
    add(0, 3, ADA);
    add(10, 2, BOB);
    for (size_t i = 0; i < 3; i++)
        holders_set_idle(&holders, &held[i], false);
    assert_ptr_equal(holders_first_idle(&holders), &held[10]);
    assert_int_equal(holders_count(&held[0]), 3);
    holders_set_idle(&holders, &held[1], true);
    holders_set_idle(&holders, &held[0], true);
    assert_ptr_equal(holders_first_idle(&holders), &held[1]);
    /* What is idle anew is the last. */
    holders_set_idle(&holders, &held[1], true);
    assert_ptr_equal(holders_first_idle(&holders), &held[0]);
    holders_remove(&holders, &held[2]);
    holders_set_idle(&holders, &held[0], false);
    holders_set_idle(&holders, &held[1], false);
    holders_set_idle(&holders, &held[10], false);
    holders_set_idle(&holders, &held[11], false);
    assert_null(holders_first_idle(&holders));
}

static void more_than_expected_are_told_apart_from_fewer(void **state)
{
    (void)state;
    add(0, COUNT_MAX + 5, ADA);
    add(COUNT_MAX + 5, COUNT_MAX - 1, BOB);
    for (size_t i = 0; i <= 5; i++) {
        assert_ptr_equal(holders_first_idle(&holders), &held[i]);
        holders_remove(&holders, &held[i]);
    }
    /* ADA has as many as BOB now, and did something later. */
    assert_ptr_equal(holders_first_idle(&holders), &held[COUNT_MAX + 5]);
}

/* Against a search through all of them. */
static void as_by_search(void **state)
{
    struct seeded seeded = seeded_open();
    size_t count[4] = {0}, order[64] = {0}, changes = 0;
    (void)state;
    for (int step = 0; step < 20000; step++) {
        struct held *one = &held[seeded_below(&seeded, 64)];
        size_t at = (size_t)(one - held), client = at % 4;
        if (!one->holder) {
            assert_int_equal(holders_add(&holders, one, client + 1), 0);
            count[client]++;
            order[at] = ++changes;
        } else if (seeded_below(&seeded, 3) == 0) {
            holders_remove(&holders, one);
            count[client]--;
        } else {
            bool idle = seeded_below(&seeded, 2) == 0;
            holders_set_idle(&holders, one, idle);
            order[at] = ++changes;
        }
        const struct held *first = holders_first_idle(&holders);
        size_t most = 0;
        for (size_t i = 0; i < 64; i++)
            if (held[i].idle && count[i % 4] > most)
                most = count[i % 4];
        assert_int_equal(first ? holders_count(first) : 0, most);
        for (size_t i = 0; first && i < 64; i++)
            if (held[i].idle && held[i].holder == first->holder)
                assert_true(order[first - held] <= order[i]);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_holds_most_is_first),
        TEST(those_that_are_busy_count_and_are_not_found),
        TEST(more_than_expected_are_told_apart_from_fewer),
        TEST(as_by_search),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
