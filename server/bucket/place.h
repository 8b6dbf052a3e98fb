/* A place where people meet: its own buckets, sequence numbers and limits. */
#ifndef REUNION_BUCKET_PLACE_H
#define REUNION_BUCKET_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "admission/price.h"
#include "base/err.h"
#include "bucket/census.h"
#include "bucket/index.h"
#include "wire/sizes.h"

/* DESIGN: a place lives as long as one of its buckets; the common place, whose tag is zeros,
 * lives always. Counts and limits per place (admission.md) are members here. Kinds of buckets that
 * have no places are in the common one of their list. Not locked: the service's lock guards it. */

struct bucket;

struct place {
    struct index_node by_tag;
    uint8_t tag[ID_BYTES];
    struct bucket *newest, *oldest; /* of its buckets, by id; those between by `older_there` */
    struct bucket *current;         /* the newest of those on the grid, or NULL */
    size_t bucket_count;
    struct price_stock stock;   /* T1s that came lately */
    struct class_census census; /* of the visible ones */
};

/* Returns: a place without buckets, owned by the caller, or NULL. */
MUST_CHECK struct place *place_new(const uint8_t tag[static ID_BYTES]);

/* The newest bucket on the grid that is not ahead of the clock, or NULL. */
struct bucket *place_current(const struct place *place, int64_t now_s);

/* Put a bucket into its place, or take it out again. */
void place_link(struct place *place, struct bucket *bucket);
void place_unlink(struct place *place, struct bucket *bucket);

#endif
