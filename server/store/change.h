/* What a commit changes and what a reader finds: plain values, with no pointer to anything live. */
#ifndef REUNION_STORE_CHANGE_H
#define REUNION_STORE_CHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "admission/stamp.h"
#include "wire/bucket_id.h"
#include "wire/record_kind.h"
#include "wire/sizes.h"

enum { LINK_SEED_BYTES = 32 }; /* of a bucket of links */

struct store_t1 {
    const uint8_t *id;       /* ID_BYTES */
    const uint8_t *bytes;    /* RECORD_T1_BYTES */
    const uint8_t *key_hash; /* ID_BYTES, or NULL: it came without a write key */
    uint32_t records;        /* in its name */
    struct stamp stamp;      /* zeros: it has none */
};

struct store_record {
    enum record_kind kind; /* RECORD_T2 or RECORD_T3 */
    const uint8_t *bytes;  /* RECORD_ADDRESSED_BYTES */
};

struct store_link {
    uint32_t slot;        /* below LINK_SLOTS */
    const uint8_t *bytes; /* LINK_BLOB_BYTES */
};

struct store_mailbox {
    const uint8_t *id; /* MAILBOX_ID_BYTES */
    int64_t ends_s;    /* unix time; 0: it is closed, and its id opens none again */
    uint64_t next;     /* the number of its next copy */
};

/* A token that a mailbox has taken, and the copy that came with it. */
struct store_copy {
    const uint8_t *mailbox_id; /* MAILBOX_ID_BYTES */
    const uint8_t *r;          /* COPY_R_BYTES */
    const uint8_t *bytes;      /* COPY_BYTES; NULL: it was removed */
    uint64_t number;           /* in its mailbox; 0: it was removed */
    int64_t ends_s;            /* unix time at which both are forgotten */
};

/* One step from the committed state to the next. */
enum change_kind {
    CHANGE_BUCKET_OPENED,
    CHANGE_BUCKET_CLOSED, /* takes nothing new any more; or it is to end otherwise than before */
    CHANGE_BUCKET_EXPIRED,
    CHANGE_T1_ADDED,
    CHANGE_RECORD_ADDED,
    CHANGE_SENT, /* the number of records in a sender's name */
    CHANGE_LINK_ADDED,
    CHANGE_T1_RAISED, /* what a T1 paid */
    CHANGE_MAILBOX_OPENED,
    CHANGE_MAILBOX_RENEWED,   /* it ends later */
    CHANGE_MAILBOX_CLOSED,    /* with all it holds; its id is kept */
    CHANGE_MAILBOX_FORGOTTEN, /* with all it holds, or was closed before */
    CHANGE_COPY_ADDED,
    CHANGE_COPIES_REMOVED, /* all below a number; their tokens stay */
    CHANGE_TOKEN_EXPIRED,  /* with its copy, if that is there */
    CHANGE_KINDS,
};

/* Whether something goes by it, of which nothing is to be left on a disk. */
static inline bool change_removes(enum change_kind kind)
{
    return kind == CHANGE_BUCKET_EXPIRED || kind == CHANGE_MAILBOX_CLOSED ||
           kind == CHANGE_MAILBOX_FORGOTTEN || kind == CHANGE_COPIES_REMOVED ||
           kind == CHANGE_TOKEN_EXPIRED;
}

/* What is pointed to stays as it is until the commit is over. */
struct change {
    enum change_kind kind;
    char bucket_kind;    /* BUCKET_KIND_…, of the bucket …; 0: it is of a mailbox */
    struct bucket_id id; /* … whose this is */
    int64_t ends_s;      /* of CHANGE_BUCKET_CLOSED: unix second of an end of its own, or 0 */
    union {
        const uint8_t *seed; /* of CHANGE_BUCKET_OPENED for links: LINK_SEED_BYTES */
        struct store_t1 t1;  /* of CHANGE_T1_ADDED, whose number of records is 0; of CHANGE_SENT its
                              * id and number; of CHANGE_T1_RAISED its id and stamp */
        struct store_record record;   /* of CHANGE_RECORD_ADDED */
        struct store_link link;       /* of CHANGE_LINK_ADDED */
        struct store_mailbox mailbox; /* of CHANGE_MAILBOX_…; of CHANGE_COPIES_REMOVED its id, and
                                       * as `next` the number of the first copy that stays */
        struct store_copy copy;       /* of CHANGE_COPY_ADDED and CHANGE_TOKEN_EXPIRED */
    };
};

#endif
