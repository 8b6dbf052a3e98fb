/* The transport interface: how a session driver posts and receives T1s, T2s and T3s. */
#ifndef REUNION_TRANSPORT_TRANSPORT_H
#define REUNION_TRANSPORT_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "admission/stamp.h"
#include "base/err.h"
#include "wire/record_kind.h"
#include "wire/sizes.h"

/* DESIGN: a transport carries bytes and knows no session. It hands over only what concerns the one
 * whose T1 it announced: T1s of anybody, and those T2s and T3s of others that are addressed to it
 * or to nobody. Where a T1 stands is an opaque place that the session keeps and puts on its
 * letters, so a transport need not remember anybody. One thread uses a transport; its verbs block,
 * and end early with -ECANCELED when the stop source it was made with is asked to stop.
 *
 * Every verb may give these:
 *
 *   -EHOSTUNREACH  no answer
 *   -EAGAIN        asked to come later, see `retry_after_ms`
 *   -EPROTO        an answer that makes no sense
 *   -EINVAL        the request was refused as wrong
 *   -ECANCELED     asked to stop
 *   -ENOMEM
 *
 * A place is lost (-ENOENT) or past its lifetime (-EKEYEXPIRED) where the verb says so. */

/* The parameters of the other side, the same for all its users. */
struct transport_traits {
    uint8_t salt[SALT_BYTES];
    bool has_buckets;            /* else all are in one pool, and a place tells nothing */
    uint64_t open_window_s;      /* how long a bucket says it takes T1s */
    int64_t wait_ms_max;         /* longest wait of `receive` */
    uint8_t place_tag[ID_BYTES]; /* of the place; zeros: the common one */
    bool knows_time;             /* the other side sent its time, and … */
    int64_t time_s;              /* … unix time by its clock when it was asked */
};

/* Where a T1 is stored: a bucket's hash, or another token of the transport. */
struct transport_place {
    uint8_t token[ID_BYTES];
};

/* A bucket as the other side describes it. */
struct transport_bucket {
    struct transport_place place;
    uint64_t created; /* unix seconds, with `sequence` the bucket's id */
    uint32_t sequence;
    uint32_t count; /* T1s that stand in it */
    bool hash_fits; /* the bucket's hash is that of its id, in the place that is wanted */
};

/* Who posts: borrowed by the transport from `announce` until the next one or its end. */
struct transport_identity {
    const uint8_t *t1;
    size_t t1_bytes;
    const uint8_t *t1_id;     /* ID_BYTES */
    const uint8_t *write_key; /* WRITE_KEY_BYTES, secret */
    const uint8_t *stamp;     /* STAMP_NONCE_BYTES, or NULL: none */
};

/* Work that is asked for before a T1 is taken. */
struct transport_asked {
    bool known;      /* this side knows of stamps, and of what follows */
    uint32_t effort; /* 0: none */
    uint8_t challenge[STAMP_CHALLENGE_BYTES];
};

/* The stamp of a T1, as the other side reports it. */
struct transport_stamp {
    struct stamp stamp;
    uint8_t challenge[STAMP_CHALLENGE_BYTES];
};

/* One T2 or T3 to post, and what became of it. */
enum transport_outcome {
    TRANSPORT_LATER,   /* not there yet: post it again */
    TRANSPORT_STORED,  /* there, perhaps since an earlier try */
    TRANSPORT_REFUSED, /* will never be taken */
};
struct transport_letter {
    struct transport_place place; /* of the addressee's T1 */
    uint8_t addressee[ID_BYTES];
    uint8_t body[RECORD_BODY_BYTES];
    enum transport_outcome outcome;
};

/* The receiver of what arrives. The bytes are the transport's, for the call only. A callback that
 * does not return 0 ends the verb with its code. The same record may be passed again. */
struct transport_sink {
    int (*t1)(void *state, const uint8_t *t1, size_t t1_bytes, const struct transport_place *place);
    int (*t2)(void *state, const uint8_t sender[static ID_BYTES],
              const uint8_t body[static RECORD_BODY_BYTES]);
    int (*t3)(void *state, const uint8_t sender[static ID_BYTES],
              const uint8_t body[static RECORD_BODY_BYTES]);
    void *state;
};

