#include "lib/test.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/failing_store.h"
#include "shelf.h"
#include "store/memory.h"
#include "store/sqlite.h"

/* What every store promises, for each kind of it. */

static void what_is_committed_is_loaded(void **state)
{
    struct store *store = opened(state);
    struct shelf_t1 t1 = a_t1(10, true), keyless = a_t1(20, false), elsewhere = a_t1(30, true);
    struct shelf_record t2 = a_record(RECORD_T2, 1), t3 = a_record(RECORD_T3, 5);
    struct change changes[] = {
        opening(&old),
        opening(&young),
        adding_t1(&old, &t1),
        adding_t1(&old, &keyless),
        adding_t1(&young, &elsewhere),
        adding_record(&old, &t2),
        adding_record(&young, &t3),
    };
    assert_int_equal(store_commit(store, changes, sizeof changes / sizeof changes[0]), 0);
    struct change later[] = {
        opening(&youngest),
        {.kind = CHANGE_BUCKET_CLOSED, .bucket_kind = BUCKET_KIND_RENDEZVOUS, .id = old}};
    assert_int_equal(store_commit(store, later, 2), 0);
    store = reopened(state, store);

    struct census all = {0}, first = {0}, second = {0};
    assert_int_equal(visit_buckets(store, &all), 0);
    assert_int_equal(all.bucket_count, 3);
    assert_true(all.buckets[0].created == 1000 && all.buckets[0].sequence == 0);
    assert_true(all.buckets[1].created == 1000 && all.buckets[1].sequence == 1);
    assert_true(all.buckets[2].created == 2000);
    assert_true(all.closed[0] && !all.closed[1] && !all.closed[2]);
    assert_int_equal(visit_entries(store, &old, &first), 0);
    assert_true(first.t1s == 2 && first.keyless == 1 && first.t2s == 1 && first.t3s == 0);
    assert_memory_equal(first.record.bytes, t2.bytes, sizeof t2.bytes);
    assert_int_equal(visit_entries(store, &young, &second), 0);
    assert_true(second.t1s == 1 && second.keyless == 0 && second.t2s == 0 && second.t3s == 1);
    assert_memory_equal(second.t1.id, elsewhere.id, ID_BYTES);
    assert_memory_equal(second.t1.bytes, elsewhere.bytes, RECORD_T1_BYTES);
    assert_memory_equal(second.t1.key_hash, elsewhere.key_hash, ID_BYTES);
    store_close(store);
}

static void an_end_of_its_own_is_kept(void **state)
{
    struct store *store = opened(state);
    struct census all = {0};
    struct change changes[] = {
        opening(&old),
        opening(&young),
        {.kind = CHANGE_BUCKET_CLOSED, .bucket_kind = BUCKET_KIND_RENDEZVOUS, .id = old},
        {.kind = CHANGE_BUCKET_CLOSED,
         .bucket_kind = BUCKET_KIND_RENDEZVOUS,
         .id = young,
         .ends_s = 5000},
    };
    assert_int_equal(store_commit(store, changes, 4), 0);
    changes[3].ends_s = 4000;
    assert_int_equal(store_commit(store, &changes[3], 1), 0);
    assert_int_equal(visit_buckets(store, &all), 0);
    assert_true(all.closed[0] && all.closed[1]);
    assert_true(all.ends_s[0] == 0 && all.ends_s[1] == 4000);
    store_close(store);
}

static void an_expired_bucket_goes_with_all_it_held(void **state)
{
    struct store *store = opened(state);
    struct shelf_t1 t1 = a_t1(10, true), other = a_t1(20, true);
    struct shelf_record t2 = a_record(RECORD_T2, 1);
    struct change changes[] = {opening(&old), adding_t1(&old, &t1), adding_record(&old, &t2),
                               opening(&young), adding_t1(&young, &other)};
    assert_int_equal(store_commit(store, changes, 5), 0);
    /* The same T1 again, in the commit that drops its old bucket. */
    struct change again[] = {
        {.kind = CHANGE_BUCKET_EXPIRED, .bucket_kind = BUCKET_KIND_RENDEZVOUS, .id = old},
        opening(&youngest),
        adding_t1(&youngest, &t1)};
    assert_int_equal(store_commit(store, again, 3), 0);
    store = reopened(state, store);
    struct census all = {0}, gone = {0}, kept = {0};
    assert_int_equal(visit_buckets(store, &all), 0);
    assert_int_equal(all.bucket_count, 2);
    assert_int_equal(visit_entries(store, &old, &gone), 0);
    assert_true(gone.t1s == 0 && gone.t2s == 0);
    assert_int_equal(visit_entries(store, &youngest, &kept), 0);
    assert_int_equal(kept.t1s, 1);
    store_close(store);
}

