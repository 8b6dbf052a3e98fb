#include <string.h>

#include "rack.h"

static struct rack rack;
static struct mailbox *found;
static struct mailbox_page page;

static int set_up(void **state)
{
    (void)state;
    rack_open(&rack);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    rack_close(&rack);
    return 0;
}

static void open_one(uint8_t id)
{
    assert_int_equal(rack_open_mailbox(&rack, id, NOON_S), 0);
    assert_int_equal(rack_publish(&rack), 0);
}

static void deliver(uint8_t id, uint8_t r)
{
    assert_int_equal(rack_deliver(&rack, id, r, r, NOON_S), 0);
}

static void staged_is_not_seen_but_counts(void **state)
{
    (void)state;
    assert_int_equal(rack_open_mailbox(&rack, 1, NOON_S), 0);
    assert_int_equal(rack_find(&rack, 1, NOON_S, &found), -ENOENT);
    assert_int_equal(rack_open_mailbox(&rack, 1, NOON_S), -EEXIST);
    deliver(1, 'a');
    assert_int_equal(rack_deliver(&rack, 1, 'a', 'x', NOON_S), -EEXIST);
    rack_publish(&rack);
    assert_string_equal(rack_read(&rack, 1, 0, NOON_S, &page), "a");
    deliver(1, 'b');
    assert_string_equal(rack_read(&rack, 1, 0, NOON_S, &page), "a");
    rack_publish(&rack);
    assert_string_equal(rack_read(&rack, 1, page.cursor, NOON_S, &page), "b");
}

/* In whichever order copies of one commit arrive, readers see the same. */
static void a_commit_has_no_order_of_arrival(void **state)
{
    static const char *const arrivals[] = {"abc", "cba", "bca"};
    (void)state;
    for (uint8_t id = 0; id < 3; id++) {
        open_one(id);
        for (size_t i = 0; i < 3; i++)
            deliver(id, (uint8_t)arrivals[id][i]);
        rack_publish(&rack);
        deliver(id, 'A');
        rack_publish(&rack);
        assert_string_equal(rack_read(&rack, id, 0, NOON_S, &page), "abc");
        assert_true(page.more);
        assert_string_equal(rack_read(&rack, id, page.cursor, NOON_S, &page), "A");
        assert_false(page.more);
        uint64_t last = page.cursor;
        assert_string_equal(rack_read(&rack, id, last, NOON_S, &page), "");
        assert_int_equal(page.cursor, last);
    }
}

static void a_token_delivers_once(void **state)
{
    (void)state;
    open_one(1);
    open_one(2);
    deliver(1, 'a');
    rack_publish(&rack);
    (void)rack_read(&rack, 1, 0, NOON_S, &page);
    assert_int_equal(rack_remove(&rack, 1, page.cursor, NOON_S), 0);
    assert_string_equal(rack_read(&rack, 1, 0, NOON_S, &page), "a");
    rack_publish(&rack);
    assert_string_equal(rack_read(&rack, 1, 0, NOON_S, &page), "");
    /* Also when it was removed; not in another mailbox. */
    assert_int_equal(rack_deliver(&rack, 1, 'a', 'x', NOON_S), -EEXIST);
    assert_int_equal(rack_deliver(&rack, 2, 'a', 'x', NOON_S), 0);
    rack_publish(&rack);
    /* Within a copy's life, and that alone. */
    int64_t end_s = NOON_S + DAY_S;
    assert_int_equal(mailboxes_next_end_s(&rack.all), end_s);
    assert_int_equal(rack_deliver(&rack, 1, 'a', 'x', end_s - 1), -EEXIST);
    assert_int_equal(mailboxes_stage_time(&rack.all, &rack.batch, end_s), 0);
    rack_publish(&rack);
    assert_int_equal(rack.all.by_token.count, 0);
    assert_int_equal(rack_deliver(&rack, 1, 'a', 'x', end_s), 0);
    rack_publish(&rack);
}

