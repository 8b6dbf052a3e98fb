/* Checks of a bucket of private links as a server shows it: its id, its time and its slots. */
#ifndef REUNION_LINKS_LINK_SLOTS_H
#define REUNION_LINKS_LINK_SLOTS_H

#include <stdint.h>

#include "session/bucket_check.h"
#include "transport/link_server.h"
#include "wire/sizes.h"

/* DESIGN: what a server may do to a bucket of links, and what is seen of it:
 *
 *   - It shows somebody a bucket of their own: the id must have the hash that was asked for, and
 *     then time and number are those of few buckets that all can have; the bounds see to that.
 *   - It swaps an entry for another, or drops it: nothing opens, which nobody can tell from a wrong
 *     passphrase. Who creates a link therefore reads it back the way readers do.
 *   - It repeats an entry: no honest bucket has two that are equal, since slots and fillers are
 *     random; all of them are compared, whether they open or not.
 *   - It makes entries up: none opens without the passphrase. Whoever knows that could post a
 *     second one that opens; two that do are refused.
 *   - It answers with more or fewer bytes than all slots have, or without an id.
 *
 * Pure functions. Any thread. */

/* Why a bucket is refused: a word for programs, and a sentence part for people. NULL: it is not. */
struct refusal {
    const char *word;
    const char *text;
};

/* A posted link's bucket, of which the server had been asked at `asked_s`. */
struct refusal slots_check_posted(const struct link_bucket *bucket,
                                  const struct bucket_bounds *bounds, int64_t asked_s,
                                  int64_t now_s);

/* The bucket that links go to, as told when somebody else asked afterwards. */
struct refusal slots_check_current(const struct link_bucket *posted,
                                   const struct link_bucket *current);

/* A server that has none open any more: the hour has to have ended since. */
struct refusal slots_check_none(const struct link_bucket *posted,
                                const struct bucket_bounds *bounds, int64_t now_s);

/* What was shown as the bucket with this hash. */
struct refusal slots_check(const struct link_slots *slots,
                           const uint8_t bucket_hash[static ID_BYTES],
                           const struct bucket_bounds *bounds, int64_t now_s);

/* How many slots hold `blob`, having been checked. */
size_t slots_count(const struct link_slots *slots, const uint8_t blob[static LINK_BLOB_BYTES]);

#endif
