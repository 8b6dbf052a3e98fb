#include "lib/test.h"

#include <sys/resource.h>

#include "crypto/argon2id.h"

enum { MEMORY_KIB = 1024 };

/* Right answers at the size of stamps are among the known ones (tests/kat). */

/* The memory is as the computation before left it, and no answer depends on that. */
static void used_memory_changes_no_answer(void **state)
{
    (void)state;
    const uint8_t salt[ARGON2ID_SALT_BYTES] = {0};
    uint8_t first[ARGON2ID_HASH_BYTES], other[ARGON2ID_HASH_BYTES], again[ARGON2ID_HASH_BYTES];
    struct argon2id_memory *memory;
    assert_int_equal(argon2id_open(&memory, MEMORY_KIB), 0);
    assert_int_equal(argon2id_run(memory, first, (const uint8_t *)"a", 1, salt), 0);
    assert_int_equal(argon2id_run(memory, other, (const uint8_t *)"b", 1, salt), 0);
    assert_int_equal(argon2id_run(memory, again, (const uint8_t *)"a", 1, salt), 0);
    argon2id_close(memory);
    assert_memory_equal(first, again, sizeof first);
    assert_memory_not_equal(first, other, sizeof first);
}

static void too_little_memory_is_an_error(void **state)
{
    (void)state;
    struct argon2id_memory *memory = NULL;
    struct rlimit limit, tight;
    assert_int_equal(getrlimit(RLIMIT_AS, &limit), 0);
    tight = limit;
    tight.rlim_cur = 1; /* nothing more than there is */
    assert_int_equal(setrlimit(RLIMIT_AS, &tight), 0);
    int err = argon2id_open(&memory, 1024 * MEMORY_KIB);
    assert_int_equal(setrlimit(RLIMIT_AS, &limit), 0);
    assert_int_equal(err, -ENOMEM);
    assert_null(memory);
    argon2id_close(memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(used_memory_changes_no_answer),
        cmocka_unit_test(too_little_memory_is_an_error),
    };
    return cmocka_run_group_tests_name("crypto/argon2id", tests, NULL, NULL);
}
