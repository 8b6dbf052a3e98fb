/* One mailbox of a group's member: copies of messages, and the tokens that brought them. */
#ifndef REUNION_MAILBOX_MAILBOX_H
#define REUNION_MAILBOX_MAILBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/err.h"
#include "bucket/index.h"
#include "bucket/waiters.h"
#include "wire/sizes.h"

/* Source: groups.md of the specification, "Mailboxes". */

/* DESIGN: a token is remembered until its copy would expire, also if the copy was removed before:
 * within that time it delivers nothing more. Copies that were made visible by one commit are
 * numbered in the order of their first bytes, which are random, so that numbers tell nothing of the
 * order in which they arrived. Numbers of a mailbox only grow. Everything here is in memory, and
 * not locked. */

/* A token's place in the index of all tokens: the mailbox and r. */
enum { TOKEN_KEY_BYTES = MAILBOX_ID_BYTES + COPY_R_BYTES };

struct mailbox_token {
    struct index_node by_key;
    uint8_t key[TOKEN_KEY_BYTES];
    struct mailbox *mailbox;
    uint64_t number; /* of its copy; 0: there is none, or it is not numbered yet */
    int64_t ends_s;  /* unix time */
    uint8_t *copy;   /* COPY_BYTES, malloc's; NULL: it was removed */
    TAILQ_ENTRY(mailbox_token) siblings; /* in one of its mailbox's lists */
    TAILQ_ENTRY(mailbox_token) by_end;   /* among all that are visible */
};

TAILQ_HEAD(mailbox_tokens, mailbox_token);

struct mailboxes;

struct mailbox {
    struct index_node by_id;
    struct mailboxes *all;
    uint8_t id[MAILBOX_ID_BYTES];
    int64_t ends_s, ends_before_s;  /* unix time; and what it was before this batch renewed it */
    bool visible;                   /* its opening is committed */
    bool end_staged;                /* its closing or expiry is under way */
    uint64_t next;                  /* the number of the next copy that becomes visible */
    uint64_t first_left;            /* copies below this number are being removed; 0: none are */
    size_t copy_count, token_count; /* with those that are staged */
    struct mailbox_tokens copies;   /* visible, by number */
    struct mailbox_tokens spent;    /* tokens whose copies were removed */
    struct mailbox_token **staged;  /* with copies; once the batch is sealed by number */
    size_t staged_count, staged_room;
    struct waiter_list waiters; /* who waits for a copy */
    TAILQ_ENTRY(mailbox) by_end;
    struct mailbox *next_dead;
};

TAILQ_HEAD(mailbox_list, mailbox);

/* What a reader is given. */
struct mailbox_page {
    size_t count;    /* copies */
    uint64_t cursor; /* the number of the last one, or the reader's cursor if there is none */
    bool more;
};

/* Returns: an empty one that nobody sees, or NULL. */
MUST_CHECK struct mailbox *mailbox_new(const uint8_t id[static MAILBOX_ID_BYTES]);

/* Wipe and release; it has no tokens. NULL is fine. */
void mailbox_free(struct mailbox *mailbox);

/* Returns: a token, with a copy of `copy` (COPY_BYTES, or NULL), that is in no list; or NULL. */
MUST_CHECK struct mailbox_token *mailbox_token_new(struct mailbox *mailbox,
                                                   const uint8_t r[static COPY_R_BYTES],
                                                   const uint8_t *copy);

/* Wipe and release; it is in no list. NULL is fine. */
void mailbox_token_free(struct mailbox_token *token);

/* Drop a token's copy. */
void mailbox_token_spend(struct mailbox_token *token);

/* Copy at most `capacity` visible copies with numbers above `after`, by number, which have not
 * expired. `copies` has room for COPY_BYTES each. */
struct mailbox_page mailbox_read(const struct mailbox *mailbox, uint64_t after, int64_t now_s,
                                 uint8_t *copies, size_t capacity);

#endif
