/* Groups' mailboxes in the store in memory. */
#ifndef REUNION_STORE_MEMORY_MAILBOXES_H
#define REUNION_STORE_MEMORY_MAILBOXES_H

#include "base/err.h"
#include "store/store.h"

/* DESIGN: two lists of rows, which are walked from end to end. What a commit adds is copied first,
 * which can fail, and then linked in. Not locked. */

struct mailbox_row {
    struct mailbox_row *next;
    uint8_t id[MAILBOX_ID_BYTES];
    int64_t ends_s;
    uint64_t number; /* of the next copy */
};

struct copy_row {
    struct copy_row *next;
    uint8_t mailbox_id[MAILBOX_ID_BYTES], r[COPY_R_BYTES];
    int64_t ends_s;
    uint64_t number; /* 0: the copy was removed */
    uint8_t bytes[COPY_BYTES];
};

struct mailbox_rows {
    struct mailbox_row *mailboxes;
    struct copy_row *copies;
    size_t bytes; /* of all rows */
};

/* Copies of what changes add. Returns: 0, -ENOMEM (there are none). */
MUST_CHECK int mailbox_rows_copy(struct mailbox_rows *added, const struct change *changes,
                                 size_t count);

/* Put those in, then make one change after the other. */
void mailbox_rows_link(struct mailbox_rows *rows, struct mailbox_rows *added);
void mailbox_rows_change(struct mailbox_rows *rows, const struct change *change);

/* Visit all. Returns: 0, or the visitor's result. */
MUST_CHECK int mailbox_rows_load(const struct mailbox_rows *rows,
                                 const struct store_mailbox_visitor *visitor);

void mailbox_rows_free(struct mailbox_rows *rows);

#endif
