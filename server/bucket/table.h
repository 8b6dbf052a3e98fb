/* All live buckets, and how readers find what is in them. */
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

/* DESIGN: buckets of the two kinds have ids, links and lives of their own, and stand in a line
 * each; memory, disk and the number of buckets they share. One thread changes the table
 * (staging.h); it and readers exclude each other by a lock of the service's. Times are unix seconds
 * by the caller's clock, which may step. A line is in the order of ids; when the clock has been set
 * back, buckets are ahead of it at the line's newer end, closed, and new ones come in before them.
 */

/* The buckets of one kind, by time. */
struct line {
    struct index by_link;
    struct bucket *newest, *oldest;
    struct bucket *unclosed; /* the oldest one that is not closed, or NULL */
    size_t shortened;        /* how many have an end of their own (ends_s), in any place */
    struct expired_links expired;
    struct price_stock stock;   /* what came lately: T1s */
    struct class_census census; /* of the visible T1s */
    uint64_t window;            /* the one in which links came last, … */
    uint32_t window_links;      /* … and how many, staged ones included */
};

struct table {
    struct bucket_rules rules;
    const struct random_source *random;
    uint8_t index_key[INDEX_KEY_BYTES];
    struct index t1_by_id; /* of the T1s of warm buckets */
    struct index cold_t1s; /* of the others, by the hash alone (cache.h) */
    struct line rendezvous, links;
    struct price_stock stock; /* T1s that came lately, to all places */
    size_t bucket_count;
    size_t expiring_count;     /* of them, whose removal is being committed */
    TAILQ_HEAD(, bucket) warm; /* the one whose turn to go it is first */
    size_t warm_count;
    size_t cached_bytes;   /* of their contents */
    bool full;             /* the store has as much as it may: nothing is added */
    struct bucket *wanted; /* the one whose content a staging lacked; the writer's */
};

/* A table without buckets. `random` must outlive it. */
void table_init(struct table *table, const struct bucket_rules *rules,
                const struct random_source *random);

/* Release it with all buckets; nothing may be staged. */
void table_free(struct table *table);

/* The line of a kind of bucket, BUCKET_KIND_…. */
struct line *table_line(struct table *table, char kind);

/* Readers: only what is visible and alive. */

/* Look for a bucket of a kind; one of the other is none. Gives: 0, -ENOENT, -EKEYEXPIRED. */
MUST_CHECK int table_find_bucket(const struct table *table, char kind,
                                 const uint8_t link[static ID_BYTES], int64_t now_s,
                                 struct bucket **bucket);

/* Gives: the T1, or NULL: then it may stand in the bucket that table_find_cold gives. */
const struct t1_entry *table_find_t1(const struct table *table, const uint8_t id[static ID_BYTES],
                                     int64_t now_s);

/* Gives: a cold bucket in which that T1 stands for all that is known, or NULL. */
struct bucket *table_find_cold(const struct table *table, const uint8_t id[static ID_BYTES],
                               int64_t now_s);

/* The newest rendezvous bucket, and the next older one; NULL when there is none. */
struct bucket *table_newest(const struct table *table, int64_t now_s);
struct bucket *table_older(const struct table *table, const struct bucket *bucket, int64_t now_s);

/* Whether that very record is visible in the sender's bucket. */
bool table_has_unaddressed(const struct table *table, const struct t1_entry *sender,
                           enum record_kind kind,
                           const uint8_t bytes[static RECORD_ADDRESSED_BYTES]);

/* The effort asked for a new T1, and for a new link. */
uint32_t table_price_t1(const struct table *table, int64_t now_s);
uint32_t table_price_link(const struct table *table, int64_t now_s);

/* Seconds until nothing will be asked for a T1, or for a link, if nothing more comes. */
int64_t table_free_t1_s(const struct table *table, int64_t now_s);
int64_t table_free_link_s(const struct table *table, int64_t now_s);

/* Visible T1s in each class. */
void table_classes(const struct table *table, int64_t now_s,
                   uint32_t classes[static STAMP_CLASSES]);

/* When time alone will next change a bucket (one closes or expires); INT64_MAX if none will. */
int64_t table_next_event_s(const struct table *table, int64_t now_s);

/* For the writer: the same T1 staged or visible, to be changed; NULL if none is alive and warm. */
struct t1_entry *table_sender(const struct table *table, const uint8_t id[static ID_BYTES],
                              int64_t now_s);

/* For staging_links.c: the number of the window that is now. */
uint64_t table_window(const struct table *table, int64_t now_s);

/* For staging: the newest bucket of a line that is not ahead of the clock, or NULL. */
struct bucket *table_current(const struct line *line, int64_t now_s);

/* For staging.c: put a bucket in by its id, which none of its kind has (0, -ENOMEM), take any
 * bucket out, and note that one is closed. */
MUST_CHECK int table_link_bucket(struct table *table, struct bucket *bucket);
void table_unlink_bucket(struct table *table, struct bucket *bucket);
void table_close_bucket(struct table *table, struct bucket *bucket);

#endif
