#include "lib/test.h"

#include <stdbool.h>
#include <string.h>

#include "base/id_table.h"
#include "lib/allocation.h"

struct thing {
    uint8_t id[ID_TABLE_KEY_BYTES];
    unsigned seen;
};
enum { THINGS = 5000 };
static struct thing things[THINGS];

/* Ids that differ in one place only, wherever that is. */
static int number_things(void **state)
{
    (void)state;
    for (size_t i = 0; i < THINGS; i++) {
        memset(&things[i], 0, sizeof things[i]);
        things[i].id[i % ID_TABLE_KEY_BYTES] = (uint8_t)(1 + i / ID_TABLE_KEY_BYTES % 255);
        things[i].id[(i + 1) % ID_TABLE_KEY_BYTES] = (uint8_t)(i / (ID_TABLE_KEY_BYTES * 255));
    }
    return 0;
}

static void an_empty_table_has_nothing(void **state)
{
    (void)state;
    struct id_table table;
    size_t place = 0;
    id_table_open(&table);
    assert_null(id_table_find(&table, things[0].id));
    assert_null(id_table_next(&table, &place));
    id_table_close(&table);
    id_table_close(&table);
}

static void what_is_put_is_found_and_nothing_else(void **state)
{
    (void)state;
    struct id_table table;
    id_table_open(&table);
    for (size_t i = 0; i < THINGS; i++) {
        assert_null(id_table_find(&table, things[i].id));
        assert_int_equal(id_table_insert(&table, things[i].id, &things[i]), 0);
        assert_int_equal(table.count, i + 1);
    }
    for (size_t i = 0; i < THINGS; i++) {
        uint8_t copy[ID_TABLE_KEY_BYTES];
        memcpy(copy, things[i].id, sizeof copy);
        assert_ptr_equal(id_table_find(&table, copy), &things[i]);
    }
    static const uint8_t unknown[ID_TABLE_KEY_BYTES] = {1, 2, 3, 4};
    assert_null(id_table_find(&table, unknown));
    id_table_close(&table);
}

static void a_walk_meets_each_once(void **state)
{
    (void)state;
    struct id_table table;
    struct thing *thing;
    size_t place = 0, met = 0;
    id_table_open(&table);
    for (size_t i = 0; i < THINGS; i++)
        assert_int_equal(id_table_insert(&table, things[i].id, &things[i]), 0);
    while ((thing = id_table_next(&table, &place))) {
        assert_int_equal(thing->seen++, 0);
        met++;
    }
    assert_int_equal(met, THINGS);
    assert_null(id_table_next(&table, &place));
    id_table_close(&table);
}

static void two_tables_hash_differently(void **state)
{
    (void)state;
    struct id_table a, b;
    id_table_open(&a);
    id_table_open(&b);
    assert_memory_not_equal(a.hash_key, b.hash_key, sizeof a.hash_key);
    id_table_close(&a);
    id_table_close(&b);
}

static void without_memory_everything_put_before_stays(void **state)
{
    (void)state;
    size_t failures = 0;
    for (size_t which = 0; which < 8; which++) {
        struct id_table table;
        id_table_open(&table);
        allocation_fail(which);
        for (size_t i = 0; i < THINGS; i++) {
            int err = id_table_insert(&table, things[i].id, &things[i]);
            if (err) {
                assert_int_equal(err, -ENOMEM);
                assert_int_equal(table.count, i);
                assert_null(id_table_find(&table, things[i].id));
                assert_int_equal(id_table_insert(&table, things[i].id, &things[i]), 0);
                failures++;
            }
        }
        assert_int_equal(allocation_relent(), failures == which + 1);
        for (size_t i = 0; i < THINGS; i++)
            assert_ptr_equal(id_table_find(&table, things[i].id), &things[i]);
        id_table_close(&table);
    }
    /* From 64 places to 8192, each growth has failed once; there is no eighth for now. */
    assert_true(failures >= 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_empty_table_has_nothing, number_things),
        cmocka_unit_test_setup(what_is_put_is_found_and_nothing_else, number_things),
        cmocka_unit_test_setup(a_walk_meets_each_once, number_things),
        cmocka_unit_test(two_tables_hash_differently),
        cmocka_unit_test_setup(without_memory_everything_put_before_stays, number_things),
    };
    return cmocka_run_group_tests_name("base/id_table", tests, NULL, NULL);
}