static void ids_come_in_the_order_of_buckets(void **state)
{
    struct store *store = opened(state);
    struct shelf_t1 t1 = a_t1(10, true), other = a_t1(20, true), last = a_t1(30, false);
    struct change changes[] = {opening(&old),        opening(&young),
                               opening(&youngest),   adding_t1(&youngest, &last),
                               adding_t1(&old, &t1), adding_t1(&young, &other)};
    struct census census = {0};
    assert_int_equal(store_commit(store, changes, 6), 0);
    store = reopened(state, store);
    assert_int_equal(visit_ids(store, &census), 0);
    assert_int_equal(census.t1s, 3);
    assert_true(census.buckets[0].created == 1000 && census.buckets[0].sequence == 0);
    assert_true(census.buckets[1].created == 1000 && census.buckets[1].sequence == 1);
    assert_true(census.buckets[2].created == 2000);
    assert_memory_equal(census.t1.id, last.id, ID_BYTES);
    census = (struct census){.refuse = -ENOMEM};
    assert_int_equal(visit_ids(store, &census), -ENOMEM);
    assert_int_equal(census.t1s, 1);
    store_close(store);
}

static void a_senders_number_is_kept(void **state)
{
    struct store *store = opened(state);
    struct shelf_t1 t1 = a_t1(10, true);
    struct shelf_record t2 = a_record(RECORD_T2, 1);
    struct change changes[] = {
        opening(&old),
        opening(&young),
        adding_t1(&old, &t1),
        adding_record(&young, &t2),
    };
    struct census census = {0};
    assert_int_equal(store_commit(store, changes, 4), 0);
    for (size_t i = 0; i < 2; i++) {
        t1.records = i == 0 ? 7 : 70000;
        struct change sent = changing_t1(CHANGE_SENT, &old, &t1);
        assert_int_equal(store_commit(store, &sent, 1), 0);
    }
    store = reopened(state, store);
    assert_int_equal(visit_entries(store, &old, &census), 0);
    assert_int_equal(census.t1.records, 70000);
    store_close(store);
}

static void assert_stamp(const struct stamp *stamp, const struct stamp *wanted)
{
    assert_memory_equal(stamp->nonce, wanted->nonce, STAMP_NONCE_BYTES);
    assert_int_equal(stamp->hour, wanted->hour);
    assert_int_equal(stamp->effort, wanted->effort);
}

static void what_a_t1_paid_is_kept(void **state)
{
    struct store *store = opened(state);
    struct shelf_t1 t1 = a_t1(10, true);
    t1.stamp = (struct stamp){.nonce = {1, 2, 3}, .hour = 481291, .effort = 17};
    struct change changes[] = {opening(&old), adding_t1(&old, &t1)};
    struct census census = {0};
    assert_int_equal(store_commit(store, changes, 2), 0);
    assert_int_equal(visit_entries(store, &old, &census), 0);
    assert_stamp(&census.t1.stamp, &t1.stamp);
    t1.stamp = (struct stamp){.nonce = {4, 5, 6}, .hour = 481292, .effort = UINT32_MAX};
    struct change raised = changing_t1(CHANGE_T1_RAISED, &old, &t1);
    assert_int_equal(store_commit(store, &raised, 1), 0);
    store = reopened(state, store);
    assert_int_equal(visit_entries(store, &old, &census), 0);
    assert_stamp(&census.t1.stamp, &t1.stamp);
    census.t1.stamp = (struct stamp){0};
    assert_int_equal(visit_ids(store, &census), 0);
    assert_stamp(&census.t1.stamp, &t1.stamp);
    store_close(store);
}

static void the_secret_outlives_a_restart(void **state)
{
    static const uint8_t zeros[STAMP_SECRET_BYTES];
    struct store *store = opened(state);
    uint8_t secret[STAMP_SECRET_BYTES], again[STAMP_SECRET_BYTES];
    assert_int_equal(store_secret(store, secret), 0);
    assert_memory_not_equal(secret, zeros, sizeof zeros);
    store = reopened(state, store);
    assert_int_equal(store_secret(store, again), 0);
    assert_memory_equal(secret, again, sizeof secret);
    store_close(store);
}

