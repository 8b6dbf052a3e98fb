/* The table of all live buckets, with the indexes that readers use. */
#ifndef REUNION_BUCKET_TABLE_H
#define REUNION_BUCKET_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "admission/price.h"
#include "base/err.h"
#include "base/random.h"
#include "bucket/bucket.h"
#include "bucket/expiry.h"
#include "bucket/index.h"

/* DESIGN: the buckets of each kind have ids, hashes and lifetimes of their own and form one list
 * (bucket_list.h); all kinds share memory, disk and the maximum number of buckets. The table has
 * the list of those with T1s; others are added to it. One thread changes the table (staging.h); the
 * service's lock separates it from readers. Times are unix seconds of the caller's clock, which may
 * step. */

struct table {
    struct bucket_rules rules;
    const struct random_source *random;
    uint8_t index_key[INDEX_KEY_BYTES];
    struct index t1_by_id;         /* of the T1s of cached buckets */
    struct index evicted_t1s;      /* of the others, by the hash alone (cache.h) */
    struct bucket_list rendezvous; /* the first of all lists */
    struct price_stock stock;      /* T1s that came lately, to all places */
    uint64_t published; /* commits since the start; with the one that is being published */
    size_t bucket_count;
    size_t expiring_count;       /* of them, whose removal is being committed */
    TAILQ_HEAD(, bucket) cached; /* the one whose turn to go it is first */
    size_t cached_count;
    size_t cached_bytes;   /* of their contents */
    bool full;             /* the store has as much as it may: nothing is added */
    struct bucket *wanted; /* the one whose content a staging lacked; the writer's */
    struct bucket *dead;   /* those that are out of it and not yet taken, linked by `older` */
};

/* A table without buckets. `random` must outlive it. */
void table_init(struct table *table, const struct bucket_rules *rules,
                const struct random_source *random);

/* The buckets that have expired, linked by `older`, or NULL: the caller's to free once nobody waits
 * in them. */
struct bucket *table_take_dead(struct table *table);

/* Release it with all buckets; nothing may be staged. */
void table_free(struct table *table);

/* Add a list of zeros but for its kind, window and maximum, which outlives the table's use, but not
 * its buckets: table_free releases them. Before any bucket is there. */
void table_add_list(struct table *table, struct bucket_list *list);

/* The list of a kind of bucket, BUCKET_KIND_…, that the table has. */
struct bucket_list *table_list(const struct table *table, char kind);

/* The place of T1s with a tag (NULL or zeros: the common one), or NULL if nobody is there. */
struct place *table_place(const struct table *table, const uint8_t *tag);

/* Readers: only what is visible and alive. */

/* Look for a bucket of a kind; one of another is none. Returns: 0, -ENOENT, -EKEYEXPIRED. */
MUST_CHECK int table_find_bucket(const struct table *table, char kind,
                                 const uint8_t bucket_hash[static ID_BYTES], int64_t now_s,
                                 struct bucket **bucket);

/* Returns: the T1, or NULL: then it may stand in the bucket that table_find_evicted gives. */
const struct t1_entry *table_find_t1(const struct table *table, const uint8_t id[static ID_BYTES],
                                     int64_t now_s);

/* Returns: an evicted bucket in which that T1 stands for all that is known, or NULL. */
struct bucket *table_find_evicted(const struct table *table, const uint8_t id[static ID_BYTES],
                                  int64_t now_s);

/* The newest rendezvous bucket of a place (NULL: of none), and the next older one there; NULL when
 * there is none. */
struct bucket *table_newest(const struct table *table, const struct place *place, int64_t now_s);
struct bucket *table_older(const struct table *table, const struct bucket *bucket, int64_t now_s);

/* Whether that very record is visible in the sender's bucket. */
bool table_has_unaddressed(const struct table *table, const struct t1_entry *sender,
                           enum record_kind kind,
                           const uint8_t bytes[static RECORD_ADDRESSED_BYTES]);

/* The effort asked for a new T1 in a place (NULL: for opening one more). */
uint32_t table_price_t1(const struct table *table, const struct place *place, int64_t now_s);

/* Seconds until nothing will be asked for a T1, if nothing more comes. */
int64_t table_free_t1_s(const struct table *table, const struct place *place, int64_t now_s);

/* Visible T1s of a place (NULL: of none) in each class. */
void place_classes(const struct place *place, int64_t now_s,
                   uint32_t classes[static STAMP_CLASSES]);

/* When time alone will next change a bucket (one closes or expires), and when the next one expires;
 * INT64_MAX if none will. */
int64_t table_next_event_s(const struct table *table, int64_t now_s);
int64_t table_next_expiry_s(const struct table *table, int64_t now_s);

/* For the writer: the same T1 staged or visible, to be changed; NULL if none is alive and cached.
 */
struct t1_entry *table_sender(const struct table *table, const uint8_t id[static ID_BYTES],
                              int64_t now_s);

/* The place of a list with a tag (NULL or zeros: the common one), or NULL. */
struct place *table_list_place(const struct bucket_list *list, const uint8_t *tag);

/* For staging_buckets.c: put a bucket in at its time and in its place, which is made if need be (0,
 * -ENOMEM), take any bucket out, and its place with the last one, and note that one is closed. */
MUST_CHECK int table_link_bucket(struct table *table, struct bucket *bucket);
void table_unlink_bucket(struct table *table, struct bucket *bucket);
void table_close_bucket(struct bucket *bucket);

/* Give a bucket an end of its own: unix seconds, not 0. */
void table_shorten(struct bucket *bucket, int64_t ends_s);

#endif
