/* A live bucket's header, which is always in memory: its id, counts and waiters. */
#ifndef REUNION_BUCKET_BUCKET_H
#define REUNION_BUCKET_BUCKET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/err.h"
#include "base/random.h"
#include "bucket/bucket_list.h"
#include "bucket/census.h"
#include "bucket/content.h"
#include "bucket/place.h"
#include "bucket/waiters.h"

/* DESIGN: the header of every live bucket, of any kind (bucket_list.h), is in memory; its content
 * (content.h) need not be. A bucket whose content is in memory is *cached*, one whose content is in
 * the store alone is *evicted* (cache.h).
 * Waiters belong to the header, and so does the end of the feed as it was last reported; so a
 * reader who has seen everything can wait in an evicted bucket too.
 *
 * A bucket with a content of another kind has none of the members about T1s and feeds.
 *
 * Nothing here is locked: the service's lock guards everything but the waiters and the CLOCK
 * counters. */

struct bucket_rules {
    uint32_t capacity;     /* T1s, at most BUCKET_CAPACITY */
    uint32_t keyless_max;  /* of them that came without a write key */
    int64_t open_window_s; /* of buckets of T1s */
    size_t places_max;     /* alive at once, the common one not counted */
    int64_t lifetime_s;
    uint32_t keyless_t3_max;         /* T3s of one sender to one T1 without a write key */
    uint32_t unaddressed_max;        /* unaddressed T2s, and T3s, of one sender */
    uint32_t records_per_sender_max; /* T2s and T3s of one sender in all buckets together */
    size_t buckets_max;              /* alive at once */
    uint32_t t1_free;                /* of a place, before work is asked for; 0: it never is */
    bool keyless_unpaid;             /* T1s without a write key are taken even then */
    size_t cache_bytes_max;          /* of contents, but for those that cannot be spared */
};

enum {
    FEED_NONCE_BYTES = 16,
    AHEAD_S_MAX = 60, /* a bucket that is no further in the future is none of another clock */
};

struct bucket {
    struct bucket_list *list; /* of its kind */
    struct bucket_id id;
    uint8_t bucket_hash[ID_BYTES];
    struct index_node by_hash;
    struct bucket *older, *newer; /* in that list, by time */
    struct place *place;          /* where it is, and there, by id: */
    struct bucket *older_there, *newer_there;
    bool on_grid;   /* else it is of a server of before, or of another window, and closed */
    bool visible;   /* its opening is committed */
    bool closed;    /* takes nothing new any more, and that is committed */
    bool expiring;  /* its removal is being committed */
    int64_t ends_s; /* of one that was found ahead of the clock: a lifetime after that; else 0 */
    uint32_t t1_standing;      /* staged and visible */
    uint32_t keyless_standing; /* of them without a write key; while it is cached */
    uint32_t t1_visible;
    uint32_t pins;       /* reasons of the writer's for which the content must stay */
    struct paid paid;    /* what its visible T1s paid */
    uint64_t generation; /* how many commits have added to it since the start */
    uint8_t feed_nonce[FEED_NONCE_BYTES]; /* drawn anew whenever the feed's order is */
    size_t evicted_feed_length;           /* of the feed last in memory; 0: there was none */
    struct content *content;              /* NULL: evicted */
    struct evicted_t1 *evicted_t1s;       /* of an evicted bucket: t1_visible of them */
    struct content *incoming;             /* read back, but not yet installed; the writer's */
    struct bucket *next_pinned;           /* among those it holds for its batch … */
    bool pinned;                          /* … of which this is one */
    TAILQ_ENTRY(bucket) cached;
    atomic_uint clock_counter; /* how often it will be passed over when contents have to go */
    struct waiter_list waiters;
};

/* Returns: an empty, invisible bucket for a list, without content, owned by the caller, or NULL. */
MUST_CHECK struct bucket *bucket_new(struct bucket_list *list, const struct bucket_id *id,
                                     const struct random_source *random);

/* Release a bucket and its content; nothing may be staged in it and nobody wait. NULL is fine. */
void bucket_free(struct bucket *bucket);

/* Unix seconds from which on it takes nothing new (off the grid: never did), and from which on it
 * is no more. One that is ahead of the clock lives no longer than a lifetime from when that was
 * noticed; but what a clock that lagged by more than a lifetime made of it is forgotten when the
 * clock is right again. */
int64_t bucket_closes_s(const struct bucket *bucket);
int64_t bucket_expires_s(const struct bucket *bucket, const struct bucket_rules *rules,
                         int64_t now_s);

/* Whether it is from the future: made while the clock was wrong, or the clock is wrong now. Clients
 * refuse such a bucket, so it takes nothing new. */
bool bucket_is_ahead(const struct bucket *bucket, int64_t now_s);

bool bucket_is_expired(const struct bucket *bucket, const struct bucket_rules *rules,
                       int64_t now_s);
bool bucket_is_open(const struct bucket *bucket, const struct bucket_rules *rules, int64_t now_s);

/* How many entries a reader of the feed has seen who has seen all. */
size_t bucket_feed_length(const struct bucket *bucket);

#endif
