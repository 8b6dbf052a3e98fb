/* The slots of a bucket of private links; readers cannot see how many are taken. */
#ifndef REUNION_LINKS_LINK_SLOTS_H
#define REUNION_LINKS_LINK_SLOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/random.h"
#include "store/change.h"
#include "wire/sizes.h"

/* DESIGN: readers get all slots, always. What is in one that nobody has taken, its filler, is a
 * stretch of XChaCha20's keystream under the bucket's seed: as random as a link, which is
 * ciphertext, and the same at every reading and after a restart. A link takes one of the free
 * slots, any of them as likely as the others, so that the order of the slots tells nothing of
 * that of arrival. What two readings differ in is where links have come in between; no more.
 *
 * A link is *staged* while its commit is under way: its slot is taken, but readers see the filler.
 * Nothing here is locked. */

/* A link in its slot while it is staged; what is visible is in the image. */
struct link_entry {
    uint32_t slot; /* below LINK_SLOTS */
    uint8_t bytes[LINK_BLOB_BYTES];
};

struct link_slots {
    uint8_t seed[LINK_SEED_BYTES];
    uint64_t taken; /* bit i: slot i is, by a link that is staged or visible */
    struct link_entry *staged[LINK_SLOTS]; /* by slot; NULL: none */
    uint8_t image[LINK_BUCKET_BYTES];      /* what readers see */
};

_Static_assert(LINK_SLOTS == 64, "a bit for each slot");

/* Returns: slots that nobody has taken, owned by the caller, or NULL. */
MUST_CHECK struct link_slots *link_slots_new(const uint8_t seed[static LINK_SEED_BYTES]);

/* Wipe and release; nothing may be staged. NULL is fine. */
void link_slots_free(struct link_slots *slots);

bool link_slots_full(const struct link_slots *slots);

/* Whether a blob is in one of the slots: one of a link, staged or visible, or of a filler. Whoever
 * has read the bucket can post what is in it, and must not learn which is which by the answer. */
bool link_slots_have(const struct link_slots *slots, const uint8_t blob[static LINK_BLOB_BYTES]);

/* Let a blob, which is copied, take a slot.
 * Returns: 0 (`*staged` is to be shown or unstaged), -ENOSPC (all are taken), -ENOMEM. */
MUST_CHECK int link_slots_stage(struct link_slots *slots, const struct random_source *random,
                                const uint8_t blob[static LINK_BLOB_BYTES],
                                struct link_entry **staged);

/* Make a staged link visible, or give its slot back. The entry is released. */
void link_slots_show(struct link_slots *slots, struct link_entry *staged);
void link_slots_unstage(struct link_slots *slots, struct link_entry *staged);

/* Reading back: a link that is visible. Returns: 0, -EBADMSG (no such slot, or it is taken). */
MUST_CHECK int link_slots_load(struct link_slots *slots, uint32_t slot,
                               const uint8_t blob[static LINK_BLOB_BYTES]);

#endif
