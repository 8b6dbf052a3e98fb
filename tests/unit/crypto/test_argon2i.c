#include "lib/test.h"

#include <sys/resource.h>

#include "base/secret.h"
#include "crypto/argon2i.h"

/* Right answers are among the known ones (tests/kat). */

static void too_little_memory_is_an_error(void **state)
{
    (void)state;
    const uint8_t password[1] = {'x'}, salt[ARGON2I_SALT_BYTES] = {0};
    uint8_t hash[ARGON2I_HASH_BYTES] = {77};
    struct rlimit limit, tight;
    assert_int_equal(getrlimit(RLIMIT_AS, &limit), 0);
    tight = limit;
    tight.rlim_cur = 1; /* nothing more than there is */
    assert_int_equal(setrlimit(RLIMIT_AS, &tight), 0);
    int err = argon2i(hash, password, sizeof password, salt);
    assert_int_equal(setrlimit(RLIMIT_AS, &limit), 0);
    assert_int_equal(err, -ENOMEM);
    assert_int_equal(hash[0], 77);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(too_little_memory_is_an_error),
    };
    return secret_init() ? 1 : cmocka_run_group_tests_name("crypto/argon2i", tests, NULL, NULL);
}
