/* The cache of bucket contents (CLOCK eviction), and the index of evicted T1s. */
#ifndef REUNION_BUCKET_CACHE_H
#define REUNION_BUCKET_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "bucket/table.h"

/* DESIGN: the T1s of cached buckets are indexed by id. Those of evicted buckets have an index of
 * their own, by the keyed hash of id and bucket, at about 40 bytes each: a T1 that stands
 * already is noticed without asking the store about all others. A matching hash is confirmed by
 * the bucket's content.
 *
 * A content is read back without any lock, from a snapshot of the store that may lack a commit, and
 * installed only if it lacks none. The generation of an evicted bucket does not change, as the
 * writer stages into cached buckets alone, and a bucket with staged entries cannot be evicted. So
 * if the bucket is still evicted and `generation` is as before the reading, nothing is missing.
 *
 * CLOCK eviction: contents are evicted in turn, except those that were read or waited on lately,
 * and never one that is pinned or has staged entries. All of this is work in memory under the
 * exclusive lock; the caller releases evicted contents after it has given the lock back. */

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

/* For staging_buckets.c: a new bucket's empty content (0, -ENOMEM), and all that is known of a
 * bucket's T1s out of the table. */
MUST_CHECK int table_cache_new(struct table *table, struct bucket *bucket);
void table_forget(struct table *table, struct bucket *bucket);

#endif
