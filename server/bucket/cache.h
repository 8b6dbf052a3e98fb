/* Which buckets have their content in memory, and which T1s the others have. */
#ifndef REUNION_BUCKET_CACHE_H
#define REUNION_BUCKET_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "bucket/table.h"

/* DESIGN: the T1s of cached buckets stand in one index by id; those of evicted ones in another, as
 * the keyed hash of their id and the bucket: some 40 bytes each, by which a T1 that stands already
 * is noticed wherever it is, and without asking the store about all the others. A hash that is
 * found has to be confirmed by the bucket's content.
 *
 * A content is read back without any lock, from a state of the store in which some commit may be
 * missing, and installed only if none was: while a bucket is evicted its generation does not
 * change, as the writer stages into cached buckets alone, and one into which something is staged
 * cannot be evicted. So `generation` as it was before the reading, and still evicted: then nothing
 * is missing.
 *
 * Contents go in turn, those passed over that have been read lately, or waited on; never one with
 * something staged, or pinned. All of this is memory work under the lock held exclusively; what
 * has gone is released by the caller, without it. */

enum { CLOCK_COUNTER_READ = 1, CLOCK_COUNTER_WAITED_ON = 3 };

/* One T1 of an evicted bucket. */
struct evicted_t1 {
    struct index_node node; /* under the hash of its id */
    struct bucket *bucket;
};

/* The hash of a T1's id in both indexes. Any thread, without the lock. */
uint64_t table_t1_hash(const struct table *table, const uint8_t id[static ID_BYTES]);

/* At start: note the T1s of a bucket that is evicted. Returns: 0, -ENOMEM. */
MUST_CHECK int table_note_evicted(struct table *table, struct bucket *bucket,
                                  const uint64_t *hashes, uint32_t count);

/* Likewise: what those T1s paid. They are taken to have come evenly while the bucket was open, as
 * nothing tells when. Buckets from the oldest on. */
void table_note_paid(struct table *table, struct bucket *bucket, const struct stamp *stamps,
                     uint32_t count, int64_t now_s);

/* Make a bucket cached whose content is not there. The feed begins anew, with a new nonce.
 * Returns: 0 (the content is the bucket's), -EBADMSG (it is not what the header tells), -ENOMEM. */
MUST_CHECK int table_install(struct table *table, struct bucket *bucket, struct content *content);

/* Let contents go until no more bytes are there than may be; `kept`, unless NULL, stays. Without
 * memory to note the T1s nothing goes, this time. Returns: what has gone, linked by `next`. */
MUST_CHECK struct content *table_trim(struct table *table, const struct bucket *kept);

/* Release a list of contents. */
void contents_free(struct content *contents);

/* A bucket is used: it is passed over so many times. The lock may be shared. */
void bucket_use(struct bucket *bucket, unsigned clock_counter);

/* For staging.c: a new bucket's empty content (0, -ENOMEM), and all that is known of a bucket's
 * T1s out of the table. */
MUST_CHECK int table_cache_new(struct table *table, struct bucket *bucket);
void table_forget(struct table *table, struct bucket *bucket);

#endif