static void a_removal_leaves_what_came_later(void **state)
{
    (void)state;
    open_one(1);
    deliver(1, 'a');
    deliver(1, 'b');
    rack_publish(&rack);
    (void)rack_read(&rack, 1, 0, NOON_S, &page);
    uint64_t to = page.cursor;
    deliver(1, 'c');
    /* Nobody has been told the numbers of copies that come with the same commit. */
    assert_int_equal(rack_remove(&rack, 1, UINT64_MAX, NOON_S), 0);
    rack_publish(&rack);
    assert_string_equal(rack_read(&rack, 1, 0, NOON_S, &page), "c");
    assert_true(page.cursor > to);
    assert_int_equal(rack_remove(&rack, 1, to, NOON_S), 0);
    assert_int_equal(rack.batch.count, 0);
    assert_int_equal(rack_remove(&rack, 2, to, NOON_S), -ENOENT);
}

static void limits_are_kept(void **state)
{
    (void)state;
    for (uint8_t id = 0; id < 3; id++)
        open_one(id);
    assert_int_equal(rack_open_mailbox(&rack, 3, NOON_S), -EMFILE);
    assert_int_equal(rack_deliver(&rack, 3, 'a', 'a', NOON_S), -ENOENT);
    for (uint8_t r = 0; r < 4; r++)
        deliver(1, r);
    assert_int_equal(rack_deliver(&rack, 1, 4, 'x', NOON_S), -ENOSPC);
    rack_publish(&rack);
    assert_int_equal(rack_deliver(&rack, 1, 4, 'x', NOON_S), -ENOSPC);
    /* What was refused has not used up its token. */
    assert_int_equal(rack_remove(&rack, 1, UINT64_MAX, NOON_S), 0);
    rack_publish(&rack);
    deliver(1, 4);
    rack_publish(&rack);
    rack.all.rules.bytes_max = rack.all.bytes;
    assert_int_equal(rack_deliver(&rack, 2, 4, 'x', NOON_S), -ENOSPC);
}

static void tokens_have_a_limit_of_their_own(void **state)
{
    (void)state;
    open_one(1);
    for (uint8_t r = 0; r < 4 * MAILBOX_TOKENS_EACH; r++) {
        deliver(1, r);
        rack_publish(&rack);
        assert_int_equal(rack_remove(&rack, 1, UINT64_MAX, NOON_S), 0);
        rack_publish(&rack);
    }
    assert_int_equal(rack_deliver(&rack, 1, 255, 'x', NOON_S), -ENOSPC);
    assert_int_equal(rack.all.copies, 0);
}

static void a_closed_one_opens_never_again(void **state)
{
    (void)state;
    open_one(1);
    deliver(1, 'a');
    rack_publish(&rack);
    assert_int_equal(rack_close_mailbox(&rack, 1, NOON_S), 0);
    assert_int_equal(rack_find(&rack, 1, NOON_S, &found), 0);
    assert_int_equal(rack_deliver(&rack, 1, 'b', 'b', NOON_S), -ENOENT);
    assert_int_equal(rack_open_mailbox(&rack, 1, NOON_S), -EKEYEXPIRED);
    assert_int_equal(rack_close_mailbox(&rack, 1, NOON_S), -EEXIST);
    assert_int_equal(rack_publish(&rack), 1);
    assert_int_equal(rack_find(&rack, 1, NOON_S, &found), -EKEYEXPIRED);
    assert_int_equal(rack_open_mailbox(&rack, 1, NOON_S), -EKEYEXPIRED);
    assert_int_equal(rack_remove(&rack, 1, 1, NOON_S), -EKEYEXPIRED);
    assert_int_equal(rack_close_mailbox(&rack, 1, NOON_S), -EEXIST);
    assert_int_equal(rack_close_mailbox(&rack, 2, NOON_S), -ENOENT);
    assert_int_equal(rack.all.copies, 0);
    assert_int_equal(rack.all.bytes, 0);
}

