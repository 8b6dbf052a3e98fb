/* Argon2i with AVX2 against libargon2, which a processor without it uses. */
#include "lib/test.h"

#include <argon2.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "base/secret.h"
#include "crypto/argon2i_avx2.h"

/* Around the block length of BLAKE2b, and more than one block. */
static const size_t lengths[] = {0, 1, 55, 128, 1000};

static void results_are_those_of_the_library(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct random_source source = seeded_source(&seeded);
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        uint8_t password[1000], salt[ARGON2I_SALT_BYTES];
        uint8_t ours[ARGON2I_HASH_BYTES], theirs[ARGON2I_HASH_BYTES];
        random_fill(&source, password, sizeof password);
        random_fill(&source, salt, sizeof salt);
        assert_int_equal(argon2i_hash_raw(ARGON2I_PASSES, ARGON2I_MEMORY_KIB, 1, password,
                                          lengths[i], salt, sizeof salt, theirs, sizeof theirs),
                         ARGON2_OK);
        assert_int_equal(argon2i_avx2(ours, password, lengths[i], salt), 0);
        assert_memory_equal(ours, theirs, sizeof ours);
    }
}

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
    int err = argon2i_avx2(hash, password, sizeof password, salt);
    assert_int_equal(setrlimit(RLIMIT_AS, &limit), 0);
    assert_int_equal(err, -ENOMEM);
    assert_int_equal(hash[0], 77);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_are_those_of_the_library),
        cmocka_unit_test(too_little_memory_is_an_error),
    };
    if (!argon2i_avx2_available()) {
        fprintf(stderr, "skipped: this processor has no AVX2\n");
        return 77;
    }
    return secret_init() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
