#include "lib/test.h"

#include "admission/price.h"

/* Prices themselves are among the known answers (tests/kat). */

static bool about(double value, double wanted)
{
    return value > wanted - 1e-6 && value < wanted + 1e-6;
}

static void a_stock_halves_in_forty_minutes(void **state)
{
    (void)state;
    struct price_stock stock = {0};
    price_stock_add(&stock, 64, 1000);
    assert_true(about(price_stock_at(&stock, 1000), 64));
    assert_true(about(price_stock_at(&stock, 1000 + PRICE_HALF_LIFE_S), 32));
    assert_true(about(price_stock_at(&stock, 1000 + 2 * PRICE_HALF_LIFE_S), 16));
    price_stock_add(&stock, 1, 1000 + PRICE_HALF_LIFE_S);
    assert_true(about(price_stock_at(&stock, 1000 + PRICE_HALF_LIFE_S), 33));
}

static void looking_at_a_stock_changes_nothing(void **state)
{
    (void)state;
    struct price_stock stock = {0};
    price_stock_add(&stock, 10, 0);
    for (int64_t s = 0; s < PRICE_HALF_LIFE_S; s += 10)
        assert_true(price_stock_at(&stock, s) <= 10);
    assert_true(about(price_stock_at(&stock, PRICE_HALF_LIFE_S), 5));
}

static void an_earlier_moment_is_no_gain(void **state)
{
    (void)state;
    struct price_stock stock = {0};
    price_stock_add(&stock, 10, PRICE_HALF_LIFE_S);
    assert_true(about(price_stock_at(&stock, 0), 10));
    price_stock_add(&stock, 1, 0);
    assert_int_equal(stock.at_s, PRICE_HALF_LIFE_S);
    assert_true(about(stock.amount, 11));
}

static void prices_never_fall_as_more_comes(void **state)
{
    (void)state;
    uint32_t last = 0;
    for (uint32_t n = 0; n < 64 * 300; n++) {
        uint32_t price = price_t1(n, 64);
        assert_true(price >= last);
        last = price;
    }
    assert_int_equal(price_t1(1e300, 64), UINT32_MAX);
}

/* What comes in equal distances brings the stock to a level at which as much decays. */
static void a_steady_stream_settles(void **state)
{
    (void)state;
    struct price_stock stock = {0};
    for (int64_t s = 0; s < 20 * PRICE_HALF_LIFE_S; s += 10)
        price_stock_add(&stock, 1, s);
    /* 240 a half-life: 240 / ln 2. */
    assert_in_range((int)price_stock_at(&stock, 20 * PRICE_HALF_LIFE_S), 344, 348);
}

static void one_waits_until_as_little_is_left(void **state)
{
    (void)state;
    struct price_stock stock = {0};
    assert_int_equal(price_stock_wait_s(&stock, 64, 0), 0);
    price_stock_add(&stock, 256, 0);
    int64_t wait_s = price_stock_wait_s(&stock, 64, 100);
    assert_int_equal(wait_s, 2 * PRICE_HALF_LIFE_S - 100 + 1);
    assert_true(price_stock_at(&stock, 100 + wait_s) < 64);
    price_stock_take_back(&stock, 255);
    assert_int_equal(price_stock_wait_s(&stock, 64, 100), 0);
    price_stock_take_back(&stock, 255);
    assert_true(about(stock.amount, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stock_halves_in_forty_minutes),
        cmocka_unit_test(looking_at_a_stock_changes_nothing),
        cmocka_unit_test(an_earlier_moment_is_no_gain),
        cmocka_unit_test(prices_never_fall_as_more_comes),
        cmocka_unit_test(a_steady_stream_settles),
        cmocka_unit_test(one_waits_until_as_little_is_left),
    };
    return cmocka_run_group_tests_name("admission/price", tests, NULL, NULL);
}
