#include "node_case.h"

#include <string.h>

/* When what leaves a mix, and what it adds of its own. */

static void a_full_batch_leaves_at_once(void **state)
{
    (void)state;
    begin(2);
    for (size_t i = 0; i < settings.batch - 1; i++)
        send_forwarded();
    assert_int_equal(world.sent_count, 0);
    send_forwarded();
    assert_int_equal(world.sent_count, settings.batch);
    assert_int_equal(world.calls, 1);
    for (size_t i = 0; i < world.sent_count; i++) {
        assert_int_equal(world.sent[i].bytes, BOX_PACKET_BYTES);
        assert_true(world_is_for_mix(&world, &world.sent[i], 1));
    }
}

static void others_leave_when_the_interval_ends(void **state)
{
    (void)state;
    begin(2);
    send_forwarded();
    world_pass(&world, settings.interval_ms - 1);
    assert_int_equal(world.sent_count, 0);
    world_pass(&world, 1);
    assert_int_equal(world.sent_count, 1);
    world_pass(&world, settings.interval_ms);
    assert_int_equal(world.sent_count, 1);
}

/* The grid of intervals stays where it is, however late a mix wakes up. */
static void intervals_do_not_move(void **state)
{
    (void)state;
    begin(2);
    world_pass(&world, 3 * settings.interval_ms + 100);
    send_forwarded();
    world_pass(&world, settings.interval_ms - 101);
    assert_int_equal(world.sent_count, 0);
    assert_int_equal(node_due_ms(world.nodes[0]), world.time.monotonic_ms + 1);
    world_pass(&world, 1);
    assert_int_equal(world.sent_count, 1);
}

static void a_small_batch_is_filled_up_with_cover(void **state)
{
    (void)state;
    settings.minimum = 3;
    begin(5);
    send_forwarded();
    world_pass(&world, settings.interval_ms);
    assert_int_equal(world.sent_count, 3);
    assert_int_equal(counted(0, NODE_COVER_MADE), 2);
    for (size_t i = 0; i < world.sent_count; i++)
        assert_false(world_is_for_mix(&world, &world.sent[i], 0));
}

static void nothing_leaves_where_nothing_came_unless_cover_is_on(void **state)
{
    (void)state;
    settings.minimum = 3;
    begin(3);
    for (size_t i = 0; i < 4; i++)
        world_pass(&world, settings.interval_ms);
    assert_int_equal(world.sent_count, 0);
    world_close(&world);
    settings.cover = true;
    begin(3);
    for (size_t i = 1; i <= 4; i++) {
        world_pass(&world, settings.interval_ms);
        assert_int_equal(world.sent_count, i * 3 * 3);
    }
}

/* Of one to three hops, and all of it arrives and is dropped. */
static void cover_is_cover(void **state)
{
    (void)state;
    settings.minimum = 4;
    settings.cover = true;
    begin(5);
    uint64_t made = 0, taken = 0, forwarded = 0;
    for (size_t i = 0; i < 40; i++) {
        world_pass(&world, settings.interval_ms);
        world_carry(&world);
    }
    for (size_t i = 0; i < 5; i++) {
        made += counted(i, NODE_COVER_MADE);
        taken += counted(i, NODE_COVER_TAKEN);
        forwarded += counted(i, NODE_FORWARDED);
        assert_int_equal(counted(i, NODE_DROP_UNREADABLE), 0);
        assert_int_equal(counted(i, NODE_DROP_NOWHERE), 0);
    }
    assert_true(made > 300);
    assert_in_range(taken, made - 200, made);
    /* One hop more on the average: none, one or two. */
    assert_in_range(forwarded, made * 7 / 10, made * 13 / 10);
}

/* Made ahead, it is not what is taken no longer. */
static void cover_is_of_the_current_window(void **state)
{
    (void)state;
    settings.minimum = 4;
    settings.cover = true;
    begin(2);
    world_pass(&world, 1);
    world_pass(&world, (int64_t)4 * MIX_WINDOW_S * 1000);
    world_carry(&world);
    assert_int_equal(counted(1, NODE_COVER_TAKEN), 4);
    assert_int_equal(counted(1, NODE_DROP_WINDOW), 0);
}

static void one_mix_alone_has_no_cover(void **state)
{
    (void)state;
    settings.minimum = 4;
    settings.cover = true;
    begin(1);
    for (size_t i = 0; i < 4; i++)
        world_pass(&world, settings.interval_ms);
    assert_int_equal(world.sent_count, 0);
}

static void what_waits_leaves_at_the_end(void **state)
{
    (void)state;
    settings.minimum = 3;
    settings.cover = true;
    begin(2);
    world_pass(&world, 1);
    node_finish(world.nodes[0]);
    assert_int_equal(world.sent_count, 0);
    send_forwarded();
    node_finish(world.nodes[0]);
    assert_int_equal(world.sent_count, 3);
}

static void a_batch_of_more_than_one_call(void **state)
{
    (void)state;
    settings.batch = 2 * DATAGRAMS_BATCH + 1;
    begin(2);
    for (size_t i = 0; i < settings.batch; i++)
        send_forwarded();
    assert_int_equal(world.sent_count, settings.batch);
    assert_int_equal(world.calls, 3);
}

/* Sessions with other mixes */

static void a_session_with_a_mix_lasts_a_window(void **state)
{
    (void)state;
    uint8_t first[BOX_KEY_BYTES];
    settings.batch = 1;
    begin(2);
    send_forwarded();
    send_forwarded();
    memcpy(first, world.sent[0].data, sizeof first);
    assert_memory_equal(world.sent[1].data, first, sizeof first);
    world_pass(&world, (int64_t)MIX_WINDOW_S * 1000);
    send_forwarded();
    assert_memory_not_equal(world.sent[2].data, first, sizeof first);
    world_carry(&world);
    assert_int_equal(counted(1, NODE_COVER_TAKEN), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_full_batch_leaves_at_once),
        TEST(others_leave_when_the_interval_ends),
        TEST(intervals_do_not_move),
        TEST(a_small_batch_is_filled_up_with_cover),
        TEST(nothing_leaves_where_nothing_came_unless_cover_is_on),
        TEST(cover_is_cover),
        TEST(cover_is_of_the_current_window),
        TEST(one_mix_alone_has_no_cover),
        TEST(what_waits_leaves_at_the_end),
        TEST(a_batch_of_more_than_one_call),
        TEST(a_session_with_a_mix_lasts_a_window),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
