/* What a client keeps of the packets whose answers it awaits. */
#include "udp/mix_surbs.h"

#include <string.h>

#include "base/secret.h"
#include "lib/test.h"

static struct mix_surbs surbs;

static int open_surbs(void **state)
{
    (void)state;
    return mix_surbs_open(&surbs);
}

static int close_surbs(void **state)
{
    (void)state;
    mix_surbs_close(&surbs);
    mix_surbs_close(&surbs); /* once more is fine */
    return 0;
}

static struct mix_pending *add(uint8_t alpha, int64_t now_ms)
{
    struct mix_pending *pending = mix_surbs_add(&surbs, now_ms);
    memset(pending->secrets.last_alpha, alpha, MIX_ALPHA_BYTES);
    memset(pending->secrets.key, alpha, sizeof pending->secrets.key);
    return pending;
}

static struct mix_pending *find(uint8_t alpha)
{
    uint8_t whole[MIX_ALPHA_BYTES];
    memset(whole, alpha, sizeof whole);
    return mix_surbs_find(&surbs, whole);
}

static bool is_zero(const struct mix_pending *pending)
{
    static const struct mix_pending zeros;
    return memcmp(pending, &zeros, sizeof zeros) == 0;
}

static void an_answer_is_found_by_its_alpha_once(void **state)
{
    (void)state;
    struct mix_pending *one = add(1, 100), *other = add(2, 100);
    assert_ptr_not_equal(one, other);
    assert_true(one->used && one->sent_ms == 100);
    assert_ptr_equal(find(1), one);
    assert_ptr_equal(find(2), other);
    assert_null(find(3));
    assert_null(find(0)); /* entries that are not used have such an alpha */
    mix_surbs_release(one);
    assert_null(find(1));
    assert_ptr_equal(find(2), other);
}

static void what_is_released_is_wiped(void **state)
{
    (void)state;
    struct mix_pending *pending = add(1, 100);
    memset(&pending->key, 7, sizeof pending->key);
    mix_surbs_release(pending);
    assert_true(is_zero(pending));
}

static void the_oldest_makes_room(void **state)
{
    (void)state;
    for (uint8_t i = 1; i <= MIX_SURBS_MAX; i++)
        add(i, i == 9 ? 1 : 1000 + i);
    struct mix_pending *latest = add(200, 5000);
    assert_null(find(9));
    assert_ptr_equal(find(200), latest);
    for (uint8_t i = 1; i <= MIX_SURBS_MAX; i++)
        assert_int_equal(find(i) != NULL, i != 9);
}

static void after_a_while_no_answer_is_awaited(void **state)
{
    (void)state;
    add(1, 1000);
    add(2, 2000);
    mix_surbs_expire(&surbs, 1000 + MIX_SURB_LIFE_MS - 1);
    assert_non_null(find(1));
    mix_surbs_expire(&surbs, 1000 + MIX_SURB_LIFE_MS);
    assert_null(find(1));
    assert_non_null(find(2));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_surbs, close_surbs)

int main(void)
{
    assert_int_equal(secret_init(), 0);
    const struct CMUnitTest tests[] = {
        TEST(an_answer_is_found_by_its_alpha_once),
        TEST(what_is_released_is_wiped),
        TEST(the_oldest_makes_room),
        TEST(after_a_while_no_answer_is_awaited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
