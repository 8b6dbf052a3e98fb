#include <string.h>

#include "shelf.h"

/* Mailboxes of groups in every kind of store. */

struct seen {
    struct store_mailbox mailboxes[4];
    uint8_t mailbox_ids[4];
    size_t mailbox_count;
    struct store_copy copies[4];
    uint8_t copy_ids[4], rs[4], bodies[4];
    size_t copy_count;
    int refuse; /* what the next visit gives */
};

static int see_mailbox(void *context, const struct store_mailbox *mailbox)
{
    struct seen *seen = context;
    assert_true(seen->mailbox_count < 4);
    seen->mailbox_ids[seen->mailbox_count] = mailbox->id[0];
    seen->mailboxes[seen->mailbox_count++] = *mailbox;
    return seen->refuse;
}

static int see_copy(void *context, const struct store_copy *copy)
{
    struct seen *seen = context;
    assert_true(seen->copy_count < 4);
    seen->copy_ids[seen->copy_count] = copy->mailbox_id[0];
    seen->rs[seen->copy_count] = copy->r[0];
    seen->bodies[seen->copy_count] = copy->bytes ? copy->bytes[COPY_BYTES - 1] : 0;
    if (copy->bytes)
        assert_memory_equal(copy->bytes, copy->r, COPY_R_BYTES);
    seen->copies[seen->copy_count++] = *copy;
    return seen->refuse;
}

static int visit(struct store *store, struct seen *seen)
{
    struct store_reader *reader = reader_of(store);
    int err =
        store_load_mailboxes(reader, &(struct store_mailbox_visitor){see_mailbox, see_copy, seen});
    store_close_reader(reader);
    return err;
}

/* What a store has after each change is what one has that is opened again. */
static struct seen commit_and_visit(void **state, struct store **store,
                                    const struct change *changes, size_t count)
{
    struct seen seen = {0};
    assert_int_equal(store_commit(*store, changes, count), 0);
    *store = reopened(state, *store);
    assert_int_equal(visit(*store, &seen), 0);
    return seen;
}

static const struct store_mailbox *mailbox_in(const struct seen *seen, uint8_t id)
{
    for (size_t i = 0; i < seen->mailbox_count; i++)
        if (seen->mailbox_ids[i] == id)
            return &seen->mailboxes[i];
    return NULL;
}

/* The place among copies of that token, which has to be there. */
static size_t copy_in(const struct seen *seen, uint8_t id, uint8_t r)
{
    size_t i = 0;
    while (i < seen->copy_count && (seen->copy_ids[i] != id || seen->rs[i] != r))
        i++;
    assert_true(i < seen->copy_count);
    return i;
}

static const uint8_t ada[MAILBOX_ID_BYTES] = {1}, bob[MAILBOX_ID_BYTES] = {2};
static const uint8_t copies[3][COPY_BYTES] = {
    {'a', [COPY_BYTES - 1] = 11}, {'b', [COPY_BYTES - 1] = 22}, {'c', [COPY_BYTES - 1] = 33}};

static struct change of_mailbox(enum change_kind kind, const uint8_t *id, int64_t ends_s,
                                uint64_t next)
{
    return (struct change){.kind = kind, .mailbox = {id, ends_s, next}};
}

static struct change of_copy(enum change_kind kind, const uint8_t *id, size_t which,
                             uint64_t number)
{
    const uint8_t *bytes = copies[which];
    return (struct change){.kind = kind, .copy = {id, bytes, bytes, number, 7200}};
}

/* Two mailboxes: one with three copies, one with the first of these as well. */
static struct seen filled(void **state, struct store **store)
{
    const struct change changes[] = {
        of_mailbox(CHANGE_MAILBOX_OPENED, ada, 3600, 40),
        of_copy(CHANGE_COPY_ADDED, ada, 0, 40),
        of_copy(CHANGE_COPY_ADDED, ada, 1, 41),
        of_mailbox(CHANGE_MAILBOX_OPENED, bob, 3600, 7),
        of_copy(CHANGE_COPY_ADDED, bob, 0, 7),
        of_copy(CHANGE_COPY_ADDED, ada, 2, 42),
    };
    return commit_and_visit(state, store, changes, sizeof changes / sizeof changes[0]);
}

