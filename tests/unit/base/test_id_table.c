#include "lib/test.h"

#include <string.h>

#include "base/id_table.h"
#include "base/secret.h"

enum { VALUES = 1000 };

struct value {
    uint8_t id[ID_TABLE_KEY_BYTES];
    size_t visits;
};

static void empty_table_has_nothing(void **state)
{
    (void)state;
    struct id_table table;
    static const uint8_t id[ID_TABLE_KEY_BYTES];
    size_t place = 0;
    id_table_open(&table);
    assert_null(id_table_find(&table, id));
    assert_null(id_table_next(&table, &place));
    id_table_close(&table);
}

static void every_value_is_found_and_visited_once(void **state)
{
    struct random_source random = seeded_source(*state);
    static struct value values[VALUES];
    struct id_table table;
    id_table_open(&table);
    for (size_t i = 0; i < VALUES; i++) {
        /* ids that differ in their last bytes only, as somebody who wants collisions would */
        do {
            random_fill(&random, values[i].id + ID_TABLE_KEY_BYTES - 8, 8);
        } while (id_table_find(&table, values[i].id));
        assert_int_equal(id_table_insert(&table, values[i].id, &values[i]), 0);
        assert_true(4 * table.count <= 3 * table.capacity);
    }
    for (size_t i = 0; i < VALUES; i++)
        assert_ptr_equal(id_table_find(&table, values[i].id), &values[i]);

    size_t place = 0;
    struct value *value;
    while ((value = id_table_next(&table, &place)))
        value->visits++;
    for (size_t i = 0; i < VALUES; i++)
        assert_int_equal(values[i].visits, 1);

    uint8_t absent[ID_TABLE_KEY_BYTES];
    memset(absent, 0xee, sizeof absent);
    assert_null(id_table_find(&table, absent));
    id_table_close(&table);
}

int main(void)
{
    static struct seeded seeded;
    seeded = seeded_open();
    assert_int_equal(secret_init(), 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_table_has_nothing),
        cmocka_unit_test_prestate(every_value_is_found_and_visited_once, &seeded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
