#include "lib/test.h"

#include "api/answers.h"

enum { KIB = 1024, ALL = 1024 * KIB, LARGE = 64 * KIB, MEASURE = 8 * KIB };

static struct answers answers;

static int set_up(void **state)
{
    (void)state;
    answers_init(&answers, ALL);
    return 0;
}

static size_t held(void)
{
    return atomic_load(&answers.all.held);
}

/* As many of them as there is room for. Returns: their bytes. */
static size_t fill(enum answer_kind kind, size_t bytes)
{
    size_t sum = 0;
    while (answers_take(&answers, kind, bytes) == 0)
        sum += bytes;
    return sum;
}

static void empty(enum answer_kind kind, size_t sum, size_t bytes)
{
    for (size_t at = 0; at < sum; at += bytes)
        answers_give(&answers, kind, bytes);
}

static void the_reference_has_half(void **state)
{
    (void)state;
    assert_int_equal(fill(ANSWER_REFERENCE, LARGE), ALL / 2);
    assert_int_equal(answers_take(&answers, ANSWER_REFERENCE, MEASURE), -ENOSPC);
    assert_int_equal(held(), ALL / 2);
    assert_int_equal(fill(ANSWER_V1, LARGE), ALL / 4);
    assert_int_equal(fill(ANSWER_V1, MEASURE), ALL / 4);
    /* What is given back can be taken again, by its own kind. */
    empty(ANSWER_REFERENCE, ALL / 2, LARGE);
    assert_int_equal(held(), ALL / 2);
    assert_int_equal(fill(ANSWER_V1, LARGE), ALL / 4);
}

static void the_last_quarter_is_for_short_ones(void **state)
{
    (void)state;
    assert_int_equal(fill(ANSWER_V1, LARGE), ALL - ALL / 4);
    assert_int_equal(answers_take(&answers, ANSWER_V1, ANSWER_SHORT_MAX + 1), -ENOSPC);
    assert_int_equal(fill(ANSWER_V1, ANSWER_SHORT_MAX), ALL / 4);
    assert_int_equal(held(), ALL);
    assert_int_equal(answers_take(&answers, ANSWER_V1, 1), -ENOSPC);
}

static void short_ones_of_the_reference_are_not(void **state)
{
    (void)state;
    assert_int_equal(fill(ANSWER_V1, LARGE), ALL - ALL / 4);
    assert_int_equal(answers_take(&answers, ANSWER_REFERENCE, MEASURE), -ENOSPC);
    /* Nothing of its half is left taken by that. */
    assert_int_equal(atomic_load(&answers.reference.held), 0);
    assert_int_equal(held(), ALL - ALL / 4);
}

static void short_ones_beyond_three_quarters_keep_large_ones_away(void **state)
{
    (void)state;
    assert_int_equal(fill(ANSWER_V1, MEASURE), ALL);
    assert_int_equal(answers_take(&answers, ANSWER_V1, LARGE), -ENOSPC);
    empty(ANSWER_V1, ALL / 4, MEASURE);
    assert_int_equal(answers_take(&answers, ANSWER_V1, LARGE), -ENOSPC);
    empty(ANSWER_V1, LARGE, MEASURE);
    assert_int_equal(answers_take(&answers, ANSWER_V1, LARGE), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_reference_has_half, set_up),
        cmocka_unit_test_setup(the_last_quarter_is_for_short_ones, set_up),
        cmocka_unit_test_setup(short_ones_of_the_reference_are_not, set_up),
        cmocka_unit_test_setup(short_ones_beyond_three_quarters_keep_large_ones_away, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
