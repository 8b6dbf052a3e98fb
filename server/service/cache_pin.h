/* Pins of bucket contents: read back from the store where they were evicted, and kept while in
 * use. */
#ifndef REUNION_SERVICE_CACHE_PIN_H
#define REUNION_SERVICE_CACHE_PIN_H

#include "service/state.h"

/* DESIGN: to use an evicted content, a thread notes the bucket and its generation, releases the
 * lock, reads the content back from the store through a reader, which waits for no commit, takes
 * the lock again exclusively, and installs the content if nothing was committed to the bucket
 * meanwhile (bucket/cache.h). If another thread has installed it first, that content is used.
 * Contents that are evicted to keep memory bounded are released after the lock. */

/* Open the readers. Returns: 0, or what store_open_reader gives. */
MUST_CHECK int evicted_open(struct service *service);
void evicted_close(struct service *service);

/* What is held, until cache_pin_release. */
struct cache_pin {
    struct bucket *bucket;
    const struct t1_entry *t1;
    struct content *gone; /* what had to make room, to be released after the lock */
};

/* Take the lock and find a bucket of a kind whose content is there. Any thread but the writer's.
 * Returns: 0 (to be given back by cache_pin_release), -ENOENT, -EKEYEXPIRED, -ENOMEM, -EIO (the
 * store cannot be read; logged once). */
MUST_CHECK int cache_pin_bucket(struct service *service, char kind,
                                const uint8_t bucket_hash[static ID_BYTES], struct cache_pin *pin);

/* The same for a T1 and its bucket. Returns: 0, -ENOENT, -ENOMEM, -EIO. */
MUST_CHECK int cache_pin_t1(struct service *service, const uint8_t id[static ID_BYTES],
                            struct cache_pin *pin);

/* Give the lock back. */
void cache_pin_release(struct service *service, struct cache_pin *pin);

/* What is told of a failure to read back or to install: memory may be there again soon, all else is
 * the store's fault, of which the operator hears once. Returns: 0, -ENOMEM, -EIO. Any thread. */
int evicted_failure(struct service *service, int err);

/* Read back the content of a bucket, for the writer, who alone may hold on to a bucket without the
 * lock. Returns: 0 (`*content` is the caller's), -ENOMEM, -EIO. */
MUST_CHECK int evicted_read(struct service *service, const struct bucket *bucket,
                            struct content **content);

#endif
