#include <string.h>

#include "store/sqlite_part.h"

/* Mailboxes of groups. */

enum writing {
    OPEN_MAILBOX,
    RENEW_MAILBOX,
    CLOSE_MAILBOX,
    FORGET_MAILBOX,
    ADVANCE_NUMBER,
    DROP_COPIES,
    ADD_COPY,
    REMOVE_COPIES,
    DROP_TOKEN,
    WRITING,
};

/* A mailbox remembers the number of its next copy when the copies go that would tell it. */
static const char *const writing_text[WRITING + 1] = {
    [OPEN_MAILBOX] = "INSERT INTO mailbox (id, ends, next) VALUES (?1, ?2, ?3)",
    [RENEW_MAILBOX] = "UPDATE mailbox SET ends = ?2 WHERE id = ?1",
    [CLOSE_MAILBOX] = "UPDATE mailbox SET ends = NULL, next = 0 WHERE id = ?1",
    [FORGET_MAILBOX] = "DELETE FROM mailbox WHERE id = ?1",
    [ADVANCE_NUMBER] = "UPDATE mailbox SET next = ?2 WHERE id = ?1 AND next < ?2",
    [DROP_COPIES] = "DELETE FROM mailbox_copy WHERE mailbox = ?1",
    [ADD_COPY] = "INSERT INTO mailbox_copy (mailbox, r, ends, number, rest)"
                 " VALUES (?1, ?2, ?3, ?4, ?5)",
    [REMOVE_COPIES] = "UPDATE mailbox_copy SET number = NULL, rest = NULL"
                      " WHERE mailbox = ?1 AND number < ?2",
    [DROP_TOKEN] = "DELETE FROM mailbox_copy WHERE mailbox = ?1 AND r = ?2",
};

enum reading { LIST_MAILBOXES, LIST_COPIES, READING };

static const char *const reading_text[READING + 1] = {
    [LIST_MAILBOXES] = "SELECT id, ends, next FROM mailbox",
    [LIST_COPIES] = "SELECT mailbox, r, ends, number, rest FROM mailbox_copy ORDER BY ends, number",
};

/* Writing */

static sqlite3_stmt *bind_mailbox(struct statements *writing, enum writing which, const uint8_t *id)
{
    bind_bytes(writing->of[which], 1, id, MAILBOX_ID_BYTES);
    return writing->of[which];
}

static int run_on_mailbox(struct statements *writing, enum writing which, const uint8_t *id)
{
    (void)bind_mailbox(writing, which, id);
    return statements_run(writing, which);
}

/* With a number or a time as the second value. */
static int run_with(struct statements *writing, enum writing which, const uint8_t *id,
                    sqlite3_int64 value)
{
    sqlite3_bind_int64(bind_mailbox(writing, which, id), 2, value);
    return statements_run(writing, which);
}

static int open_mailbox(struct statements *writing, const struct store_mailbox *mailbox)
{
    sqlite3_bind_int64(writing->of[OPEN_MAILBOX], 3, (sqlite3_int64)mailbox->next);
    return run_with(writing, OPEN_MAILBOX, mailbox->id, mailbox->ends_s);
}

static int end_mailbox(struct statements *writing, enum writing which, const uint8_t *id)
{
    int err = run_on_mailbox(writing, DROP_COPIES, id);
    return err ? err : run_on_mailbox(writing, which, id);
}

static int add_copy(struct statements *writing, const struct store_copy *copy)
{
    sqlite3_stmt *statement = bind_mailbox(writing, ADD_COPY, copy->mailbox_id);
    bind_bytes(statement, 2, copy->r, COPY_R_BYTES);
    sqlite3_bind_int64(statement, 3, copy->ends_s);
    sqlite3_bind_int64(statement, 4, (sqlite3_int64)copy->number);
    bind_bytes(statement, 5, copy->bytes + COPY_R_BYTES, COPY_BYTES - COPY_R_BYTES);
    return statements_run(writing, ADD_COPY);
}

static int remove_copies(struct statements *writing, const struct store_mailbox *mailbox)
{
    sqlite3_int64 first_left = (sqlite3_int64)mailbox->next;
    int err = run_with(writing, ADVANCE_NUMBER, mailbox->id, first_left);
    return err ? err : run_with(writing, REMOVE_COPIES, mailbox->id, first_left);
}

