/* What a bucket of private links holds: places, of which nobody sees how many are taken. */
#ifndef REUNION_BUCKET_PLACES_H
#define REUNION_BUCKET_PLACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/random.h"
#include "bucket/entry.h"

/* DESIGN: readers get all places, always. What is in one that nobody has taken, its filler, is a
 * stretch of XChaCha20's keystream under the bucket's seed: as random as a link, which is
 * ciphertext, and the same at every reading and after a restart. A link takes one of the free
 * places, any of them as likely as the others, so that the order of the places tells nothing of
 * that of arrival. What two readings differ in is where links have come in between; no more.
 *
 * A link is *staged* while its commit is under way: its place is taken, but readers see the filler.
 * Nothing here is locked. */

struct places {
    uint8_t seed[LINK_SEED_BYTES];
    uint64_t taken; /* bit i: place i is, by a link that is staged or visible */
    struct link_entry *staged[LINK_PLACES]; /* by place; NULL: none */
    uint8_t image[LINK_BUCKET_BYTES];       /* what readers see */
};

_Static_assert(LINK_PLACES == 64, "a bit for each place");

/* Gives: places that nobody has taken, owned by the caller, or NULL. */
MUST_CHECK struct places *places_new(const uint8_t seed[static LINK_SEED_BYTES]);

/* Wipe and release; nothing may be staged. NULL is fine. */
void places_free(struct places *places);

bool places_full(const struct places *places);

/* Whether a blob is in one of the places: one of a link, staged or visible, or of a filler. Whoever
 * has read the bucket can post what is in it, and must not learn which is which by the answer. */
bool places_have(const struct places *places, const uint8_t blob[static LINK_BLOB_BYTES]);

/* Let a blob, which is copied, take a place.
 * Gives: 0 (`*staged` is to be shown or unstaged), -ENOSPC (all are taken), -ENOMEM. */
MUST_CHECK int places_stage(struct places *places, const struct random_source *random,
                            const uint8_t blob[static LINK_BLOB_BYTES], struct link_entry **staged);

/* Make a staged link visible, or give its place back. The entry is released. */
void places_show(struct places *places, struct link_entry *staged);
void places_unstage(struct places *places, struct link_entry *staged);

/* Reading back: a link that is visible. Gives: 0, -EBADMSG (no such place, or it is taken). */
MUST_CHECK int places_load(struct places *places, uint32_t place,
                           const uint8_t blob[static LINK_BLOB_BYTES]);

#endif