/* Otherwise whoever opens and closes mailboxes all day fills the memory. */
static void closed_ones_have_a_limit(void **state)
{
    size_t limit = MAILBOXES_CLOSED_EACH;
    (void)state;
    rack.all.rules.mailboxes_max = 1;
    for (uint8_t id = 0; id < limit + 5; id++) {
        open_one(id);
        assert_int_equal(rack_close_mailbox(&rack, id, NOON_S), 0);
        assert_int_equal(rack_publish(&rack), 1);
    }
    assert_true(rack.all.closed_by_id.count <= limit);
    assert_int_equal(rack_find(&rack, 0, NOON_S, &found), -ENOENT);
    assert_int_equal(rack_find(&rack, (uint8_t)limit, NOON_S, &found), -EKEYEXPIRED);
}

static void a_mailbox_ends_with_its_life(void **state)
{
    (void)state;
    open_one(1);
    /* Opened again, it lives longer. */
    assert_int_equal(rack_open_mailbox(&rack, 1, NOON_S + DAY_S), -EEXIST);
    rack_publish(&rack);
    int64_t end_s = NOON_S + DAY_S + LIFE_S;
    assert_int_equal(mailboxes_next_end_s(&rack.all), end_s);
    assert_int_equal(rack_deliver(&rack, 1, 'a', 'a', end_s - 1), 0);
    rack_publish(&rack);
    uint64_t cursor = (rack_read(&rack, 1, 0, end_s - 1, &page), page.cursor);
    assert_int_equal(rack_find(&rack, 1, end_s, &found), -ENOENT);
    assert_int_equal(rack_deliver(&rack, 1, 'b', 'b', end_s), -ENOENT);
    assert_int_equal(mailboxes_stage_time(&rack.all, &rack.batch, end_s), 0);
    assert_int_equal(rack_publish(&rack), 1);
    assert_int_equal(rack.all.copies, 0);
    /* It may be opened again, and no number comes twice. */
    assert_int_equal(rack_open_mailbox(&rack, 1, end_s), 0);
    assert_int_equal(rack_deliver(&rack, 1, 'c', 'c', end_s), 0);
    rack_publish(&rack);
    assert_string_equal(rack_read(&rack, 1, cursor, end_s, &page), "c");
}

/* Copies and their mailbox may end in one commit. */
static void all_ends_together(void **state)
{
    (void)state;
    rack.all.rules.copy_life_s = LIFE_S;
    open_one(1);
    open_one(2);
    deliver(1, 'a');
    deliver(1, 'b');
    rack_publish(&rack);
    assert_string_equal(rack_read(&rack, 1, 0, NOON_S + LIFE_S - 1, &page), "ab");
    assert_int_equal(mailboxes_stage_time(&rack.all, &rack.batch, NOON_S + LIFE_S), 0);
    assert_int_equal(rack.batch.count, 4);
    assert_int_equal(rack_publish(&rack), 2);
    assert_int_equal(mailboxes_next_end_s(&rack.all), INT64_MAX);
}

static void an_expired_copy_is_not_shown(void **state)
{
    (void)state;
    open_one(1);
    deliver(1, 'a');
    rack_publish(&rack);
    assert_string_equal(rack_read(&rack, 1, 0, NOON_S + DAY_S - 1, &page), "a");
    assert_string_equal(rack_read(&rack, 1, 0, NOON_S + DAY_S, &page), "");
}

