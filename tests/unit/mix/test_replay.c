#include "lib/test.h"

#include <string.h>

#include "mix/replay.h"
#include "route.h"

enum { MANY = 20000 };

static void number_tag(uint8_t tag[static MIX_TAG_BYTES], uint32_t number)
{
    memset(tag, 0, MIX_TAG_BYTES);
    memcpy(tag, &number, sizeof number);
    tag[MIX_TAG_BYTES - 1] = 1;
}

static struct mix_replay *open_table(size_t tags_max)
{
    struct mix_replay *replay = mix_replay_open(tags_max, &random_system);
    assert_non_null(replay);
    return replay;
}

static void every_tag_is_kept_once(void **state)
{
    (void)state;
    uint8_t tag[MIX_TAG_BYTES];
    struct mix_replay *replay = open_table(MANY);
    for (uint32_t i = 0; i < MANY; i++) {
        number_tag(tag, i);
        assert_int_equal(mix_replay_keep(replay, 7, tag), 0);
        assert_int_equal(mix_replay_keep(replay, 7, tag), -EEXIST);
    }
    for (uint32_t i = 0; i < MANY; i++) {
        number_tag(tag, i);
        assert_int_equal(mix_replay_keep(replay, 7, tag), -EEXIST);
    }
    assert_int_equal(mix_replay_tags(replay), MANY);
    mix_replay_close(replay);
}

/* Twice the tags' own bytes at most, once the tables are larger than at their beginning. */
static void memory_is_bounded_by_what_is_kept(void **state)
{
    (void)state;
    uint8_t tag[MIX_TAG_BYTES];
    struct mix_replay *replay = open_table(MANY);
    for (uint32_t i = 0; i < MANY; i++) {
        number_tag(tag, i);
        assert_int_equal(mix_replay_keep(replay, 7, tag), 0);
        if (i >= 1000)
            assert_true(mix_replay_bytes(replay) <= (size_t)2 * MIX_TAG_BYTES * (i + 1));
    }
    mix_replay_close(replay);
}

static void a_full_table_refuses(void **state)
{
    (void)state;
    uint8_t tag[MIX_TAG_BYTES];
    struct mix_replay *replay = open_table(3);
    for (uint32_t i = 0; i < 3; i++) {
        number_tag(tag, i);
        assert_int_equal(mix_replay_keep(replay, 5 + i, tag), 0);
    }
    number_tag(tag, 3);
    assert_int_equal(mix_replay_keep(replay, 6, tag), -ENOSPC);
    assert_int_equal(mix_replay_keep(replay, 8, tag), -ENOSPC); /* a fourth window */
    number_tag(tag, 2);
    assert_int_equal(mix_replay_keep(replay, 7, tag), -EEXIST);
    mix_replay_forget(replay, 7); /* window 5 goes */
    number_tag(tag, 3);
    assert_int_equal(mix_replay_keep(replay, 6, tag), 0);
    assert_int_equal(mix_replay_tags(replay), 3);
    mix_replay_close(replay);
}

static void a_clock_that_goes_back_lets_nothing_in_twice(void **state)
{
    (void)state;
    uint8_t tag[MIX_TAG_BYTES];
    struct mix_replay *replay = open_table(100);
    number_tag(tag, 1);
    assert_int_equal(mix_replay_keep(replay, 100, tag), 0);
    mix_replay_forget(replay, 102);
    assert_int_equal(mix_replay_tags(replay), 0);
    mix_replay_forget(replay, 100);
    assert_int_equal(mix_replay_keep(replay, 100, tag), -EKEYEXPIRED);
    assert_int_equal(mix_replay_keep(replay, 101, tag), 0);
    mix_replay_forget(replay, 50);
    assert_int_equal(mix_replay_keep(replay, 101, tag), -EEXIST);
    mix_replay_close(replay);
}

static void windows_whose_tags_may_be_lost_are_refused(void **state)
{
    (void)state;
    uint8_t tag[MIX_TAG_BYTES];
    struct mix_replay *replay = open_table(100);
    number_tag(tag, 1);
    mix_replay_refuse(replay, 11);
    assert_int_equal(mix_replay_keep(replay, 11, tag), -EKEYEXPIRED);
    assert_int_equal(mix_replay_keep(replay, 12, tag), 0);
    mix_replay_refuse(replay, UINT32_MAX);
    assert_int_equal(mix_replay_keep(replay, UINT32_MAX, tag), -EKEYEXPIRED);
    mix_replay_close(replay);
    mix_replay_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_tag_is_kept_once),
        cmocka_unit_test(memory_is_bounded_by_what_is_kept),
        cmocka_unit_test(a_full_table_refuses),
        cmocka_unit_test(a_clock_that_goes_back_lets_nothing_in_twice),
        cmocka_unit_test(windows_whose_tags_may_be_lost_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
