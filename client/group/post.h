/* The way to mailboxes: how a device reads its own, and writes to those of others. */
#ifndef REUNION_CLIENT_GROUP_POST_H
#define REUNION_CLIENT_GROUP_POST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "group/delivery.h"

/* DESIGN: the verbs block, one at a time, and end early with -ECANCELED when the stop source that
 * the post was made with is asked to stop. Every verb may give these:
 *
 *   -EHOSTUNREACH  no answer
 *   -EAGAIN        asked to come later
 *   -EPROTO        an answer that makes no sense, or a server without mailboxes
 *   -ECANCELED     asked to stop
 *   -ENOMEM */

enum { POST_COPIES_MAX = 32 }; /* of one answer */

struct post_copies {
    uint8_t copies[POST_COPIES_MAX][GROUP_COPY_BYTES];
    size_t count;
    uint64_t cursor; /* behind them */
    bool more;
};

struct post;
struct post_verbs {
    /* Open a mailbox, or renew one, until `expires_s` (unix time). -EACCES (it was closed),
     * -ENOSPC (the server has no room for another). */
    int (*open)(struct post *post, const uint8_t read_key[static GROUP_READ_KEY_BYTES],
                int64_t *expires_s);
    /* What is behind a cursor. -ENOENT (there is no such mailbox, or not any more). */
    int (*read)(struct post *post, const uint8_t read_key[static GROUP_READ_KEY_BYTES],
                uint64_t cursor, struct post_copies *copies);
    /* Remove what is up to a cursor. -ENOENT. */
    int (*remove)(struct post *post, const uint8_t read_key[static GROUP_READ_KEY_BYTES],
                  uint64_t cursor);
    /* Close a mailbox for good. -ENOENT. */
    int (*close)(struct post *post, const uint8_t read_key[static GROUP_READ_KEY_BYTES]);
    /* Send the first `count` copies of a division. `*delivered` gets a bit for each that went out,
     * with an error too. */
    int (*send)(struct post *post, const struct group_division *division, size_t count,
                unsigned *delivered);
    void (*free)(struct post *post);
};

/* What a post's own struct begins with. */
struct post {
    const struct post_verbs *verbs;
    const char *trouble; /* why the last verb failed, an English phrase, or NULL */
    const char *advice;  /* what to do about it, or NULL */
    bool is_silent;      /* ... because nobody answered in time: it may work a moment later */
    uint8_t server_public[GROUP_KEY_BYTES];
};

#endif
