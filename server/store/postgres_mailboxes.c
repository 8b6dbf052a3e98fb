#include <string.h>

#include "store/postgres_part.h"

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
    [OPEN_MAILBOX] = "INSERT INTO mailbox (id, ends, next) VALUES ($1, $2, $3)",
    [RENEW_MAILBOX] = "UPDATE mailbox SET ends = $2 WHERE id = $1",
    [CLOSE_MAILBOX] = "UPDATE mailbox SET ends = NULL, next = 0 WHERE id = $1",
    [FORGET_MAILBOX] = "DELETE FROM mailbox WHERE id = $1",
    [ADVANCE_NUMBER] = "UPDATE mailbox SET next = $2 WHERE id = $1 AND next < $2",
    [DROP_COPIES] = "DELETE FROM mailbox_copy WHERE mailbox = $1",
    [ADD_COPY] = "INSERT INTO mailbox_copy (mailbox, r, ends, number, rest)"
                 " VALUES ($1, $2, $3, $4, $5)",
    [REMOVE_COPIES] = "UPDATE mailbox_copy SET number = NULL, rest = NULL"
                      " WHERE mailbox = $1 AND number < $2",
    [DROP_TOKEN] = "DELETE FROM mailbox_copy WHERE mailbox = $1 AND r = $2",
};

enum reading { LIST_MAILBOXES, LIST_COPIES, READING };

static const char *const reading_text[READING + 1] = {
    [LIST_MAILBOXES] = "SELECT id, ends, next FROM mailbox",
    [LIST_COPIES] = "SELECT mailbox, r, ends, number, rest FROM mailbox_copy ORDER BY ends, number",
};

static const struct postgres_statements reading_set = {"mailbox read ", reading_text},
                                        writing_set = {"mailbox write ", writing_text};

/* Writing */

static void give_mailbox(struct postgres_values *values, const uint8_t *id)
{
    values->count = 0;
    values_bytes(values, id, MAILBOX_ID_BYTES);
}

static int send_on(struct postgres_session *session, enum writing which, const uint8_t *id)
{
    struct postgres_values values;
    give_mailbox(&values, id);
    return postgres_send(session, &writing_set, which, &values);
}

/* With a number or a time as the second value. */
static int send_with(struct postgres_session *session, enum writing which, const uint8_t *id,
                     int64_t number)
{
    struct postgres_values values;
    give_mailbox(&values, id);
    values_number(&values, number);
    return postgres_send(session, &writing_set, which, &values);
}

static int open_mailbox(struct postgres_session *session, const struct store_mailbox *mailbox)
{
    struct postgres_values values;
    give_mailbox(&values, mailbox->id);
    values_number(&values, mailbox->ends_s);
    values_number(&values, (int64_t)mailbox->next);
    return postgres_send(session, &writing_set, OPEN_MAILBOX, &values);
}

static int end_mailbox(struct postgres_session *session, enum writing which, const uint8_t *id)
{
    int err = send_on(session, DROP_COPIES, id);
    return err ? err : send_on(session, which, id);
}

static int add_copy(struct postgres_session *session, const struct store_copy *copy)
{
    struct postgres_values values;
    give_mailbox(&values, copy->mailbox_id);
    values_bytes(&values, copy->r, COPY_R_BYTES);
    values_number(&values, copy->ends_s);
    values_number(&values, (int64_t)copy->number);
    values_bytes(&values, copy->bytes + COPY_R_BYTES, COPY_BYTES - COPY_R_BYTES);
    return postgres_send(session, &writing_set, ADD_COPY, &values);
}

static int remove_copies(struct postgres_session *session, const struct store_mailbox *mailbox)
{
    int64_t first_left = (int64_t)mailbox->next;
    int err = send_with(session, ADVANCE_NUMBER, mailbox->id, first_left);
    return err ? err : send_with(session, REMOVE_COPIES, mailbox->id, first_left);
}

