#include "lib/test.h"

#include <stdlib.h>
#include <string.h>

#include "group/seen.h"
#include "people.h"

static const uint8_t group_public[GROUP_KEY_BYTES] = {1}, other_public[GROUP_KEY_BYTES] = {2};
static const uint8_t author[GROUP_MEMBER_BYTES] = {3}, other_author[GROUP_MEMBER_BYTES] = {4};

static struct group_seen *open_seen(void)
{
    struct group_seen *seen = group_seen_open();
    assert_non_null(seen);
    return seen;
}

static int take(struct group_seen *seen, uint64_t number, uint8_t part, uint8_t parts)
{
    return group_seen_take(seen, group_public, author, number, part, parts);
}

static void nothing_is_taken_twice(void **state)
{
    (void)state;
    struct group_seen *seen = open_seen();
    assert_int_equal(take(seen, 0, 0, 1), 0);
    assert_int_equal(take(seen, 0, 0, 1), -EEXIST);
    assert_int_equal(take(seen, 2, 1, 2), 0);
    assert_int_equal(take(seen, 2, 1, 2), -EEXIST);
    assert_int_equal(take(seen, 2, 0, 3), -EBADMSG);
    assert_int_equal(take(seen, 2, 0, 2), 0);
    assert_int_equal(take(seen, 2, 0, 2), -EEXIST);
    assert_int_equal(take(seen, 1, 63, 64), 0);
    assert_int_equal(take(seen, 1, 64, 64), -EBADMSG);
    assert_int_equal(take(seen, 5, 0, 0), -EBADMSG);
    assert_int_equal(take(seen, 5, 0, 65), -EBADMSG);
    assert_int_equal(take(seen, UINT64_MAX, 0, 1), -EBADMSG);
    assert_int_equal(group_seen_take(seen, other_public, author, 0, 0, 1), 0);
    assert_int_equal(group_seen_take(seen, group_public, other_author, 0, 0, 1), 0);
    group_seen_close(seen);
    group_seen_close(NULL);
}

static void what_is_missing_is_reported(void **state)
{
    (void)state;
    struct group_seen *seen = open_seen();
    uint64_t numbers[4] = {0};
    assert_int_equal(group_seen_missing(seen, group_public, author, numbers, 4), 0);
    assert_int_equal(take(seen, 0, 0, 1), 0);
    assert_int_equal(group_seen_missing(seen, group_public, author, numbers, 4), 0);
    assert_int_equal(take(seen, 4, 0, 2), 0);
    assert_int_equal(group_seen_missing(seen, group_public, author, numbers, 4), 4);
    assert_int_equal(numbers[0], 1);
    assert_int_equal(numbers[3], 4); /* one part of two */
    assert_int_equal(take(seen, 4, 1, 2), 0);
    assert_int_equal(group_seen_missing(seen, group_public, author, numbers, 2), 3);
    assert_int_equal(group_seen_next(seen, group_public, author), 5);
    assert_int_equal(group_seen_expect(seen, group_public, author, 7), 0);
    assert_int_equal(group_seen_next(seen, group_public, author), 7);
    assert_int_equal(group_seen_next(seen, group_public, other_author), 0);
    assert_int_equal(group_seen_missing(seen, group_public, author, numbers, 4), 5);
    assert_int_equal(group_seen_expect(seen, group_public, author, 2), 0);
    assert_int_equal(group_seen_missing(seen, group_public, author, numbers, 4), 5);
    group_seen_forget(seen, group_public);
    assert_int_equal(group_seen_missing(seen, group_public, author, numbers, 4), 0);
    group_seen_close(seen);
}

/* A member who skips numbers makes nobody keep more than there is room for. */
static void what_is_open_is_bounded(void **state)
{
    (void)state;
    struct group_seen *seen = open_seen();
    for (uint64_t i = 1; i <= GROUP_SEEN_OPEN_MAX; i++)
        assert_int_equal(take(seen, 2 * i, 0, 1), 0);
    assert_int_equal(take(seen, 1, 0, 1), 0);
    assert_int_equal(take(seen, 0, 0, 1), -EEXIST); /* the gap that was given up */
    assert_int_equal(take(seen, 3, 0, 1), 0);
    assert_int_equal(take(seen, 2 * GROUP_SEEN_OPEN_MAX, 0, 1), -EEXIST);
    assert_int_equal(take(seen, 2 * GROUP_SEEN_OPEN_MAX - 1, 0, 1), 0);
    assert_int_equal(take(seen, UINT64_MAX - 1, 0, 1), 0);
    group_seen_close(seen);
}

static void whatever_order_each_part_comes_once(void **state)
{
    (void)state;
    enum { MESSAGES = 300, PARTS = 3, ALL = MESSAGES * PARTS };
    struct seeded seeded = seeded_open();
    static size_t order[ALL];
    struct group_seen *seen = open_seen();
    seeded_order(&seeded, order, ALL);
    for (size_t i = 0; i < ALL; i++) {
        uint64_t number = order[i] / PARTS;
        uint8_t part = (uint8_t)(order[i] % PARTS);
        assert_int_equal(take(seen, number, part, PARTS), 0);
        size_t earlier = order[seeded_below(&seeded, i + 1)];
        assert_int_equal(take(seen, earlier / PARTS, (uint8_t)(earlier % PARTS), PARTS), -EEXIST);
    }
    assert_int_equal(group_seen_missing(seen, group_public, author, NULL, 0), 0);
    group_seen_close(seen);
}

static void it_is_saved_and_loaded(void **state)
{
    (void)state;
    struct group_seen *seen = open_seen(), *again = open_seen();
    uint8_t saved[4096], resaved[4096];
    struct writer counter = {.at = NULL}, writer = {.at = saved}, rewriter = {.at = resaved};
    assert_int_equal(take(seen, 0, 0, 1), 0);
    assert_int_equal(take(seen, 3, 1, 2), 0);
    assert_int_equal(group_seen_take(seen, other_public, other_author, 9, 0, 64), 0);
    group_seen_save(seen, &counter);
    assert_in_range(counter.bytes, 1, sizeof saved);
    group_seen_save(seen, &writer);
    for (size_t bytes = 0; bytes < writer.bytes; bytes++) {
        struct cursor cursor = cursor_over(saved, bytes);
        assert_int_equal(group_seen_load(again, &cursor), -EBADMSG);
    }
    struct cursor cursor = cursor_over(saved, writer.bytes);
    assert_int_equal(group_seen_load(again, &cursor), 0);
    assert_int_equal(cursor_finish(&cursor), 0);
    assert_int_equal(take(again, 3, 1, 2), -EEXIST);
    group_seen_save(again, &rewriter);
    assert_int_equal(rewriter.bytes, writer.bytes);
    assert_memory_equal(saved, resaved, writer.bytes);
    group_seen_close(seen);
    group_seen_close(again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_taken_twice),
        cmocka_unit_test(what_is_missing_is_reported),
        cmocka_unit_test(what_is_open_is_bounded),
        cmocka_unit_test(whatever_order_each_part_comes_once),
        cmocka_unit_test(it_is_saved_and_loaded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