static void a_rollback_leaves_nothing(void **state)
{
    (void)state;
    open_one(1);
    open_one(2);
    deliver(1, 'a');
    rack_publish(&rack);
    size_t bytes = rack.all.bytes;
    int64_t later_s = NOON_S + DAY_S;
    assert_int_equal(mailboxes_stage_time(&rack.all, &rack.batch, later_s), 0);
    assert_int_equal(rack_open_mailbox(&rack, 3, later_s), 0);
    assert_int_equal(rack_deliver(&rack, 3, 'c', 'c', later_s), 0);
    assert_int_equal(rack_open_mailbox(&rack, 1, later_s), -EEXIST);
    assert_int_equal(rack_deliver(&rack, 1, 'b', 'b', later_s), 0);
    assert_int_equal(rack_remove(&rack, 1, UINT64_MAX, later_s), 0);
    assert_int_equal(rack_close_mailbox(&rack, 2, later_s), 0);
    assert_int_equal(rack.batch.count, 7);
    batch_seal(&rack.batch);
    rack_rollback(&rack);
    assert_string_equal(rack_read(&rack, 1, 0, NOON_S, &page), "a");
    assert_int_equal(rack.all.bytes, bytes);
    assert_int_equal(rack.all.by_id.count, 2);
    assert_int_equal(rack.all.closed_by_id.count, 0);
    assert_int_equal(rack.all.by_token.count, 1);
    assert_int_equal(rack_find(&rack, 1, NOON_S + LIFE_S, &found), -ENOENT);
    /* And all of it can be done again. */
    deliver(1, 'b');
    assert_int_equal(rack_remove(&rack, 1, UINT64_MAX, NOON_S), 0);
    assert_int_equal(rack_close_mailbox(&rack, 2, NOON_S), 0);
    assert_int_equal(rack_publish(&rack), 1);
    assert_string_equal(rack_read(&rack, 1, 0, NOON_S, &page), "b");
}

static void what_was_stored_is_loaded(void **state)
{
    static const uint8_t id[MAILBOX_ID_BYTES] = {1}, closed[MAILBOX_ID_BYTES] = {2};
    static const uint8_t other[MAILBOX_ID_BYTES] = {3};
    uint8_t copies[][COPY_BYTES] = {{'a'}, {'b'}, {'c'}};
    const struct store_mailbox mailboxes[] = {{id, NOON_S + 7200, 50}, {closed, 0, 0}};
    const struct store_copy loaded[] = {
        {id, copies[1], copies[1], 61, NOON_S + 3600},
        {id, copies[0], copies[0], 60, NOON_S + 10 * DAY_S},
        {id, copies[2], NULL, 0, NOON_S + 3600},
    };
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(mailboxes_load(&rack.all, &mailboxes[i], NOON_S), 0);
        assert_int_equal(mailboxes_load(&rack.all, &mailboxes[i], NOON_S), -EBADMSG);
    }
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(mailboxes_load_copy(&rack.all, &loaded[i], NOON_S), 0);
        assert_int_equal(mailboxes_load_copy(&rack.all, &loaded[i], NOON_S), -EBADMSG);
    }
    struct store_copy lost = loaded[0];
    lost.mailbox_id = other;
    assert_int_equal(mailboxes_load_copy(&rack.all, &lost, NOON_S), -EBADMSG);
    assert_int_equal(mailboxes_find(&rack.all, closed, NOON_S, &found), -EKEYEXPIRED);
    assert_int_equal(mailboxes_find(&rack.all, id, NOON_S, &found), 0);
    assert_int_equal(found->next, 62);
    uint8_t read[2 * COPY_BYTES];
    page = mailbox_read(found, 59, NOON_S, read, 2);
    assert_true(page.count == 2 && page.cursor == 61 && !page.more);
    assert_memory_equal(read, copies, sizeof read);
    /* A clock that was wrong keeps nothing for longer. */
    assert_int_equal(TAILQ_LAST(&rack.all.tokens_by_end, mailbox_tokens)->ends_s, NOON_S + DAY_S);
    assert_int_equal(mailboxes_stage_copy(&rack.all, &rack.batch, id, copies[2], NOON_S), -EEXIST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(staged_is_not_seen_but_counts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_commit_has_no_order_of_arrival, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_token_delivers_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_removal_leaves_what_came_later, set_up, tear_down),
        cmocka_unit_test_setup_teardown(limits_are_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tokens_have_a_limit_of_their_own, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_closed_one_opens_never_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(closed_ones_have_a_limit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_mailbox_ends_with_its_life, set_up, tear_down),
        cmocka_unit_test_setup_teardown(all_ends_together, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_expired_copy_is_not_shown, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_rollback_leaves_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_stored_is_loaded, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
