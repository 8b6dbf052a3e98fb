#include "lib/test.h"

#include <signal.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/secret.h"

static int ready(void **state)
{
    (void)state;
    return secret_init();
}

static void starting_twice_is_fine(void **state)
{
    (void)state;
    assert_int_equal(secret_init(), 0);
}

static void fresh_memory_is_zero(void **state)
{
    (void)state;
    static const uint8_t zeros[100];
    uint8_t *secret = secret_alloc(sizeof zeros);
    assert_non_null(secret);
    assert_memory_equal(secret, zeros, sizeof zeros);
    secret_free(secret);
    secret_free(NULL);
}

static void impossible_sizes_give_null(void **state)
{
    (void)state;
    assert_null(secret_alloc(SIZE_MAX));
    assert_null(secret_alloc(SIZE_MAX / 2));
}

static void memory_of_any_size_is_aligned_for_any_object(void **state)
{
    (void)state;
    for (size_t bytes = 1; bytes <= 4 * alignof(max_align_t); bytes++) {
        void *secret = secret_alloc(bytes);
        assert_non_null(secret);
        assert_int_equal((uintptr_t)secret % alignof(max_align_t), 0);
        secret_free(secret);
    }
}

/* Run `touch` in a child, and tell whether it died by a signal. */
static bool kills(void (*touch)(volatile uint8_t *secret))
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        signal(SIGSEGV, SIG_DFL); /* cmocka would catch it */
        volatile uint8_t *secret = secret_alloc(4096);
        if (secret)
            touch(secret);
        _exit(secret ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
    return WIFSIGNALED(status);
}

static void touch_last(volatile uint8_t *secret)
{
    secret[4095] = 1;
}

static void touch_behind(volatile uint8_t *secret)
{
    secret[4096] = 1;
}

static void touch_before(volatile uint8_t *secret)
{
    /* Between the guard page and the bytes lie libsodium's canary and up to a page of padding. */
    secret[-2 * 4096] = 1;
}

static void guard_pages_stop_overruns(void **state)
{
    (void)state;
    assert_false(kills(touch_last));
    assert_true(kills(touch_behind));
    assert_true(kills(touch_before));
}

static void wiping_leaves_zeros_and_nothing_else(void **state)
{
    (void)state;
    uint8_t bytes[6] = {1, 2, 3, 4, 5, 6};
    secret_wipe(bytes + 1, 4);
    assert_memory_equal(bytes, "\1\0\0\0\0\6", sizeof bytes);
    secret_wipe(bytes, 0);
    assert_int_equal(bytes[0], 1);
}

static void equality_looks_at_every_bit(void **state)
{
    (void)state;
    uint8_t a[33] = {0}, b[33] = {0};
    assert_true(secret_equal(a, b, sizeof a));
    for (size_t bit = 0; bit < 8 * sizeof a; bit++) {
        b[bit / 8] = (uint8_t)(1u << bit % 8);
        assert_false(secret_equal(a, b, sizeof a));
        b[bit / 8] = 0;
    }
    assert_true(secret_equal(a, b, 0));
}

static void selection_takes_one_or_the_other(void **state)
{
    (void)state;
    uint8_t out[3];
    secret_select(out, (const uint8_t *)"abc", (const uint8_t *)"xyz", 3, 0xff);
    assert_memory_equal(out, "abc", 3);
    secret_select(out, out, (const uint8_t *)"xyz", 3, 0);
    assert_memory_equal(out, "xyz", 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starting_twice_is_fine),
        cmocka_unit_test(fresh_memory_is_zero),
        cmocka_unit_test(impossible_sizes_give_null),
        cmocka_unit_test(memory_of_any_size_is_aligned_for_any_object),
        cmocka_unit_test(guard_pages_stop_overruns),
        cmocka_unit_test(wiping_leaves_zeros_and_nothing_else),
        cmocka_unit_test(equality_looks_at_every_bit),
        cmocka_unit_test(selection_takes_one_or_the_other),
    };
    return cmocka_run_group_tests_name("base/secret", tests, ready, NULL);
}