static int drop_token(struct postgres_session *session, const struct store_copy *copy)
{
    struct postgres_values values;
    int err = copy->number == 0
                  ? 0
                  : send_with(session, ADVANCE_NUMBER, copy->mailbox_id, (int64_t)copy->number + 1);
    give_mailbox(&values, copy->mailbox_id);
    values_bytes(&values, copy->r, COPY_R_BYTES);
    return err ? err : postgres_send(session, &writing_set, DROP_TOKEN, &values);
}

static int apply(struct postgres_session *session, const struct change *change)
{
    switch (change->kind) {
    case CHANGE_MAILBOX_OPENED:
        return open_mailbox(session, &change->mailbox);
    case CHANGE_MAILBOX_RENEWED:
        return send_with(session, RENEW_MAILBOX, change->mailbox.id, change->mailbox.ends_s);
    case CHANGE_MAILBOX_CLOSED:
        return end_mailbox(session, CLOSE_MAILBOX, change->mailbox.id);
    case CHANGE_MAILBOX_FORGOTTEN:
        return end_mailbox(session, FORGET_MAILBOX, change->mailbox.id);
    case CHANGE_COPY_ADDED:
        return add_copy(session, &change->copy);
    case CHANGE_COPIES_REMOVED:
        return remove_copies(session, &change->mailbox);
    case CHANGE_TOKEN_EXPIRED:
        return drop_token(session, &change->copy);
    default:
        return -EINVAL;
    }
}

/* Reading */

static int visit_mailbox(const PGresult *row, int at, const void *context)
{
    const struct store_mailbox_visitor *visitor = context;
    int64_t ends_s = 0, next;
    bool closed = row_is_null(row, at, 1);
    struct store_mailbox mailbox = {.id = row_value(row, at, 0, MAILBOX_ID_BYTES)};
    if (!mailbox.id || (!closed && row_integer(row, at, 1, 1, INT64_MAX / 2, &ends_s)) ||
        row_integer(row, at, 2, 0, INT64_MAX / 2, &next))
        return -EBADMSG;
    mailbox.ends_s = ends_s;
    mailbox.next = (uint64_t)next;
    return visitor->mailbox(visitor->context, &mailbox);
}

static int visit_copy(const PGresult *row, int at, const void *context)
{
    enum { REST_BYTES = COPY_BYTES - COPY_R_BYTES };
    const struct store_mailbox_visitor *visitor = context;
    bool removed = row_is_null(row, at, 4);
    const uint8_t *rest = row_value(row, at, 4, REST_BYTES);
    struct store_copy copy = {.mailbox_id = row_value(row, at, 0, MAILBOX_ID_BYTES),
                              .r = row_value(row, at, 1, COPY_R_BYTES)};
    uint8_t bytes[COPY_BYTES];
    int64_t number = 0;
    if (!copy.mailbox_id || !copy.r || row_integer(row, at, 2, 1, INT64_MAX / 2, &copy.ends_s) ||
        (!removed && (!rest || row_integer(row, at, 3, 1, INT64_MAX / 2, &number))))
        return -EBADMSG;
    copy.number = (uint64_t)number;
    if (!removed) {
        memcpy(bytes, copy.r, COPY_R_BYTES);
        memcpy(bytes + COPY_R_BYTES, rest, REST_BYTES);
        copy.bytes = bytes;
    }
    return visitor->copy(visitor->context, &copy);
}

int postgres_load_mailboxes(struct postgres_session *session,
                            const struct store_mailbox_visitor *visitor)
{
    int err =
        postgres_each_row(session, &reading_set, LIST_MAILBOXES, NULL, visit_mailbox, visitor);
    return err ? err
               : postgres_each_row(session, &reading_set, LIST_COPIES, NULL, visit_copy, visitor);
}

const struct postgres_part postgres_mailboxes = {
    .kind = 0,
    .writing = {"mailbox write ", writing_text},
    .reading = {"mailbox read ", reading_text},
    .apply = apply,
    .drop_window = -1,
};
