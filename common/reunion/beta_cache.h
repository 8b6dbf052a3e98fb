/* A cache of a session's group actions, so that each beta is computed once. */
#ifndef REUNION_REUNION_BETA_CACHE_H
#define REUNION_REUNION_BETA_CACHE_H

#include <stdbool.h>

#include "base/id_table.h"
#include "base/secret_pool.h"
#include "crypto/hash.h"
#include "ctidh/ctidh.h"
#include "reunion/t1.h"

/* A beta that came, and the shared secret with it once that is computed. A T1 costs its sender
 * nothing and every receiver a group action; the same beta in other T1s costs nothing again. */
struct beta {
    uint8_t id[HASH_BYTES]; /* H(beta) */
    uint8_t public_key[T1_BETA_BYTES];
    uint8_t *shared; /* guarded, CTIDH1024_SHARED_BYTES */
    int status;      /* 0: computed; -EBADMSG: no public key; -EAGAIN: not computed yet */
    size_t wanted;   /* number of the call that last asked for it */
};

/* For one thread, but `shared` and `status` of different betas may be written by different ones. */
struct beta_cache {
    struct id_table betas;
    struct secret_pool shared_secrets;
};

void beta_cache_open(struct beta_cache *cache);
void beta_cache_close(struct beta_cache *cache);

/* The entry of a beta, made if it is new; it lives as long as the cache. NULL: out of memory. */
MUST_CHECK struct beta *beta_cache_entry(struct beta_cache *cache,
                                         const uint8_t public_key[static T1_BETA_BYTES]);

/* Whether that is computed, or known to be no public key. */
bool beta_cache_knows(const struct beta_cache *cache,
                      const uint8_t public_key[static T1_BETA_BYTES]);

#endif
