/* The interface to a server of private links, whatever carries its requests. */
#ifndef REUNION_TRANSPORT_LINK_SERVER_H
#define REUNION_TRANSPORT_LINK_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "admission/stamp.h"
#include "base/err.h"
#include "wire/bucket_id.h"
#include "wire/sizes.h"

/* A bucket of links as the server describes it. */
struct link_bucket {
    struct bucket_id id;
    uint8_t bucket_hash[ID_BYTES];
    uint64_t expires; /* unix seconds */
};

/* What a server shows as the slots of a bucket; an honest one has an id and LINK_BUCKET_BYTES. */
struct link_slots {
    bool has_id;
    struct bucket_id id;
    const uint8_t *blobs; /* the link server's, until the next request */
    size_t bytes;
};

/* Work that is asked for before a link is taken. */
struct link_wanted {
    uint32_t effort; /* 1 or more */
    uint8_t challenge[STAMP_CHALLENGE_BYTES];
};

/* Each verb may give these, and blocks until it is done or a stop is asked:
 *
 *   -EHOSTUNREACH  no answer
 *   -EAGAIN        asked to come later, see `retry_after_ms`
 *   -EPROTO        an answer that makes no sense
 *   -EINVAL, -EACCES, -ENOSPC, -ENOENT, -EKEYEXPIRED   refused
 *   -ECANCELED, -ENOMEM, -EIO */
struct link_server;
struct link_server_verbs {
    /* Whether there is a server, by what it tells everybody. */
    int (*look)(struct link_server *server);

    /* The bucket that links go to, as told to everybody. -ENOENT: none is open. NULL: there is no
     * such question. */
    int (*current)(struct link_server *server, struct link_bucket *bucket);

    /* Post a link, with a stamp (STAMP_NONCE_BYTES) unless that is NULL. What stood already is the
     * same success. -EDQUOT: the stamp is worth too little; `wanted` says what is asked. */
    int (*post)(struct link_server *server, const uint8_t blob[static LINK_BLOB_BYTES],
                const uint8_t *stamp, struct link_bucket *bucket, struct link_wanted *wanted);

    /* The challenge that the server shows; `apart`: to somebody else. */
    int (*challenge)(struct link_server *server, bool apart,
                     uint8_t challenge[static STAMP_CHALLENGE_BYTES]);

    /* Read all slots of a bucket. Errors of the caller's link: -ENOENT, -EKEYEXPIRED. */
    int (*read)(struct link_server *server, const uint8_t bucket_hash[static ID_BYTES],
                struct link_slots *slots);

    /* Be somebody else from now on. -ENOMEM, -EIO. */
    int (*renew)(struct link_server *server);

    void (*free)(struct link_server *server);
};

/* What each begins with. One thread. */
struct link_server {
    const struct link_server_verbs *verbs;
    const char *trouble;    /* why the last verb failed, an English phrase, the link server's until
                             * the next verb, or NULL */
    bool certain;           /* the last verb would fail so again: waiting is of no use */
    int64_t retry_after_ms; /* asked for with the last -EAGAIN; 0: nothing said */
    int64_t time_s; /* unix time by the server's clock when it last told it; -1: it did not */
};

#endif
