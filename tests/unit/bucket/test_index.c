#include "base/owner_of.h"
#include "lib/test.h"

#include <stdbool.h>
#include <stdlib.h>

#include "bucket/index.h"

struct thing {
    int number;
    struct index_node node;
};

enum { THINGS = 2000, HASHES = 300 }; /* so that many share a hash */

static void what_is_put_in_is_found_until_taken_out(void **state)
{
    struct seeded seeded = seeded_open();
    struct thing *things = calloc(THINGS, sizeof *things);
    bool in[THINGS] = {false};
    struct index index = {0};
    (void)state;
    for (int step = 0; step < 20000; step++) {
        size_t i = seeded_below(&seeded, THINGS);
        uint64_t hash = i % HASHES * UINT64_C(0x9e3779b97f4a7c15);
        if (in[i])
            index_remove(&index, &things[i].node);
        else
            assert_int_equal(index_insert(&index, &things[i].node, hash), 0);
        in[i] = !in[i];
        size_t expected = 0, found = 0;
        for (size_t j = i % HASHES; j < THINGS; j += HASHES)
            expected += in[j] ? 1 : 0;
        for (struct index_node *node = index_first(&index, hash); node; node = index_next(node)) {
            size_t j = (size_t)(OWNER_OF(node, struct thing, node) - things);
            assert_true(in[j] && j % HASHES == i % HASHES);
            found++;
        }
        assert_int_equal(found, expected);
    }
    index_free(&index);
    free(things);
}

static void growing_goes_in_steps_and_loses_nothing(void **state)
{
    enum { MANY = 70000 };
    struct seeded seeded = seeded_open();
    struct thing *things = calloc(MANY, sizeof *things);
    struct index index = {0};
    size_t grown = 0, under_way = 0;
    (void)state;
    for (size_t i = 0; i < MANY; i++) {
        size_t slots = index.slot_count;
        assert_int_equal(index_insert(&index, &things[i].node, seeded_next(&seeded)), 0);
        grown += slots != index.slot_count ? 1 : 0;
        under_way += index.old_slots ? 1 : 0;
        /* One that is in, old or new, is found, in whatever state the index is. */
        struct thing *other = &things[seeded_below(&seeded, i + 1)];
        assert_ptr_equal(index_first(&index, other->node.hash), &other->node);
    }
    assert_true(grown >= 13 && index.slot_count >= MANY);
    assert_true(under_way > MANY / 10); /* it did take many insertions */
    for (size_t i = 0; i < MANY; i++)
        index_remove(&index, &things[i].node);
    assert_int_equal(index.count, 0);
    index_free(&index);
    free(things);
}

static void an_empty_index_has_nothing(void **state)
{
    struct index index = {0};
    (void)state;
    assert_null(index_first(&index, 0));
    index_free(&index);
}

static void the_hash_depends_on_key_and_data(void **state)
{
    const uint8_t one[INDEX_KEY_BYTES] = {1}, other[INDEX_KEY_BYTES] = {2};
    (void)state;
    assert_true(index_hash(one, "a", 1) == index_hash(one, "a", 1));
    assert_true(index_hash(one, "a", 1) != index_hash(other, "a", 1));
    assert_true(index_hash(one, "a", 1) != index_hash(one, "b", 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_put_in_is_found_until_taken_out),
        cmocka_unit_test(growing_goes_in_steps_and_loses_nothing),
        cmocka_unit_test(an_empty_index_has_nothing),
        cmocka_unit_test(the_hash_depends_on_key_and_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