static void a_reader_sees_what_is_committed_later(void **state)
{
    struct store *store = opened(state);
    struct store_reader *reader = reader_of(store);
    struct shelf_t1 t1 = a_t1(10, true);
    struct change changes[] = {opening(&old), adding_t1(&old, &t1)};
    struct census census = {0};
    const struct store_entry_visitor visitor = {see_t1, see_record, &census};
    assert_int_equal(store_load_entries(reader, &old, &visitor), 0);
    assert_int_equal(census.t1s, 0);
    assert_int_equal(store_commit(store, changes, 2), 0);
    assert_int_equal(store_load_entries(reader, &old, &visitor), 0);
    assert_int_equal(census.t1s, 1);
    store_close_reader(reader);
    store_close(store);
}

static void a_visitor_ends_the_loading(void **state)
{
    struct store *store = opened(state);
    struct shelf_t1 t1 = a_t1(10, true), other = a_t1(20, true);
    struct change changes[] = {opening(&old), opening(&young), adding_t1(&old, &t1),
                               adding_t1(&old, &other)};
    struct census census = {.refuse = -ENOMEM};
    assert_int_equal(store_commit(store, changes, 4), 0);
    assert_int_equal(visit_buckets(store, &census), -ENOMEM);
    assert_int_equal(census.bucket_count, 1);
    assert_int_equal(visit_entries(store, &old, &census), -ENOMEM);
    assert_int_equal(census.t1s, 1);
    census = (struct census){0};
    assert_int_equal(visit_entries(store, &old, &census), 0);
    assert_int_equal(census.t1s, 2);
    store_close(store);
}

static void probing_works_and_changes_nothing(void **state)
{
    struct store *store = opened(state);
    struct census census = {0};
    for (int i = 0; i < 3; i++)
        assert_int_equal(store_probe(store), 0);
    assert_int_equal(visit_buckets(store, &census), 0);
    assert_int_equal(census.bucket_count, 0);
    store_close(store);
}

static void it_has_a_size(void **state)
{
    struct store *store = opened(state);
    struct shelf_t1 t1 = a_t1(10, true);
    struct change changes[] = {opening(&old), adding_t1(&old, &t1)};
    uint64_t before = store_bytes(store);
    assert_int_equal(store_commit(store, changes, 2), 0);
    assert_true(store_bytes(store) > before); /* the log is part of it */
    store_close(store);
}

/* Whether the store's files have these bytes anywhere. */
static bool on_disk(const uint8_t *bytes, size_t count)
{
    static const char *const suffixes[] = {"", "-wal"};
    static char content[1 << 22];
    bool found = false;
    for (size_t i = 0; i < 2; i++) {
        char name[sizeof path + 4];
        snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
        FILE *file = fopen(name, "rb");
        if (!file)
            continue;
        size_t length = fread(content, 1, sizeof content, file);
        assert_true(length < sizeof content);
        found |= memmem(content, length, bytes, count) != NULL;
        fclose(file);
    }
    return found;
}

static uint64_t file_bytes(void)
{
    struct stat file;
    assert_int_equal(stat(path, &file), 0);
    return (uint64_t)file.st_size;
}

static int tidy_all(struct store *store)
{
    bool more = true;
    int err = 0;
    while (!err && more)
        err = store_tidy(store, &more);
    assert_true(more == (err != 0));
    return err;
}

