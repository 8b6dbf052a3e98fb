#include "lib/test.h"

#include <string.h>

#include "base/secret.h"
#include "base/secret_pool.h"

enum { SLOTS = 200, SLOT_BYTES = 48 };

/* Slots are zeroed, aligned and apart from each other, over several slabs. */
static void slots_are_separate(void **state)
{
    (void)state;
    struct secret_pool pool;
    uint8_t *slots[SLOTS];
    secret_pool_open(&pool, SLOT_BYTES);
    for (size_t i = 0; i < SLOTS; i++) {
        static const uint8_t zeros[SLOT_BYTES];
        slots[i] = secret_pool_take(&pool);
        assert_non_null(slots[i]);
        assert_int_equal((uintptr_t)slots[i] % 16, 0);
        assert_memory_equal(slots[i], zeros, sizeof zeros);
        memset(slots[i], (int)i, SLOT_BYTES);
    }
    for (size_t i = 0; i < SLOTS; i++)
        for (size_t j = 0; j < SLOT_BYTES; j++)
            assert_int_equal(slots[i][j], (uint8_t)i);
    secret_pool_close(&pool);
    secret_pool_close(&pool); /* a closed pool is an empty one */
}

int main(void)
{
    assert_int_equal(secret_init(), 0);
    const struct CMUnitTest tests[] = {cmocka_unit_test(slots_are_separate)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
