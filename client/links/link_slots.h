/* Whether the places of a bucket of links can be what everybody is shown. */
#ifndef REUNION_LINKS_LINK_SLOTS_H
#define REUNION_LINKS_LINK_SLOTS_H

#include <stdint.h>

#include "session/bucket_check.h"
#include "transport/v1_links.h"
#include "wire/sizes.h"

/* DESIGN: what a server may do to a bucket of links, and what is seen of it:
 *
 *   - It shows somebody a bucket of their own: the id must hash to the link that was asked for, and
 *     then time and number are those of few buckets that all can have; the bounds see to that.
 *   - It swaps an entry for another, or drops it: nothing opens, which nobody can tell from a wrong
 *     passphrase. Who creates a link therefore reads it back the way readers do.
 *   - It repeats an entry: no honest bucket has two that are equal, since places and fillers are
 *     random; all of them are compared, whether they open or not.
 *   - It makes entries up: none opens without the passphrase. Whoever knows that could post a
 *     second one that opens; two that do are refused.
 *   - It answers with more or fewer bytes than all places have, or without an id.
 *
 * Pure functions. Any thread. */

/* Why a bucket is refused: a word for programs, and a sentence part for people. NULL: it is not. */
struct refusal {
    const char *word;
    const char *text;
};

/* A posted link's bucket, of which the server had been asked at `asked_s`. */
struct refusal places_check_posted(const struct v1_bucket *bucket,
                                   const struct bucket_bounds *bounds, int64_t asked_s,
                                   int64_t now_s);

/* The bucket that links go to, as told when somebody else asked afterwards. */
struct refusal places_check_current(const struct v1_bucket *posted,
                                    const struct v1_bucket *current);

/* A server that has none open any more: the hour has to have ended since. */
struct refusal places_check_none(const struct v1_bucket *posted, const struct bucket_bounds *bounds,
                                 int64_t now_s);

/* What was shown as the bucket with this link. */
struct refusal places_check(const struct v1_places *places, const uint8_t link[static ID_BYTES],
                            const struct bucket_bounds *bounds, int64_t now_s);

/* How many places hold `blob`, having been checked. */
size_t places_count(const struct v1_places *places, const uint8_t blob[static LINK_BLOB_BYTES]);

#endif
