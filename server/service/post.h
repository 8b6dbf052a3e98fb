/* A post: what a request hands to the writer, and what comes of it once it is durable. */
#ifndef REUNION_SERVICE_POST_H
#define REUNION_SERVICE_POST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "bucket/entry.h"
#include "service/checker.h"
#include "store/write_thread.h"
#include "wire/sizes.h"

/* A T1's id, H(T1). */
void post_t1_id(uint8_t id[static ID_BYTES], const uint8_t t1[static RECORD_T1_BYTES]);

/* What is kept of a write key, H(key). */
void post_key_hash(uint8_t hash[static ID_BYTES], const uint8_t key[static WRITE_KEY_BYTES]);

enum post_outcome {
    POST_STORED,             /* durable; of records see the counts */
    POST_STOOD,              /* the T1, or link, stood already */
    POST_RAISED,             /* the T1 stood, and its stamp is a better one now; or the mailbox, and
                              * it lives longer */
    POST_NO_BUCKET,          /* it names a bucket that is not known … */
    POST_GONE,               /* … or past its lifetime … */
    POST_FULL,               /* … or full … */
    POST_CLOSED,             /* … or past its open window */
    POST_WRONG_KEY,          /* the T1 stands with another write key, or without one */
    POST_UNPAID,             /* new, and its stamp is worth less than `asked` */
    POST_TOO_MANY_STAMPS,    /* wait to be checked; try again */
    POST_WRONG_STAMP,        /* a stamp for nothing that it comes with */
    POST_NO_SENDER,          /* no T1 stands under the sender's id */
    POST_MIXED,              /* the records are not all of one sender */
    POST_TOO_MANY_BUCKETS,   /* it would open one more than may live at once; try later */
    POST_TOO_MANY_PLACES,    /* likewise one more place; try later */
    POST_WINDOW_FULL,        /* likewise one more than may be opened in this window; try later */
    POST_NO_MAILBOX,         /* no mailbox is open under this key … */
    POST_MAILBOX_CLOSED,     /* … nor will be, as it was closed */
    POST_TOO_MANY_MAILBOXES, /* as many are open as may be; try later, or elsewhere */
    POST_STORE_FULL,         /* as much is stored as may be; try later */
    POST_UNAVAILABLE,        /* nothing is stored, for want of memory, disk or time; try again */
    POST_EVICTED,            /* the writer's own: it waits for something to be read back */
};

/* What came of staging that gave `err`. */
enum post_outcome post_outcome_of(int err);

/* DESIGN: what is posted differs by kind, and so does how it is staged; everything else is the same
 * for all. So whoever takes a further kind of post defines what follows, and no more. */

struct post;
struct service;

struct post_kind {
    /* Add a post to the service's batch, under the exclusive lock. What it has staged is rolled
     * back unless it gives POST_STORED or POST_RAISED; with POST_EVICTED it is called again once
     * the content of `table.wanted` is there. NULL: there is nothing to stage. */
    enum post_outcome (*stage)(struct service *service, struct post *post, int64_t now_s);

    /* Of kinds that may come with a stamp: what that is for, and the effort asked for now; the lock
     * is held. */
    void (*subject)(const struct post *post, struct stamp_subject *subject);
    uint32_t (*price)(const struct service *service, const struct post *post, int64_t now_s);

    /* The outcome is known, and `done` comes next; or NULL. */
    void (*settled)(const struct post *post);

    /* Something is written and synchronised with it even if nothing else is. */
    bool always_commits;
};

extern const struct post_kind post_t1;      /* a T1 with a write key */
extern const struct post_kind post_records; /* T2s or T3s of one sender, each with its addressee */
extern const struct post_kind post_link;    /* a private link's blob */
extern const struct post_kind post_probe;   /* nothing, but written and synchronised */
extern const struct post_kind post_mailbox; /* the opening of a mailbox, or its renewal … */
extern const struct post_kind post_mailbox_removal; /* … the end of copies in it … */
extern const struct post_kind post_mailbox_closing; /* … and of it */
extern const struct post_kind post_delivery;        /* as service_take_delivery makes it */
/* Nothing; buckets whose time has come close and expire with any commit. */
extern const struct post_kind post_time;

/* A bucket as readers are told of it. */
struct bucket_facts {
    struct bucket_id id;
    uint8_t bucket_hash[ID_BYTES];
    uint32_t count; /* T1s; how many links a bucket of these has is told to nobody */
    bool open;
    bool closed; /* for ever, so that its T1s, or links, never change */
    int64_t expires_s;
};

/* What became of one record of a post that was stored. */
enum record_result { RECORD_STORED, RECORD_STOOD, RECORD_REFUSED };

struct post_refusal {
    size_t index; /* of the record */
    int reason; /* -ELOOP its own sender, -EXDEV its sender stands in another place, -ENOENT no such
                 * addressee there, -EBUSY place taken, -EDQUOT its sender has as many as one may
                 * have */
};

struct post {
    struct write_job job;
    const struct post_kind *kind;
    void (*done)(struct post *post); /* on the writer's thread; the post is its owner's again */

    /* In; what is pointed to must stay until `done`. */
    struct t1_draft t1; /* post_t1 */
    const void *given; /* as the kind has it; post_link: LINK_BLOB_BYTES; post_delivery: COPY_BYTES,
                        * or NULL */
    uint8_t mailbox_id[MAILBOX_ID_BYTES]; /* post_mailbox, …_removal, …_closing, post_delivery */
    uint64_t mailbox_cursor;              /* post_mailbox_removal: of the last copy that goes */
    uint8_t nonce[STAMP_NONCE_BYTES];     /* of one with a stamp */
    const uint8_t *bucket_hash;           /* post_records: ID_BYTES */
    const uint8_t *key_hash;              /* post_records: ID_BYTES */
    enum record_kind record_kind;         /* post_records */
    const uint8_t *records;               /* RECORD_ADDRESSED_BYTES each */
    size_t record_count;
    struct post_refusal *refusals; /* room for record_count, or NULL: not told */
    uint8_t *results; /* likewise, an enum record_result of each record of post_records */

    /* Out. */
    enum post_outcome outcome;
    uint32_t retry_s;           /* in so many seconds it may go; 0: not known */
    struct bucket_facts bucket; /* post_t1, post_link: the bucket in which it stands, if it does */
    size_t stored, duplicate, refused;
    uint32_t asked;         /* POST_UNPAID: effort */
    int64_t mailbox_ends_s; /* post_mailbox: unix time */

    /* The checker's own. */
    struct check_job check;
    struct stamp stamp; /* zeros until it is checked */

    /* The writer's own. */
    const struct bucket *standing; /* the one in which it stands; that may be evicted meanwhile */
    struct bucket *wanted;         /* what a deferred post lacks … */
    struct post *deferred;         /* … and the next such post */
    size_t over_limit;             /* of the refused ones: those over the sender's limit */
};

/* Count what staging one record of a post gave, or one T1 of several. Returns: whether the rest can
 * go on. */
bool post_count_record(struct post *post, size_t index, int err);

/* Seconds until a time (INT64_MAX: nobody knows), as `retry_s` tells it. */
uint32_t post_wait_s(int64_t then_s, int64_t now_s);

#endif
