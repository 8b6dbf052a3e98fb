#include "booth.h"

#include <string.h>

#include "lib/allocation.h"

/* Every allocation of a staging fails once; undoing it then leaves the table as it was. */

static struct booth booth;
static struct booth_t1 ada, guest;

/* One of 256 times the same byte. */
static int stage_link(uint8_t fill)
{
    struct bucket *bucket;
    uint8_t blob[LINK_BLOB_BYTES];
    memset(blob, fill, sizeof blob);
    return links_stage(&booth.links, &booth.batch, blob, 0, NOON_S + 3600, &bucket);
}

static int stage_everything(void)
{
    int err = table_stage_time(&booth.table, &booth.batch, NOON_S + 3600);
    if (!err)
        err = booth_stage(&booth, &ada, NOON_S + 3600);
    if (!err)
        err = booth_stage(&booth, &guest, NOON_S + 3600);
    for (uint8_t body = 0; body < 3 && !err; body++)
        err = booth_send(&booth, booth_bucket(&booth, &ada), RECORD_T3, &ada, &guest, body);
    for (uint8_t body = 0; body < 2 && !err; body++)
        err = booth_send(&booth, NULL, RECORD_T2, &guest, NULL, body);
    for (uint8_t fill = 0; fill < 3 && !err; fill++)
        err = stage_link(fill);
    return err;
}

static void any_allocation_may_fail(void **state)
{
    size_t failures = 0;
    (void)state;
    for (;; failures++) {
        struct booth_t1 first;
        booth_open(&booth, 3);
        booth_t1(&booth, &first, true);
        booth_t1(&booth, &ada, true);
        booth_t1(&booth, &guest, false);
        assert_int_equal(booth_stage(&booth, &first, NOON_S), 0);
        booth_publish(&booth);
        allocation_fail(failures);
        int err = stage_everything();
        bool happened = allocation_relent();
        assert_true(err == 0 || (err == -ENOMEM && happened));
        booth_rollback(&booth);
        assert_int_equal(booth.table.bucket_count, 1);
        assert_null(booth.links.list.newest);
        assert_int_equal(booth.table.t1_by_id.count, 1);
        assert_int_equal(booth_bucket(&booth, &first)->content->feed_length, 1);
        /* What failed works when there is memory again. */
        assert_int_equal(stage_everything(), 0);
        booth_publish(&booth);
        assert_int_equal(booth_bucket(&booth, &ada)->content->feed_length, 7);
        booth_close(&booth);
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
