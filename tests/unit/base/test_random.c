#include "lib/test.h"

#include <string.h>

#include "base/random.h"

/* A source that replays given 32-bit draws. */
struct replay {
    const uint32_t *draws;
    size_t count, used;
};

static void replay_fill(void *state, uint8_t *out, size_t bytes)
{
    struct replay *replay = state;
    assert_int_equal(bytes, sizeof(uint32_t));
    assert_true(replay->used < replay->count);
    memcpy(out, &replay->draws[replay->used++], bytes);
}

static void draws_that_would_bias_are_drawn_again(void **state)
{
    (void)state;
    /* 3 * 1431655765 = 2^32 - 1, so for a bound of 3 the one draw above that is refused. */
    static const uint32_t draws[] = {UINT32_MAX, UINT32_MAX, UINT32_MAX - 1};
    struct replay replay = {draws, 3, 0};
    const struct random_source source = {replay_fill, &replay};
    assert_int_equal(random_below(&source, 3), 2);
    assert_int_equal(replay.used, 3);
}

static void bounds_at_both_ends(void **state)
{
    (void)state;
    static const uint32_t draws[] = {12345, UINT32_MAX - 1, 0};
    struct replay replay = {draws, 3, 0};
    const struct random_source source = {replay_fill, &replay};
    assert_int_equal(random_below(&source, 1), 0);
    assert_true(random_below(&source, UINT32_MAX) == UINT32_MAX - 1);
    assert_int_equal(random_below(&source, UINT32_MAX), 0);
}

static void every_number_below_the_bound_comes(void **state)
{
    (void)state;
    struct seeded seeded = seeded_open();
    struct random_source source = seeded_source(&seeded);
    unsigned seen = 0;
    /* The chance that one of seven is missing after 1000 draws is below 2^-200. */
    for (int i = 0; i < 1000; i++)
        seen |= 1u << random_below(&source, 7);
    assert_int_equal(seen, 0x7f);
}

static void the_system_does_not_repeat_itself(void **state)
{
    (void)state;
    uint8_t a[32] = {0}, b[32] = {0};
    random_fill(&random_system, a, sizeof a);
    random_fill(&random_system, b, sizeof b);
    assert_memory_not_equal(a, b, sizeof a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(draws_that_would_bias_are_drawn_again),
        cmocka_unit_test(bounds_at_both_ends),
        cmocka_unit_test(every_number_below_the_bound_comes),
        cmocka_unit_test(the_system_does_not_repeat_itself),
    };
    return cmocka_run_group_tests_name("base/random", tests, NULL, NULL);
}