static void tidying_leaves_nothing_of_what_was_deleted(void **state)
{
    struct store *store = opened(state);
    static struct shelf_t1 t1s[200];
    struct change changes[201] = {opening(&old)};
    for (size_t i = 0; i < 200; i++) {
        t1s[i] = a_t1((uint8_t)i, true);
        memset(t1s[i].id, 0xa5, 4);
        changes[i + 1] = adding_t1(&old, &t1s[i]);
    }
    assert_int_equal(tidy_all(store), 0); /* nothing to do, soon done */
    assert_int_equal(store_commit(store, changes, 201), 0);
    assert_true(on_disk(t1s[7].bytes, RECORD_T1_BYTES));
    uint64_t before = store_bytes(store);
    struct change drop = {
        .kind = CHANGE_BUCKET_EXPIRED, .bucket_kind = BUCKET_KIND_RENDEZVOUS, .id = old};
    assert_int_equal(store_commit(store, &drop, 1), 0);
    assert_true(on_disk(t1s[7].bytes, RECORD_T1_BYTES)); /* in the log */

    /* Somebody reads: it has to wait, and commits do not. */
    sqlite3 *outsider;
    assert_int_equal(sqlite3_open_v2(path, &outsider, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(outsider, "BEGIN; SELECT * FROM bucket", NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(tidy_all(store), -EAGAIN);
    struct change open_young = opening(&young);
    assert_int_equal(store_commit(store, &open_young, 1), 0);
    sqlite3_close(outsider);

    assert_int_equal(tidy_all(store), 0);
    for (size_t i = 0; i < 200; i++) {
        assert_false(on_disk(t1s[i].bytes, 64));
        assert_false(on_disk(t1s[i].id, ID_BYTES));
        assert_false(on_disk(t1s[i].key_hash, ID_BYTES));
    }
    assert_true(store_bytes(store) < before / 2);
    store_close(store);
}

static void what_a_killed_store_left_is_tidied(void **state)
{
    struct store *store = opened(state);
    bool more;
    /* A store that is opened does not know what came before: it looks. */
    assert_int_equal(store_tidy(store, &more), 0);
    assert_false(more);
    store = reopened(state, store);
    struct shelf_t1 t1 = a_t1(10, true);
    struct change changes[] = {opening(&old), adding_t1(&old, &t1)};
    assert_int_equal(store_commit(store, changes, 2), 0);
    assert_true(on_disk(t1.bytes, RECORD_T1_BYTES));
    assert_int_equal(tidy_all(store), 0);
    assert_int_equal(store_bytes(store), file_bytes()); /* the log is empty */
    store_close(store);
}

static void a_commit_is_all_or_nothing(void **state)
{
    struct store *store = opened(state);
    struct shelf_t1 t1 = a_t1(10, true);
    struct change good[] = {opening(&old), adding_t1(&old, &t1)};
    /* The second T1 stands already: the store refuses what its caller should have caught. */
    struct change bad[] = {opening(&young), adding_t1(&old, &t1)};
    struct census census = {0};
    assert_int_equal(store_commit(store, good, 2), 0);
    assert_int_equal(store_commit(store, bad, 2), -EIO);
    assert_int_equal(visit_buckets(store, &census), 0);
    assert_int_equal(census.bucket_count, 1);
    assert_int_equal(store_commit(store, bad, 1), 0);
    store_close(store);
}

/* What tests put before a store. */
static void a_failing_store_keeps_nothing(void **state)
{
    struct store *store;
    assert_int_equal(failing_store_open(&store, opened(state)), 0);
    struct change changes[] = {opening(&old)};
    struct census census = {0};
    failing_store_fail(store, -ENOSPC);
    assert_int_equal(store_commit(store, changes, 1), -ENOSPC);
    assert_int_equal(store_probe(store), -ENOSPC);
    failing_store_fail(store, 0);
    assert_int_equal(visit_buckets(store, &census), 0);
    assert_int_equal(census.bucket_count, 0);
    assert_int_equal(store_commit(store, changes, 1), 0);
    store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        EVERY_KIND(what_is_committed_is_loaded),
        EVERY_KIND(an_end_of_its_own_is_kept),
        EVERY_KIND(an_expired_bucket_goes_with_all_it_held),
        EVERY_KIND(ids_come_in_the_order_of_buckets),
        EVERY_KIND(a_senders_number_is_kept),
        EVERY_KIND(what_a_t1_paid_is_kept),
        EVERY_KIND(the_secret_outlives_a_restart),
        EVERY_KIND(a_reader_sees_what_is_committed_later),
        EVERY_KIND(a_visitor_ends_the_loading),
        EVERY_KIND(probing_works_and_changes_nothing),
        EVERY_KIND(it_has_a_size),
        cmocka_unit_test_setup_teardown(tidying_leaves_nothing_of_what_was_deleted, set_up_sqlite,
                                        tear_down_sqlite),
        cmocka_unit_test_setup_teardown(what_a_killed_store_left_is_tidied, set_up_sqlite,
                                        tear_down_sqlite),
        cmocka_unit_test_setup_teardown(a_commit_is_all_or_nothing, set_up_sqlite,
                                        tear_down_sqlite),
        cmocka_unit_test_setup(a_failing_store_keeps_nothing, set_up_memory),
    };
    return shelf_run(tests);
}
