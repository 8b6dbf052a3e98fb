/* How one kind of thing is written to SQLite, and read. */
#ifndef REUNION_STORE_SQLITE_PART_H
#define REUNION_STORE_SQLITE_PART_H

#include "store/statements.h"
#include "store/store.h"

/* DESIGN: each kind has tables of its own, and so statements of its own: some for the connection
 * that writes, some for those that read. Whoever adds a kind adds a part, and names it in
 * sqlite_parts. */

struct sqlite_part {
    char kind; /* BUCKET_KIND_…, of the changes that it writes; 0: they are of no bucket */
    const char *const *writing, *const *reading; /* SQL; NULL ends each */

    /* Write a change of the kind, in the transaction under way. Returns: 0, -EINVAL (it is none),
     * and as migrate_failure. */
    int (*apply)(struct statements *writing, const struct change *change);

    /* Visit its buckets, the older ones first. Returns: as store_load_buckets. */
    int (*load_buckets)(struct statements *reading, const struct store_bucket_visitor *visitor);
};

extern const struct sqlite_part sqlite_t1s, sqlite_links, sqlite_mailboxes;

enum { SQLITE_T1S, SQLITE_LINKS, SQLITE_MAILBOXES, SQLITE_PARTS };
extern const struct sqlite_part *const sqlite_parts[SQLITE_PARTS];

/* What store.h has for readers of each kind; in the transaction under way. */
MUST_CHECK int sqlite_load_t1_ids(struct statements *reading,
                                  const struct store_id_visitor *visitor);
MUST_CHECK int sqlite_load_entries(struct statements *reading, const struct bucket_id *id,
                                   const struct store_entry_visitor *visitor);
MUST_CHECK int sqlite_load_links(struct statements *reading, const struct bucket_id *id,
                                 const struct store_link_visitor *visitor);
MUST_CHECK int sqlite_load_mailboxes(struct statements *reading,
                                     const struct store_mailbox_visitor *visitor);

/* For the parts: tell a visitor of the bucket in a row: time, number, place, whether it is closed,
 * and an end of its own. Returns: what it gives, -EBADMSG. */
MUST_CHECK int sqlite_visit_bucket(sqlite3_stmt *row, char kind,
                                   const struct store_bucket_visitor *visitor);

#endif
