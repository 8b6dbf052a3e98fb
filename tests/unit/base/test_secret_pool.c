#include "lib/test.h"

#include <string.h>

#include "base/secret.h"
#include "base/secret_pool.h"
#include "lib/allocation.h"

enum { SLOT_BYTES = 48, SLOTS = 200 };

static int ready(void **state)
{
    (void)state;
    return secret_init();
}

static void slots_are_zeroed_apart_and_aligned(void **state)
{
    (void)state;
    static const uint8_t zeros[SLOT_BYTES];
    struct secret_pool pool;
    uint8_t *slots[SLOTS];
    secret_pool_open(&pool, SLOT_BYTES);
    for (size_t i = 0; i < SLOTS; i++) {
        slots[i] = secret_pool_take(&pool);
        assert_non_null(slots[i]);
        assert_int_equal((uintptr_t)slots[i] % 16, 0);
        assert_memory_equal(slots[i], zeros, SLOT_BYTES);
        memset(slots[i], (int)i + 1, SLOT_BYTES);
    }
    for (size_t i = 0; i < SLOTS; i++)
        for (size_t j = 0; j < SLOT_BYTES; j++)
            assert_int_equal(slots[i][j], (uint8_t)(i + 1));
    secret_pool_close(&pool);
}

static void a_slot_that_is_given_back_is_wiped_and_taken_again(void **state)
{
    (void)state;
    static const uint8_t zeros[SLOT_BYTES];
    struct secret_pool pool;
    uint8_t *slots[SLOTS];
    secret_pool_open(&pool, SLOT_BYTES);
    for (size_t i = 0; i < SLOTS; i++) {
        slots[i] = secret_pool_take(&pool);
        assert_non_null(slots[i]);
        memset(slots[i], 0x5a, SLOT_BYTES);
    }
    secret_pool_give(&pool, slots[7]);
    secret_pool_give(&pool, slots[150]);
    secret_pool_give(&pool, NULL);
    /* Only the place of the next free slot is in there. */
    assert_memory_equal(slots[150] + sizeof(void *), zeros, SLOT_BYTES - sizeof(void *));
    allocation_fail(0);
    assert_ptr_equal(secret_pool_take(&pool), slots[150]);
    assert_ptr_equal(secret_pool_take(&pool), slots[7]);
    assert_false(allocation_relent()); /* nothing was allocated */
    assert_memory_equal(slots[150], zeros, SLOT_BYTES);
    assert_memory_equal(slots[7], zeros, SLOT_BYTES);
    assert_int_equal(slots[8][0], 0x5a);
    secret_pool_close(&pool);
}

static void an_unused_pool_is_closed_as_any(void **state)
{
    (void)state;
    struct secret_pool pool;
    secret_pool_open(&pool, 16);
    secret_pool_close(&pool);
    secret_pool_close(&pool);
}

static void without_memory_the_slots_taken_before_stay(void **state)
{
    (void)state;
    /* Two allocations make a slab, so this fails either of the first's and of the second's. */
    for (size_t which = 0; which < 4; which++) {
        struct secret_pool pool;
        uint8_t *slots[SLOTS];
        size_t taken = 0, failures = 0;
        secret_pool_open(&pool, SLOT_BYTES);
        allocation_fail(which);
        while (taken < SLOTS) {
            slots[taken] = secret_pool_take(&pool);
            if (slots[taken])
                memset(slots[taken++], 0x5a, SLOT_BYTES);
            else
                failures++;
        }
        assert_true(allocation_relent());
        assert_int_equal(failures, 1);
        for (size_t i = 0; i < SLOTS; i++)
            assert_int_equal(slots[i][SLOT_BYTES - 1], 0x5a);
        secret_pool_close(&pool);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slots_are_zeroed_apart_and_aligned),
        cmocka_unit_test(a_slot_that_is_given_back_is_wiped_and_taken_again),
        cmocka_unit_test(an_unused_pool_is_closed_as_any),
        cmocka_unit_test(without_memory_the_slots_taken_before_stay),
    };
    return cmocka_run_group_tests_name("base/secret_pool", tests, ready, NULL);
}