static void what_was_put_in_is_there(void **state)
{
    struct store *store = opened(state);
    struct seen seen = filled(state, &store);
    assert_int_equal(seen.mailbox_count, 2);
    assert_true(mailbox_in(&seen, 1)->ends_s == 3600 && mailbox_in(&seen, 1)->next == 40);
    assert_int_equal(seen.copy_count, 4);
    size_t at = copy_in(&seen, 1, 'b');
    assert_true(seen.copies[at].number == 41 && seen.copies[at].ends_s == 7200);
    assert_int_equal(seen.bodies[at], 22);
    assert_int_equal(seen.copies[copy_in(&seen, 2, 'a')].number, 7);

    const struct change renewal = of_mailbox(CHANGE_MAILBOX_RENEWED, ada, 7200, 0);
    seen = commit_and_visit(state, &store, &renewal, 1);
    assert_true(mailbox_in(&seen, 1)->ends_s == 7200 && mailbox_in(&seen, 1)->next == 40);
    assert_int_equal(mailbox_in(&seen, 2)->ends_s, 3600);
    seen = (struct seen){.refuse = -EBADMSG};
    assert_int_equal(visit(store, &seen), -EBADMSG);
    assert_int_equal(seen.mailbox_count, 1);
    store_close(store);
}

static void a_removal_keeps_tokens_and_numbers(void **state)
{
    struct store *store = opened(state);
    (void)filled(state, &store);
    const struct change removal = of_mailbox(CHANGE_COPIES_REMOVED, ada, 0, 42);
    struct seen seen = commit_and_visit(state, &store, &removal, 1);
    assert_int_equal(seen.copy_count, 4);
    for (size_t i = 0; i < 2; i++) {
        size_t at = copy_in(&seen, 1, i == 0 ? 'a' : 'b');
        assert_true(seen.copies[at].number == 0 && !seen.copies[at].bytes);
        assert_int_equal(seen.copies[at].ends_s, 7200);
    }
    assert_int_equal(seen.bodies[copy_in(&seen, 1, 'c')], 33);
    assert_int_equal(seen.bodies[copy_in(&seen, 2, 'a')], 11);
    assert_int_equal(mailbox_in(&seen, 1)->next, 42);
    assert_int_equal(mailbox_in(&seen, 2)->next, 7);
    store_close(store);
}

static void a_token_expires_with_its_copy_and_leaves_its_number(void **state)
{
    struct store *store = opened(state);
    (void)filled(state, &store);
    const struct change expiry = of_copy(CHANGE_TOKEN_EXPIRED, ada, 2, 42);
    struct seen seen = commit_and_visit(state, &store, &expiry, 1);
    assert_int_equal(seen.copy_count, 3);
    (void)copy_in(&seen, 1, 'a');
    (void)copy_in(&seen, 1, 'b');
    (void)copy_in(&seen, 2, 'a');
    assert_int_equal(mailbox_in(&seen, 1)->next, 43);
    /* One whose copy was removed before takes no number back. */
    const struct change later = of_copy(CHANGE_TOKEN_EXPIRED, ada, 0, 0);
    seen = commit_and_visit(state, &store, &later, 1);
    assert_int_equal(seen.copy_count, 2);
    assert_int_equal(mailbox_in(&seen, 1)->next, 43);
    store_close(store);
}

static void a_closed_one_leaves_its_id(void **state)
{
    struct store *store = opened(state);
    (void)filled(state, &store);
    const struct change closing = of_mailbox(CHANGE_MAILBOX_CLOSED, ada, 0, 0);
    struct seen seen = commit_and_visit(state, &store, &closing, 1);
    assert_int_equal(mailbox_in(&seen, 1)->ends_s, 0);
    assert_int_equal(seen.copy_count, 1);
    (void)copy_in(&seen, 2, 'a');
    const struct change forgetting[] = {of_mailbox(CHANGE_MAILBOX_FORGOTTEN, ada, 0, 0),
                                        of_mailbox(CHANGE_MAILBOX_FORGOTTEN, bob, 0, 0)};
    uint64_t bytes = store_bytes(store);
    seen = commit_and_visit(state, &store, forgetting, 2);
    assert_true(seen.mailbox_count == 0 && seen.copy_count == 0);
    assert_true(store_bytes(store) <= bytes);
    store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        EVERY_KIND(what_was_put_in_is_there),
        EVERY_KIND(a_removal_keeps_tokens_and_numbers),
        EVERY_KIND(a_token_expires_with_its_copy_and_leaves_its_number),
        EVERY_KIND(a_closed_one_leaves_its_id),
    };
    return shelf_run(tests);
}
