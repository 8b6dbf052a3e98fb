/* All mailboxes of a server: found by id, bounded, and changed in two steps. */
#ifndef REUNION_MAILBOX_MAILBOXES_H
#define REUNION_MAILBOX_MAILBOXES_H

#include "base/random.h"
#include "bucket/batch.h"
#include "mailbox/mailbox.h"
#include "store/change.h"

/* DESIGN: a change goes in the steps of bucket/batch.h: mailboxes_stage_… apply the rules and add
 * to a batch, so that later requests of the batch see earlier ones; once the store has committed
 * it, all of it is published, or else undone. Not locked: the service's lock guards it.
 *
 * Ends are rounded up to whole hours, so that neither a reader nor the disk has the moment at which
 * somebody came. The ids of closed mailboxes are kept, so that a recorded request does not open
 * one again: up to MAILBOXES_CLOSED_EACH times as many as may be open, and then the one that was
 * closed first in this run is forgotten for each new one. */

enum {
    MAILBOX_HOUR_S = 3600,
    MAILBOXES_CLOSED_EACH = 64,
    MAILBOX_TOKENS_EACH = 16, /* times as many tokens as copies may be in one mailbox */
    MAILBOXES_ENDED_AT_ONCE = 256,
    /* What each takes of the memory, with the allocator's part. */
    MAILBOX_TOKEN_COST_BYTES = 160,
    MAILBOX_COPY_COST_BYTES = 560,
};

struct mailbox_rules {
    size_t mailboxes_max; /* 0: none are served */
    size_t copies_max;    /* in each */
    size_t bytes_max;     /* of memory, for copies and tokens of all of them */
    int64_t life_s;       /* of a mailbox that is not opened again */
    int64_t copy_life_s;  /* of a copy, and of the memory of its token */
};

struct closed_mailbox {
    struct index_node by_id;
    struct mailboxes *all;
    struct mailbox *closing; /* the mailbox, while that is under way */
    uint8_t id[MAILBOX_ID_BYTES];
    bool visible, forgetting; /* its closing is committed; the end of its memory is staged */
    TAILQ_ENTRY(closed_mailbox) siblings;
};

struct mailboxes {
    struct mailbox_rules rules;
    uint8_t index_key[INDEX_KEY_BYTES];
    struct index by_id, by_token, closed_by_id;
    struct mailbox_list by_end; /* the visible ones, the earliest first; as below */
    struct mailbox_tokens tokens_by_end;
    TAILQ_HEAD(, closed_mailbox) closed; /* visible */
    size_t bytes, copies;                /* with what is staged */
    struct mailbox *dead;                /* those that ended, linked by `next_dead` */
};

void mailboxes_init(struct mailboxes *mailboxes, const struct mailbox_rules *rules,
                    const struct random_source *random);
void mailboxes_free(struct mailboxes *mailboxes);

/* Find one that is visible.
 * Returns: 0, -ENOENT (there is none, or it has expired), -EKEYEXPIRED (it was closed). */
MUST_CHECK int mailboxes_find(const struct mailboxes *mailboxes,
                              const uint8_t id[static MAILBOX_ID_BYTES], int64_t now_s,
                              struct mailbox **found);

/* The unix second at which something expires next; INT64_MAX: nothing. */
int64_t mailboxes_next_end_s(const struct mailboxes *mailboxes);

/* Staging. All may give -ENOMEM; what fails has staged nothing. */

/* Open a mailbox, or renew its life.
 * Returns: 0 (`*ends_s` is when it ends), -EEXIST (it stood; the same), -EKEYEXPIRED (it was
 * closed), -EMFILE (as many are open as may). */
MUST_CHECK int mailboxes_stage_open(struct mailboxes *mailboxes, struct batch *batch,
                                    const uint8_t id[static MAILBOX_ID_BYTES], int64_t now_s,
                                    int64_t *ends_s);

