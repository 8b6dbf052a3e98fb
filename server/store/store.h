/* The interface of stores: where committed entries are kept. */
#ifndef REUNION_STORE_STORE_H
#define REUNION_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "store/change.h"

/* DESIGN: an implementation is a struct whose first member is `struct store`. A store belongs to
 * one thread at a time: the one that opens it, then the writer. What is stored is read back through
 * readers, which each see a state of the store as of some commit, do not wait for the writer and do
 * not hold it up; a reader too belongs to one thread at a time. A store learns no arrival order and
 * no time but that of the buckets. */

/* Called for each thing loaded, which is the store's and valid for that call. What they give other
 * than 0 ends the loading and becomes its result. */
struct store_bucket_visitor {
    /* `ends_s`: the unix second of its end where its id does not say it; else 0. */
    int (*bucket)(void *context, char kind, const struct bucket_id *id, bool closed,
                  int64_t ends_s);
    void *context;
};
struct store_id_visitor {
    int (*id)(void *context, const struct bucket_id *bucket, const uint8_t id[static ID_BYTES],
              const struct stamp *stamp);
    void *context;
};
struct store_entry_visitor {
    int (*t1)(void *context, const struct store_t1 *t1);
    int (*record)(void *context, const struct store_record *record);
    void *context;
};
struct store_link_visitor {
    int (*seed)(void *context, const uint8_t seed[static LINK_SEED_BYTES]);
    int (*link)(void *context, const struct store_link *link);
    void *context;
};

struct store_mailbox_visitor {
    int (*mailbox)(void *context, const struct store_mailbox *mailbox);
    int (*copy)(void *context, const struct store_copy *copy);
    void *context;
};

struct store;
struct store_reader;

struct store_methods {
    int (*open_reader)(struct store *store, struct store_reader **reader);
    int (*commit)(struct store *store, const struct change *changes, size_t count);
    int (*outcome)(struct store *store, bool *durable); /* NULL: it is never in doubt */
    int (*secret)(struct store *store, uint8_t secret[static STAMP_SECRET_BYTES]);
    int (*probe)(struct store *store);
    int (*tidy)(struct store *store, bool *more);
    uint64_t (*bytes)(struct store *store);
    void (*close)(struct store *store);
};

struct store {
    const struct store_methods *methods;
    const char *name; /* of its file, as it was given; ":memory:" */
    /* The name of the file that the last failure of a commit or a probe was about, if that is known
     * and it is one that is not as it was; else NULL. For the store's thread. */
    const char *blamed;
    /* What the database itself said about the last failure, in words for a log, or NULL. For the
     * store's thread. */
    const char *said;
};

struct store_reader_methods {
    int (*load_buckets)(struct store_reader *reader, const struct store_bucket_visitor *visitor);
    int (*load_t1_ids)(struct store_reader *reader, const struct store_id_visitor *visitor);
    int (*load_entries)(struct store_reader *reader, const struct bucket_id *id,
                        const struct store_entry_visitor *visitor);
    int (*load_links)(struct store_reader *reader, const struct bucket_id *id,
                      const struct store_link_visitor *visitor);
    int (*load_mailboxes)(struct store_reader *reader, const struct store_mailbox_visitor *visitor);
    void (*close)(struct store_reader *reader);
};

struct store_reader {
    const struct store_reader_methods *methods;
};

/* Open a reader, to be closed before the store is. By the store's thread.
 * Returns: 0 (`*reader` is the caller's), -EIO, -EAGAIN, -EBADMSG, -ENOMEM. */
MUST_CHECK int store_open_reader(struct store *store, struct store_reader **reader);

/* Release it; NULL is fine. */
void store_close_reader(struct store_reader *reader);

/* Visit all buckets, of each kind the older ones first, the expired ones that are still there among
 * them.
 * Returns: 0, -EIO, -EAGAIN (locked by somebody else), -ENOMEM, -EBADMSG (the store's content is
 * damaged), or the visitor's result. */
MUST_CHECK int store_load_buckets(struct store_reader *reader,
                                  const struct store_bucket_visitor *visitor);

/* Visit the ids of all T1s, and what they paid, bucket by bucket in the same order. Returns: as
 * above. */
MUST_CHECK int store_load_t1_ids(struct store_reader *reader,
                                 const struct store_id_visitor *visitor);

/* Visit the T1s of one rendezvous bucket, then its records, all of one state of the store; no order
 * is promised. Returns: as above. */
MUST_CHECK int store_load_entries(struct store_reader *reader, const struct bucket_id *id,
                                  const struct store_entry_visitor *visitor);

/* Visit the seed of one bucket of links, if there is such a bucket, then its links, as above. */
MUST_CHECK int store_load_links(struct store_reader *reader, const struct bucket_id *id,
                                const struct store_link_visitor *visitor);

/* Visit all mailboxes, closed and expired ones among them, then all tokens with the copies that are
 * left, of one state of the store; in no order that is promised. Returns: as above. */
MUST_CHECK int store_load_mailboxes(struct store_reader *reader,
                                    const struct store_mailbox_visitor *visitor);

/* Make all changes durable, or none.
 * Returns: 0 (they survive a kill or a power cut from now on), -ENOSPC (disk full), -EAGAIN
 * (somebody else holds it), -ESTALE (its file was deleted, moved or replaced; commits go on when it
 * is back), -EREMCHG (it was overwritten or truncated in place, and nothing is committed any more),
 * -EOWNERDEAD (somebody else wrote, or a commit was lost: likewise), -EHOSTUNREACH (the database
 * does not answer), -EINPROGRESS (it is in doubt whether they are durable: nothing else is
 * committed before store_outcome has told), -EIO, or the system's errno. */
MUST_CHECK int store_commit(struct store *store, const struct change *changes, size_t count);

/* What became of the commit that was in doubt. Returns: 0 (`*durable` says whether all its changes
 * are; otherwise none is), or as store_commit: it is still in doubt. */
MUST_CHECK int store_outcome(struct store *store, bool *durable);

/* The secret that the server's challenges are made from: drawn when the store was made, kept as
 * long as it. Returns: 0, -EIO, -EAGAIN, -EBADMSG (it is missing), -ENOMEM; `secret` is untouched
 * then. */
MUST_CHECK int store_secret(struct store *store, uint8_t secret[static STAMP_SECRET_BYTES]);

/* Write something and make it durable, to see whether that works. Returns: as store_commit. */
MUST_CHECK int store_probe(struct store *store);

/* Take a step towards leaving nothing of what was deleted on the disk, and giving its room back;
 * nothing to do is soon done. Not while a commit is under way.
 * Returns: 0 or as store_commit, which is no matter for posts; and in any case whether there is
 * `more` to do: at once after 0, later otherwise (somebody who reads is in the way, for instance).
 */
int store_tidy(struct store *store, bool *more);

/* In words for a log: what stands behind an error of a store, the system's reason where a call of
 * the system failed; never NULL. Any thread. */
const char *store_reason(int err);

/* What its files take, the log included, or what it takes of memory if it has none. Any thread. */
uint64_t store_bytes(struct store *store);

/* Release it; NULL is fine. */
void store_close(struct store *store);

#endif
