#include "lib/allocation.h"
#include "rack.h"

/* Every allocation of a staging fails once; undoing it then leaves the mailboxes as they were. */

static struct rack rack;

static int stage_everything(void)
{
    int err = mailboxes_stage_time(&rack.all, &rack.batch, NOON_S + DAY_S);
    if (!err)
        err = rack_open_mailbox(&rack, 2, NOON_S + DAY_S);
    for (uint8_t r = 1; r < 3 && !err; r++)
        err = rack_deliver(&rack, 2, r, r, NOON_S + DAY_S);
    if (!err)
        err = rack_deliver(&rack, 1, 2, 2, NOON_S + DAY_S);
    if (!err && rack_open_mailbox(&rack, 1, NOON_S + DAY_S) == -ENOMEM)
        err = -ENOMEM;
    if (!err)
        err = rack_remove(&rack, 1, UINT64_MAX, NOON_S + DAY_S);
    return err ? err : rack_close_mailbox(&rack, 1, NOON_S + DAY_S);
}

static void any_allocation_may_fail(void **state)
{
    size_t failures = 0;
    (void)state;
    for (;; failures++) {
        struct mailbox_page page;
        rack_open(&rack);
        assert_int_equal(rack_open_mailbox(&rack, 1, NOON_S), 0);
        assert_int_equal(rack_deliver(&rack, 1, 'a', 'a', NOON_S), 0);
        rack_publish(&rack);
        batch_free(&rack.batch);
        size_t bytes = rack.all.bytes;
        allocation_fail(failures);
        int err = stage_everything();
        bool happened = allocation_relent();
        assert_true(err == 0 || (err == -ENOMEM && happened));
        rack_rollback(&rack);
        assert_string_equal(rack_read(&rack, 1, 0, NOON_S, &page), "a");
        assert_int_equal(rack.all.bytes, bytes);
        assert_int_equal(rack.all.by_id.count, 1);
        assert_int_equal(rack.all.closed_by_id.count, 0);
        /* What failed works when there is memory again. */
        assert_int_equal(stage_everything(), 0);
        assert_int_equal(rack_publish(&rack), 1);
        assert_int_equal(rack.all.copies, 2);
        rack_close(&rack);
        if (!happened)
            break;
    }
    assert_true(failures > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