struct transport;
struct transport_verbs {
    /* Get the other side's parameters; the first verb to be used. -EPROTO: no REUNION server. */
    int (*describe)(struct transport *transport, struct transport_traits *traits);

    /* Post our own T1, to the place `wanted` or (NULL) wherever there is room; from then on
     * `receive` reads that place from its beginning. `bucket` is zeroed without buckets.
     * -ENOSPC (`wanted` takes no more), -ENOENT, -EKEYEXPIRED (`wanted`), -EACCES (somebody else
     * posted this T1), -EDQUOT (its stamp is worth too little: `asked` says what is wanted). The
     * same T1 again, with a better stamp, raises it. */
    int (*announce)(struct transport *transport, const struct transport_identity *me,
                    const struct transport_place *wanted, struct transport_bucket *bucket);

    /* Describe the bucket that stands at `place`. -ENOENT, -EKEYEXPIRED. */
    int (*find)(struct transport *transport, const struct transport_place *place,
                struct transport_bucket *bucket);

    /* The live buckets, newest first, at most `capacity`; none without buckets. */
    int (*list)(struct transport *transport, struct transport_bucket *buckets, size_t capacity,
                size_t *count);

    /* The T1s that stand at `place`. -ENOENT, -EKEYEXPIRED. */
    int (*read_t1s)(struct transport *transport, const struct transport_place *place,
                    const struct transport_sink *sink);

    /* The T1 with this id. -ENOENT. The caller checks that it is. */
    int (*fetch_t1)(struct transport *transport, const uint8_t id[static ID_BYTES],
                    const struct transport_sink *sink);

    /* Post T2s or T3s and note what became of each, whatever the whole gives.
     * -ENOENT, -EKEYEXPIRED (one's own T1 stands no more), -EACCES (it is not one's own). */
    int (*send)(struct transport *transport, enum record_kind kind,
                struct transport_letter *letters, size_t count);

    /* Hand over what is new since the last call; with nothing new wait up to `wait_ms` for it.
     * -ENOENT, -EKEYEXPIRED (one's own place). */
    int (*receive)(struct transport *transport, int64_t wait_ms, const struct transport_sink *sink);

    /* The four below may be NULL: then nothing there knows of stamps. */

    /* How many live T1s stand in each class. */
    int (*read_classes)(struct transport *transport, uint32_t classes[static STAMP_CLASSES]);

    /* What the T1s that stand at `place` paid; `stamp` is called for each that paid something, with
     * its id. Nothing is checked but the form. -ENOENT, -EKEYEXPIRED. */
    int (*read_stamps)(struct transport *transport, const struct transport_place *place,
                       int (*stamp)(void *state, const uint8_t id[static ID_BYTES],
                                    const struct transport_stamp *stamp),
                       void *state);

    /* Post one's own T1, which stands, once more with a better stamp. What `receive` gives goes on
     * where it was. -ENOENT, -EKEYEXPIRED, -EACCES, -EDQUOT: it does not stand any more. */
    int (*raise)(struct transport *transport, const struct transport_identity *me);

    /* Ask for the challenge once more, over another connection (circuit, through a proxy).
     * Afterwards `asked` has the challenge that others get, which may be the one of a new hour.
     * -EPERM (others get different ones, or what was asked for was not theirs twice on end). */
    int (*compare_challenge)(struct transport *transport);

    /* Release everything, wiping the write key's copies. */
    void (*free)(struct transport *transport);
};

/* What a transport's own struct begins with. */
struct transport {
    const struct transport_verbs *verbs;
    int64_t retry_after_ms; /* asked for with the last -EAGAIN; 0: nothing said */
    const char *trouble; /* why the last verb failed, an English phrase, the transport's until the
                          * next verb, or NULL */
    bool certain;        /* the last verb would fail so again: waiting is of no use */
    bool unanswered;     /* the last verb was stopped while it waited for an answer */
    struct transport_asked asked; /* as last told, by `describe` first */
};

#endif
