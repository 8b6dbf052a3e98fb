#include "store/memory_mailboxes.h"

#include <stdlib.h>
#include <string.h>

static bool is_of(const uint8_t *row_id, const uint8_t *id)
{
    return memcmp(row_id, id, MAILBOX_ID_BYTES) == 0;
}

void mailbox_rows_free(struct mailbox_rows *rows)
{
    for (struct mailbox_row *row = rows->mailboxes, *next; row; row = next) {
        next = row->next;
        free(row);
    }
    for (struct copy_row *row = rows->copies, *next; row; row = next) {
        next = row->next;
        free(row);
    }
    *rows = (struct mailbox_rows){0};
}

static int copy_mailbox(struct mailbox_rows *added, const struct store_mailbox *mailbox)
{
    struct mailbox_row *row = calloc(1, sizeof *row);
    if (!row)
        return -ENOMEM;
    memcpy(row->id, mailbox->id, MAILBOX_ID_BYTES);
    row->ends_s = mailbox->ends_s;
    row->number = mailbox->next;
    row->next = added->mailboxes;
    added->mailboxes = row;
    added->bytes += sizeof *row;
    return 0;
}

static int copy_copy(struct mailbox_rows *added, const struct store_copy *copy)
{
    struct copy_row *row = calloc(1, sizeof *row);
    if (!row)
        return -ENOMEM;
    memcpy(row->mailbox_id, copy->mailbox_id, MAILBOX_ID_BYTES);
    memcpy(row->r, copy->r, COPY_R_BYTES);
    memcpy(row->bytes, copy->bytes, COPY_BYTES);
    row->ends_s = copy->ends_s;
    row->number = copy->number;
    row->next = added->copies;
    added->copies = row;
    added->bytes += sizeof *row;
    return 0;
}

int mailbox_rows_copy(struct mailbox_rows *added, const struct change *changes, size_t count)
{
    int err = 0;
    *added = (struct mailbox_rows){0};
    for (size_t i = 0; !err && i < count; i++) {
        if (changes[i].kind == CHANGE_MAILBOX_OPENED)
            err = copy_mailbox(added, &changes[i].mailbox);
        else if (changes[i].kind == CHANGE_COPY_ADDED)
            err = copy_copy(added, &changes[i].copy);
    }
    if (err)
        mailbox_rows_free(added);
    return err;
}

void mailbox_rows_link(struct mailbox_rows *rows, struct mailbox_rows *added)
{
    struct mailbox_row **mailboxes_end = &added->mailboxes;
    struct copy_row **copies_end = &added->copies;
    while (*mailboxes_end)
        mailboxes_end = &(*mailboxes_end)->next;
    while (*copies_end)
        copies_end = &(*copies_end)->next;
    *mailboxes_end = rows->mailboxes;
    *copies_end = rows->copies;
    added->bytes += rows->bytes;
    *rows = *added;
}

static struct mailbox_row *find(struct mailbox_rows *rows, const uint8_t *id)
{
    struct mailbox_row *row = rows->mailboxes;
    while (row && !is_of(row->id, id))
        row = row->next;
    return row;
}

static void advance(struct mailbox_rows *rows, const uint8_t *id, uint64_t number)
{
    struct mailbox_row *row = find(rows, id);
    if (row && row->number < number)
        row->number = number;
}

/* Of all tokens, or (`r` is not NULL) of one. */
static void drop_copies(struct mailbox_rows *rows, const uint8_t *id, const uint8_t *r)
{
    for (struct copy_row **at = &rows->copies; *at;) {
        struct copy_row *row = *at;
        if (is_of(row->mailbox_id, id) && (!r || memcmp(row->r, r, COPY_R_BYTES) == 0)) {
            *at = row->next;
            rows->bytes -= sizeof *row;
            free(row);
        } else {
            at = &row->next;
        }
    }
}

static void drop_mailbox(struct mailbox_rows *rows, const uint8_t *id)
{
    for (struct mailbox_row **at = &rows->mailboxes; *at; at = &(*at)->next) {
        struct mailbox_row *row = *at;
        if (!is_of(row->id, id))
            continue;
        *at = row->next;
        rows->bytes -= sizeof *row;
        free(row);
        return;
    }
}

static void remove_copies(struct mailbox_rows *rows, const struct store_mailbox *mailbox)
{
    advance(rows, mailbox->id, mailbox->next);
    for (struct copy_row *row = rows->copies; row; row = row->next) {
        if (!is_of(row->mailbox_id, mailbox->id) || row->number >= mailbox->next)
            continue;
        row->number = 0;
        memset(row->bytes, 0, COPY_BYTES);
    }
}

/* What is left of a mailbox that closes, or lives longer. */
static void set_end(struct mailbox_rows *rows, const struct store_mailbox *mailbox, int64_t ends_s)
{
    struct mailbox_row *row = find(rows, mailbox->id);
    if (row)
        row->ends_s = ends_s;
}

void mailbox_rows_change(struct mailbox_rows *rows, const struct change *change)
{
    switch (change->kind) {
    case CHANGE_MAILBOX_RENEWED:
        set_end(rows, &change->mailbox, change->mailbox.ends_s);
        break;
    case CHANGE_MAILBOX_CLOSED:
        drop_copies(rows, change->mailbox.id, NULL);
        set_end(rows, &change->mailbox, 0);
        break;
    case CHANGE_MAILBOX_FORGOTTEN:
        drop_copies(rows, change->mailbox.id, NULL);
        drop_mailbox(rows, change->mailbox.id);
        break;
    case CHANGE_COPIES_REMOVED:
        remove_copies(rows, &change->mailbox);
        break;
    case CHANGE_TOKEN_EXPIRED:
        if (change->copy.number > 0)
            advance(rows, change->copy.mailbox_id, change->copy.number + 1);
        drop_copies(rows, change->copy.mailbox_id, change->copy.r);
        break;
    default:
        break;
    }
}

int mailbox_rows_load(const struct mailbox_rows *rows, const struct store_mailbox_visitor *visitor)
{
    int err = 0;
    for (const struct mailbox_row *row = rows->mailboxes; row && !err; row = row->next)
        err = visitor->mailbox(visitor->context,
                               &(struct store_mailbox){row->id, row->ends_s, row->number});
    for (const struct copy_row *row = rows->copies; row && !err; row = row->next)
        err = visitor->copy(visitor->context,
                            &(struct store_copy){row->mailbox_id, row->r,
                                                 row->number > 0 ? row->bytes : NULL, row->number,
                                                 row->ends_s});
    return err;
}
