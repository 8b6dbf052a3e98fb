#include "lib/test.h"

#include "service/histogram.h"

static void values_fall_into_ranges(void **state)
{
    static const struct {
        uint64_t value;
        size_t range;
    } cases[] = {{0, 0},  {1, 0},  {2, 1},   {4, 1},   {5, 2},
                 {16, 2}, {17, 3}, {256, 4}, {257, 5}, {UINT32_MAX, 5}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct histogram histogram = {0};
        histogram_note(&histogram, cases[i].value);
        struct histogram_counts counts = histogram_read(&histogram);
        assert_int_equal(counts.sum, cases[i].value);
        for (size_t range = 0; range < HISTOGRAM_RANGES; range++)
            assert_int_equal(counts.counts[range], range == cases[i].range);
    }
    assert_int_equal(histogram_bound(0), 1);
    assert_int_equal(histogram_bound(HISTOGRAM_RANGES - 2), 256);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(values_fall_into_ranges)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
