/* How one kind of thing is written to PostgreSQL, and read. */
#ifndef REUNION_STORE_POSTGRES_PART_H
#define REUNION_STORE_POSTGRES_PART_H

#include "store/postgres_session.h"
#include "store/store.h"

/* DESIGN: as in sqlite_part.h. What `apply` sends becomes part of the pipeline under way. Windows
 * of buckets have partitions of their own; an expired bucket loses its row among the buckets at
 * once, and what it held is not seen from then on and goes with its window's partitions. */

struct postgres_part {
    char kind; /* BUCKET_KIND_…, of the changes that it writes; 0: they are of no bucket */
    struct postgres_statements writing, reading;

    /* Send what writes a change of the kind. Returns: 0, -EINVAL (it is none), as postgres_send. */
    int (*apply)(struct postgres_session *session, const struct change *change);

    /* Visit its buckets, the older ones first. NULL: it has none. */
    int (*load_buckets)(struct postgres_session *session,
                        const struct store_bucket_visitor *visitor);

    /* Call drop_window for its tables: the number of a statement of `writing`, or -1. */
    int drop_window;
};

extern const struct postgres_part postgres_t1s, postgres_links, postgres_mailboxes;

enum { POSTGRES_PARTS = 3 };
extern const struct postgres_part *const postgres_parts[POSTGRES_PARTS];

/* What store.h has for readers of each kind; in the transaction under way. Returns: as
 * postgres_each_row. */
MUST_CHECK int postgres_load_t1_ids(struct postgres_session *session,
                                    const struct store_id_visitor *visitor);
MUST_CHECK int postgres_load_entries(struct postgres_session *session, const struct bucket_id *id,
                                     const struct store_entry_visitor *visitor);
MUST_CHECK int postgres_load_links(struct postgres_session *session, const struct bucket_id *id,
                                   const struct store_link_visitor *visitor);
MUST_CHECK int postgres_load_mailboxes(struct postgres_session *session,
                                       const struct store_mailbox_visitor *visitor);

/* For the parts: send a statement about the bucket of a change, and the other way of looking at a
 * row of a bucket: its bytes, whether it is closed, and an end of its own. */
MUST_CHECK int postgres_send_bucket(struct postgres_session *session,
                                    const struct postgres_statements *set, size_t which,
                                    const struct change *change);
MUST_CHECK int postgres_close_bucket(struct postgres_session *session,
                                     const struct postgres_statements *set, size_t which,
                                     const struct change *change);
MUST_CHECK int postgres_visit_bucket(const PGresult *row, int at, char kind,
                                     const struct store_bucket_visitor *visitor);

#endif
