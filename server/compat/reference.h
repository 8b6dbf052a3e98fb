/* The endpoints of the reference, the Python server: what they take and what they answer. */
#ifndef REUNION_COMPAT_REFERENCE_H
#define REUNION_COMPAT_REFERENCE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/random.h"
#include "service/service.h"
#include "wire/record_kind.h"

struct reference_settings {
    uint32_t buckets_max;    /* newest live ones of the common place that are shown */
    size_t answer_bytes_max; /* of T2s or T3s in one answer */
};

struct reference;

/* Serve a service's buckets. Service and random must outlive it.
 * Returns: 0 (`*reference` is the caller's), -ENOMEM. */
MUST_CHECK int reference_open(struct reference **reference, struct service *service,
                              const struct reference_settings *settings,
                              const struct random_source *random);

/* Release it, when none of its posts is under way; NULL is fine. */
void reference_close(struct reference *reference);

/* Make `post` one of what is new in a body: T1s, or records without addressee, whose sender must
 * stand without a write key. The rest is dropped. Any thread.
 * Returns: 0 (`post` is to be submitted, and reference_post_free afterwards; its counts are of what
 * is new), -EEXIST (nothing new), -EMSGSIZE (not a multiple of the record's size), -ENOMEM. */
MUST_CHECK int reference_post_new(struct reference *reference, enum record_kind kind,
                                  const uint8_t *body, size_t bytes, struct post *post);

/* Release what such a post has; any other is left as it is. */
void reference_post_free(struct post *post);

/* Note that a client asks for all T1s by posting its own again, `bytes` long: a round of it begins
 * (view.h). Anything but one T1 is passed over. Any thread. */
void reference_round(struct reference *reference, const uint8_t *body, size_t bytes);

/* All T1s, or all T2s or T3s without their addressees, of the buckets that are shown; sorted. Some
 * are shown a little later than elsewhere (view.h). Any thread.
 * Returns: 0 (the blob is the caller's to free), -ENOMEM, -EIO (the store cannot be read back). */
MUST_CHECK int reference_read(struct reference *reference, enum record_kind kind,
                              struct blob *records);

/* Since it was opened. Any thread. */
struct reference_counts {
    uint64_t malformed; /* bodies of a wrong length */
    uint64_t dropped;   /* records over the cap, or of senders that do not stand */
};

struct reference_counts reference_counts(const struct reference *reference);

#endif
