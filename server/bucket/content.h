/* The content of a bucket: T1s and records in reading order, or what another kind has. */
#ifndef REUNION_BUCKET_CONTENT_H
#define REUNION_BUCKET_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/random.h"
#include "bucket/bucket_list.h"
#include "bucket/entry.h"

/* DESIGN: an entry is *staged* while its commit is in progress and *visible* afterwards. Staged
 * entries count towards every limit and are in the indexes, so that two posts in one commit
 * cannot take the same slot; readers find visible entries alone. Showing an entry cannot fail:
 * staging allocates all that it needs. Visible entries are kept in order of arrival, so that a
 * reader with a cursor gets what is new. Within one answer, or the pages of one moment, entries
 * are sorted by a keyed hash, which hides the order of arrival. A tree keeps that order; its
 * keys are hashes of random bytes, so it needs no balancing, and nobody without the key can make
 * it deep.
 *
 * A content read back from the store is built privately by the thread that reads it and becomes the
 * bucket's in one step (cache.h). Nothing here is locked. */

struct content {
    struct content *next;                 /* in a list of contents to be released */
    uint32_t t1_count;                    /* the visible ones … */
    struct t1_entry *t1[BUCKET_CAPACITY]; /* … by id */
    struct index records;
    struct entry **feed; /* the visible entries */
    size_t feed_length, feed_capacity;
    struct entry *root; /* of the tree by order, of the same */
    uint8_t order_key[INDEX_KEY_BYTES];
    size_t staged;                  /* what will come into the feed, or become visible otherwise */
    const struct bucket_kind *kind; /* whose `body` … */
    void *body;                     /* … this is, and there is nothing else; or both are NULL */
    size_t bytes;                   /* of memory, roughly */
    uint8_t tag[ID_BYTES];          /* names what T1s, or what else, it has; see content_tag */
};

/* Returns: an empty content owned by the caller, or NULL. The key is copied. */
MUST_CHECK struct content *content_new(const uint8_t order_key[static INDEX_KEY_BYTES]);

/* The same for a bucket of another kind. The body, of so many bytes, is the content's, if there is
 * one. */
MUST_CHECK struct content *content_new_body(const struct bucket_kind *kind, void *body,
                                            size_t bytes);

/* Release a content and its visible entries; nothing may be staged in it. NULL is fine. */
void content_free(struct content *content);

/* Take in an entry that becomes visible with content_show or goes with content_unstage; a record is
 * indexed under `record_hash`, a T1 is not indexed here. The entry becomes the content's.
 * Returns: 0, -ENOMEM (the entry is still the caller's). */
MUST_CHECK int content_stage(struct content *content, struct entry *entry, uint64_t record_hash);

/* Take a staged entry out again; it is the caller's. */
void content_unstage(struct content *content, struct entry *entry);

/* Make a staged entry visible, at the end of the feed. */
void content_show(struct content *content, struct entry *entry);

/* A walk through what is visible, in its order. Nothing may be shown meanwhile. */
enum { WALK_DEPTH_MAX = 256 };
struct walk {
    const struct entry *stack[WALK_DEPTH_MAX];
    size_t depth;
};

/* Begin before the first entry whose order is greater than `after`, or (NULL) before the first. */
void walk_begin(struct walk *walk, const struct content *content, const uint64_t *after);

/* The next one, or NULL. */
const struct entry *walk_next(struct walk *walk);

/* Name what is there, for a bucket that takes nothing new any more: a hash of the T1s' ids, or of
 * what readers get otherwise, from which nobody learns more than from these. */
void content_tag(struct content *content);

/* The visible T1 with an id, or NULL. */
struct t1_entry *content_find_t1(const struct content *content, const uint8_t id[static ID_BYTES]);

/* How many visible T1s have an id that is not greater than `after`; 0 for NULL. */
size_t content_t1s_until(const struct content *content, const uint8_t *after);

/* The hash a record is indexed under: of its place (kind, sender, addressee), or of all its bytes
 * where a place has room for many. */
uint64_t content_record_hash(const uint8_t key[static INDEX_KEY_BYTES], enum record_kind kind,
                             const uint8_t bytes[static RECORD_ADDRESSED_BYTES]);

/* Look for a record, staged or visible, under its hash.
 * Returns: the same record, or NULL and in `*others` the number of other ones in its place. */
const struct record_entry *content_find_record(const struct content *content, uint64_t record_hash,
                                               enum record_kind kind,
                                               const uint8_t bytes[static RECORD_ADDRESSED_BYTES],
                                               uint32_t *others);

/* Reading back, into a content that is nobody else's yet. What is loaded is visible. */

/* T1s before records; `hash` is the id's in the table's index.
 * Returns: 0, -ENOMEM, -EBADMSG (more than a bucket can hold, or twice the same). */
MUST_CHECK int content_load_t1(struct content *content, const struct t1_draft *draft, uint64_t hash,
                               uint32_t records);
MUST_CHECK int content_load_record(struct content *content, uint64_t record_hash,
                                   enum record_kind kind,
                                   const uint8_t bytes[static RECORD_ADDRESSED_BYTES]);

#endif