/* Put a copy into a mailbox. Returns: 0, -ENOENT (there is no such mailbox), -EEXIST (it has taken
 * this token), -ENOSPC (it is full, or all of them together are). */
MUST_CHECK int mailboxes_stage_copy(struct mailboxes *mailboxes, struct batch *batch,
                                    const uint8_t id[static MAILBOX_ID_BYTES],
                                    const uint8_t copy[static COPY_BYTES], int64_t now_s);

/* Remove the visible copies up to number `to`. Returns: 0, -ENOENT, -EKEYEXPIRED. */
MUST_CHECK int mailboxes_stage_removal(struct mailboxes *mailboxes, struct batch *batch,
                                       const uint8_t id[static MAILBOX_ID_BYTES], uint64_t to,
                                       int64_t now_s);

/* Close a mailbox. Returns: 0, -ENOENT, -EEXIST (it was closed before). */
MUST_CHECK int mailboxes_stage_close(struct mailboxes *mailboxes, struct batch *batch,
                                     const uint8_t id[static MAILBOX_ID_BYTES], int64_t now_s);

/* Let what has ended expire, at most MAILBOXES_ENDED_AT_ONCE mailboxes and as many tokens. */
MUST_CHECK int mailboxes_stage_time(struct mailboxes *mailboxes, struct batch *batch,
                                    int64_t now_s);

/* After a batch is published: those that ended by it, linked by `next_dead`, which are the caller's
 * to free once nobody waits in them. */
struct mailbox *mailboxes_take_dead(struct mailboxes *mailboxes);

/* At start: what the store has, visible at once, whatever the limits are now; mailboxes before
 * their copies. An end that is further away than the rules let it be, by a clock that was wrong,
 * comes when they say.
 * Returns: 0, -ENOMEM, -EBADMSG (it is there already, or there is no such mailbox). */
MUST_CHECK int mailboxes_load(struct mailboxes *mailboxes, const struct store_mailbox *loaded,
                              int64_t now_s);
MUST_CHECK int mailboxes_load_copy(struct mailboxes *mailboxes, const struct store_copy *loaded,
                                   int64_t now_s);

/* For staging.c. */

/* When something that is to live so long ends. */
int64_t mailboxes_end_s(int64_t now_s, int64_t life_s);

/* One that is open, visible or not, or was closed, visibly or not; or NULL. */
struct mailbox *mailboxes_by_id(const struct mailboxes *mailboxes,
                                const uint8_t id[static MAILBOX_ID_BYTES]);
struct closed_mailbox *mailboxes_closed_by_id(const struct mailboxes *mailboxes,
                                              const uint8_t id[static MAILBOX_ID_BYTES]);
struct mailbox_token *mailboxes_token(const struct mailboxes *mailboxes,
                                      const uint8_t key[static TOKEN_KEY_BYTES]);

/* Put into an index, and count. Returns: 0, -ENOMEM. */
MUST_CHECK int mailboxes_insert(struct mailboxes *mailboxes, struct mailbox *mailbox);
MUST_CHECK int mailboxes_insert_closed(struct mailboxes *mailboxes, struct closed_mailbox *closed);
MUST_CHECK int mailboxes_insert_token(struct mailboxes *mailboxes, struct mailbox_token *token);

/* Take out of the index, and release. A token is out of its lists, but one that is visible is in
 * `tokens_by_end`. */
void mailboxes_drop_token(struct mailboxes *mailboxes, struct mailbox_token *token);
void mailboxes_drop_closed(struct mailboxes *mailboxes, struct closed_mailbox *closed);

/* Drop the visible copy of a token, and keep the token. */
void mailboxes_spend(struct mailboxes *mailboxes, struct mailbox_token *token);

/* Put in among the visible ones, by end. */
void mailboxes_order(struct mailboxes *mailboxes, struct mailbox *mailbox);
void mailboxes_order_token(struct mailboxes *mailboxes, struct mailbox_token *token);

#endif
