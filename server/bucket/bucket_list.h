/* The buckets of one kind, and what is peculiar to a kind. */
#ifndef REUNION_BUCKET_BUCKET_LIST_H
#define REUNION_BUCKET_BUCKET_LIST_H

#include <stddef.h>
#include <stdint.h>

#include "base/random.h"
#include "bucket/expiry.h"
#include "bucket/index.h"
#include "bucket/place.h"
#include "store/change.h"

/* DESIGN: a table (table.h) has a list for each kind of bucket. What all kinds have in common is
 * here and in the table: ids, hashes, windows, places, lifetimes, the cache. T1s and records are
 * what a bucket has unless its kind says otherwise: a kind with a content of its own keeps it as
 * the `body` of a struct content, and fills in the functions below. It owns the list, which it may
 * have in a structure of its own, and adds it to the table (table_add_list).
 *
 * A list is ordered by window; within one, in any order. When the clock has been set back, the
 * buckets that are ahead of it are closed and stay at the newer end, and new ones are inserted
 * before them. Not locked: the service's lock guards it. */

struct bucket;
struct bucket_list;
struct content;
struct table;

struct bucket_kind {
    char letter; /* BUCKET_KIND_…, by which the network and the store name it */

    /* NULL, and so is what follows: it has T1s and records.
     * Returns: the content of a bucket that opens, owned by the caller, or NULL. */
    struct content *(*content_new)(const struct random_source *random);

    void (*body_free)(void *body);
    void (*body_tag)(const void *body, uint8_t tag[static ID_BYTES]); /* see content_tag */

    /* What the store has to know of the opening of a bucket, besides its id. */
    void (*describe)(const struct content *content, struct change *opening);

    /* A bucket was loaded, evicted; older ones come first. */
    void (*loaded)(struct bucket_list *list, const struct bucket *bucket);
};

struct bucket_list {
    const struct bucket_kind *kind;
    struct table *table;
    struct bucket_list *next;    /* in the table */
    int64_t window_s;            /* how long a bucket is open */
    uint64_t window_buckets_max; /* that may be opened in a window of one place */
    struct index by_hash;
    struct place common;
    struct index places; /* the others, by tag */
    struct bucket *newest, *oldest;
    struct bucket *unclosed; /* the oldest one that is not closed, or NULL */
    size_t shortened;        /* how many have an end of their own (ends_s), in any place */
    struct expired_hashes expired;
};

#endif
