/* One bucket: its T1s, its records, and the order in which readers see them. */
#ifndef REUNION_BUCKET_BUCKET_H
#define REUNION_BUCKET_BUCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/random.h"
#include "bucket/entry.h"
#include "bucket/waiters.h"

/* DESIGN: an entry is *staged* while its commit is under way and *visible* afterwards. Staged
 * entries count towards every bound and stand in the indexes, so that two posts in one commit
 * cannot both take a place; readers find only what is visible. Showing an entry cannot fail: all
 * room it needs is taken when it is staged. Nothing here is locked: the service's lock guards all
 * but the waiters. Feed order is commit by commit, shuffled within one; nothing else keeps an
 * order that depends on arrival. */

struct bucket_rules {
    uint32_t capacity; /* T1s, at most BUCKET_CAPACITY */
    int64_t open_window_s;
    int64_t lifetime_s;
    uint32_t keyless_t3_max;  /* T3s of one sender to one T1 without a write key */
    uint32_t unaddressed_max; /* unaddressed T2s, and T3s, of one sender */
};

enum { FEED_NONCE_BYTES = 16 };

struct bucket {
    struct bucket_id id;
    uint8_t link[ID_BYTES];
    uint8_t feed_nonce[FEED_NONCE_BYTES]; /* drawn anew whenever the feed's order is */
    struct index_node by_link;
    struct bucket *older, *newer;
    bool visible;         /* its opening is committed */
    bool closed;          /* takes no more T1s, and that is committed */
    bool expiring;        /* its removal is being committed */
    uint32_t t1_standing; /* staged and visible */
    uint32_t t1_visible;
    struct t1_entry *t1[BUCKET_CAPACITY]; /* the visible ones, by id */
    struct index records;
    struct entry **feed; /* the visible entries */
    size_t feed_length, feed_capacity;
    size_t feed_shuffled; /* so much of it has its final order */
    size_t staged;        /* entries that will come into the feed */
    struct waiter_list waiters;
};

/* Gives: an empty, invisible bucket owned by the caller, or NULL. */
MUST_CHECK struct bucket *bucket_new(const struct bucket_id *id,
                                     const struct random_source *random);

/* Release a bucket and its visible entries; nothing may be staged in it and nobody wait. NULL is
 * fine. */
void bucket_free(struct bucket *bucket);

/* Unix seconds from which on it takes no T1s, and from which on it is no more. */
int64_t bucket_closes_s(const struct bucket *bucket, const struct bucket_rules *rules);
int64_t bucket_expires_s(const struct bucket *bucket, const struct bucket_rules *rules);

bool bucket_is_expired(const struct bucket *bucket, const struct bucket_rules *rules,
                       int64_t now_s);
bool bucket_is_open(const struct bucket *bucket, const struct bucket_rules *rules, int64_t now_s);

/* Take in an entry that becomes visible with bucket_show or goes with bucket_unstage; a record is
 * indexed under `record_hash`, a T1 is not indexed here. The entry becomes the bucket's.
 * Gives: 0, -ENOMEM (the entry is still the caller's). */
MUST_CHECK int bucket_stage(struct bucket *bucket, struct entry *entry, uint64_t record_hash);

/* Take a staged entry out again; it is the caller's. */
void bucket_unstage(struct bucket *bucket, struct entry *entry);

/* Make a staged entry visible, at the end of the feed. */
void bucket_show(struct bucket *bucket, struct entry *entry);

/* Shuffle the feed from position `from` to its end. */
void bucket_shuffle(struct bucket *bucket, size_t from, const struct random_source *random);

/* The hash a record is indexed under: of its place (kind, sender, addressee), or of all its bytes
 * where a place has room for many. */
uint64_t bucket_record_hash(const uint8_t key[static INDEX_KEY_BYTES], enum record_kind kind,
                            const uint8_t bytes[static RECORD_ADDRESSED_BYTES]);

/* Look for a record, staged or visible, under its hash.
 * Gives: the same record, or NULL and in `*others` the number of other ones in its place. */
const struct record_entry *bucket_find_record(const struct bucket *bucket, uint64_t record_hash,
                                              enum record_kind kind,
                                              const uint8_t bytes[static RECORD_ADDRESSED_BYTES],
                                              uint32_t *others);

/* The bytes of an entry: RECORD_T1_BYTES or RECORD_ADDRESSED_BYTES of them. */
const uint8_t *entry_bytes(const struct entry *entry);

#endif
