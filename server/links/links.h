/* Buckets of private links: staging a link, its price, and the kind as the table has it. */
#ifndef REUNION_LINKS_LINKS_H
#define REUNION_LINKS_LINKS_H

#include <stdint.h>

#include "base/err.h"
#include "bucket/batch.h"
#include "bucket/table.h"
#include "links/link_slots.h"

/* DESIGN: a kind of buckets (bucket/bucket_list.h) whose content has slots for links. Such a
 * bucket stays open for its whole window even when it is full; it is then not chosen for new links.
 * If it closed, its readers would learn that it holds 64. All are in the common place. Staging is
 * in the steps of bucket/staging.h. Not locked: the service's lock guards it. */

struct links {
    struct bucket_list list;
    uint64_t window;       /* the one in which links came last, … */
    uint32_t window_links; /* … and how many, staged ones included */
};

/* Add the kind to a table, which must outlive it; at most so many buckets open in one window. */
void links_init(struct links *links, struct table *table, uint32_t window_buckets_max);

/* The content of a bucket, with slots whose fillers come from the seed.
 * Returns: it, owned by the caller, or NULL. */
MUST_CHECK struct content *links_content_new(const uint8_t seed[static LINK_SEED_BYTES]);

/* The slots of such a content. */
struct link_slots *links_slots(const struct content *content);

/* Add a private link to the newest bucket of links, or to a new one if that is full or past its
 * window, and give the bucket.
 * Returns: what all staging gives, 0, -EEXIST (these bytes are in that bucket already, be they a
 * link or a filler), -EMFILE (as many buckets live as may), -ENFILE (this window has as many as it
 * may), -EPERM (its stamp's `effort` is less than is asked for). */
MUST_CHECK int links_stage(struct links *links, struct batch *batch,
                           const uint8_t blob[static LINK_BLOB_BYTES], uint32_t effort,
                           int64_t now_s, struct bucket **standing);

/* The bucket that takes links, or would if it were not full; NULL when there is none. */
struct bucket *links_open_bucket(const struct links *links, int64_t now_s);

/* The effort asked for a new link, and seconds until nothing will be, if nothing more comes. */
uint32_t links_price(const struct links *links, int64_t now_s);
int64_t links_free_s(const struct links *links, int64_t now_s);

/* When there is room again after -ENFILE: unix seconds. */
int64_t links_window_ends_s(const struct links *links, int64_t now_s);

#endif
