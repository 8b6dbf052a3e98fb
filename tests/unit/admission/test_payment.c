#include "lib/test.h"

#include "admission/payment.h"

static void nothing_is_paid_where_nothing_is_asked(void **state)
{
    (void)state;
    struct payment_classes classes = {{[12] = 4000}};
    assert_int_equal(payment_first(&classes, 0, PAYMENT_MOST), 0);
}

static void the_least_is_paid_where_nobody_is_ahead(void **state)
{
    (void)state;
    struct payment_classes classes = {{[0] = 4000, [1] = 100}};
    assert_int_equal(payment_first(&classes, 16, PAYMENT_MOST), PAYMENT_LEAST);
}

/* By hand: 1000 in class 12. 2^11 (class 12): 2048 + 128 * 500 = 66048. 2^12: 4096. */
static void one_pays_to_be_ahead_of_a_crowd(void **state)
{
    (void)state;
    struct payment_classes classes = {{[12] = 1000}};
    assert_int_equal(payment_first(&classes, 16, PAYMENT_MOST), 1 << 12);
    /* 20 in class 14. 2^11: 2048 + 2560. 2^13: 8192 + 1280. 2^14: 16384. */
    classes = (struct payment_classes){{[14] = 20}};
    assert_int_equal(payment_first(&classes, 16, PAYMENT_MOST), 1 << 11);
    /* 100 in class 15. 2^11: 2048 + 12800. 2^14: 16384 + 6400. */
    classes = (struct payment_classes){{[15] = 100}};
    assert_int_equal(payment_first(&classes, 16, PAYMENT_MOST), 1 << 11);
    /* 200 there. 2^11: 2048 + 25600. 2^14: 16384 + 12800 = 29184. */
    classes = (struct payment_classes){{[15] = 200}};
    assert_int_equal(payment_first(&classes, 16, PAYMENT_MOST), 1 << 11);
    /* 300 there. 2^11: 2048 + 38400 = 40448. 2^14: 16384 + 19200 = 35584. */
    classes = (struct payment_classes){{[15] = 300}};
    assert_int_equal(payment_first(&classes, 16, PAYMENT_MOST), 1 << 14);
    assert_int_equal(payment_first(&classes, 16, 1 << 15), 1 << 15 < 35584 ? 1 << 15 : 1 << 14);
}

static void the_price_is_paid_even_beyond_ones_own_most(void **state)
{
    (void)state;
    struct payment_classes classes = {{0}};
    assert_int_equal(payment_first(&classes, 1365, PAYMENT_MOST), 2048); /* 3/2 of it is 2048 */
    assert_int_equal(payment_first(&classes, 1366, PAYMENT_MOST), 4096);
    assert_int_equal(payment_first(&classes, 1 << 17, PAYMENT_MOST), 1 << 18);
    assert_int_equal(payment_first(&classes, UINT32_MAX, PAYMENT_MOST), 6442450943);
}

static void tries_are_half_as_many_again(void **state)
{
    (void)state;
    assert_int_equal(payment_tries_least(0), 0);
    assert_int_equal(payment_tries_least(1), 2);
    assert_int_equal(payment_tries_least(16), 24);
    assert_int_equal(payment_tries_least(17), 26);
    assert_int_equal(payment_tries_least(UINT32_MAX), 6442450943);
}

/* By hand: 30 in class 14. 2^12: 1024 + 3840. 2^13: 2048 + 1920 = 3968. 2^14: 4096. */
static void raising_counts_a_quarter(void **state)
{
    (void)state;
    struct payment_classes classes = {{0}};
    assert_int_equal(payment_raise(&classes, PAYMENT_MOST), PAYMENT_RAISED);
    classes.t1s[14] = 30;
    assert_int_equal(payment_raise(&classes, PAYMENT_MOST), 1 << 13);
    classes.t1s[14] = 40;
    assert_int_equal(payment_raise(&classes, PAYMENT_MOST), 1 << 14);
    assert_int_equal(payment_raise(&classes, 1 << 10), 1 << 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_paid_where_nothing_is_asked),
        cmocka_unit_test(the_least_is_paid_where_nobody_is_ahead),
        cmocka_unit_test(one_pays_to_be_ahead_of_a_crowd),
        cmocka_unit_test(the_price_is_paid_even_beyond_ones_own_most),
        cmocka_unit_test(tries_are_half_as_many_again),
        cmocka_unit_test(raising_counts_a_quarter),
    };
    return cmocka_run_group_tests_name("admission/payment", tests, NULL, NULL);
}