static int drop_token(struct statements *writing, const struct store_copy *copy)
{
    int err = copy->number == 0 ? 0
                                : run_with(writing, ADVANCE_NUMBER, copy->mailbox_id,
                                           (sqlite3_int64)copy->number + 1);
    if (err)
        return err;
    bind_bytes(bind_mailbox(writing, DROP_TOKEN, copy->mailbox_id), 2, copy->r, COPY_R_BYTES);
    return statements_run(writing, DROP_TOKEN);
}

static int apply(struct statements *writing, const struct change *change)
{
    switch (change->kind) {
    case CHANGE_MAILBOX_OPENED:
        return open_mailbox(writing, &change->mailbox);
    case CHANGE_MAILBOX_RENEWED:
        return run_with(writing, RENEW_MAILBOX, change->mailbox.id, change->mailbox.ends_s);
    case CHANGE_MAILBOX_CLOSED:
        return end_mailbox(writing, CLOSE_MAILBOX, change->mailbox.id);
    case CHANGE_MAILBOX_FORGOTTEN:
        return end_mailbox(writing, FORGET_MAILBOX, change->mailbox.id);
    case CHANGE_COPY_ADDED:
        return add_copy(writing, &change->copy);
    case CHANGE_COPIES_REMOVED:
        return remove_copies(writing, &change->mailbox);
    case CHANGE_TOKEN_EXPIRED:
        return drop_token(writing, &change->copy);
    default:
        return -EINVAL;
    }
}

/* Reading */

static int load_no_buckets(struct statements *reading, const struct store_bucket_visitor *visitor)
{
    (void)reading;
    (void)visitor;
    return 0;
}

/* A time or number of which `least` is the least, and that can be added to. Returns: 0, -EBADMSG.
 */
static int row_above(sqlite3_stmt *row, int column, sqlite3_int64 least, sqlite3_int64 *value)
{
    *value = sqlite3_column_int64(row, column);
    return sqlite3_column_type(row, column) == SQLITE_INTEGER && *value >= least &&
                   *value <= INT64_MAX / 2
               ? 0
               : -EBADMSG;
}

static int visit_mailbox(sqlite3_stmt *row, const void *context)
{
    const struct store_mailbox_visitor *visitor = context;
    sqlite3_int64 ends_s = 0, next;
    bool closed = sqlite3_column_type(row, 1) == SQLITE_NULL;
    struct store_mailbox mailbox = {.id = row_bytes(row, 0, MAILBOX_ID_BYTES)};
    if (!mailbox.id || (!closed && row_above(row, 1, 1, &ends_s)) || row_above(row, 2, 0, &next))
        return -EBADMSG;
    mailbox.ends_s = ends_s;
    mailbox.next = (uint64_t)next;
    return visitor->mailbox(visitor->context, &mailbox);
}

static int visit_copy(sqlite3_stmt *row, const void *context)
{
    enum { REST_BYTES = COPY_BYTES - COPY_R_BYTES };
    const struct store_mailbox_visitor *visitor = context;
    bool removed = sqlite3_column_type(row, 4) == SQLITE_NULL;
    const uint8_t *rest = removed ? NULL : row_bytes(row, 4, REST_BYTES);
    struct store_copy copy = {.mailbox_id = row_bytes(row, 0, MAILBOX_ID_BYTES),
                              .r = row_bytes(row, 1, COPY_R_BYTES)};
    uint8_t bytes[COPY_BYTES];
    sqlite3_int64 ends_s, number = 0;
    if (!copy.mailbox_id || !copy.r || row_above(row, 2, 1, &ends_s) ||
        (!removed && (!rest || row_above(row, 3, 1, &number))))
        return -EBADMSG;
    copy.ends_s = ends_s;
    copy.number = (uint64_t)number;
    if (!removed) {
        memcpy(bytes, copy.r, COPY_R_BYTES);
        memcpy(bytes + COPY_R_BYTES, rest, REST_BYTES);
        copy.bytes = bytes;
    }
    return visitor->copy(visitor->context, &copy);
}

int sqlite_load_mailboxes(struct statements *reading, const struct store_mailbox_visitor *visitor)
{
    int err = statements_each_row(reading, LIST_MAILBOXES, visit_mailbox, visitor);
    return err ? err : statements_each_row(reading, LIST_COPIES, visit_copy, visitor);
}

const struct sqlite_part sqlite_mailboxes = {
    .kind = 0,
    .writing = writing_text,
    .reading = reading_text,
    .apply = apply,
    .load_buckets = load_no_buckets,
};
