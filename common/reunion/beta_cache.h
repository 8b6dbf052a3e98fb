/* A cache of a session's group actions, so that each beta is computed once. */
#ifndef REUNION_REUNION_BETA_CACHE_H
#define REUNION_REUNION_BETA_CACHE_H

#include <stdbool.h>

#include "base/id_table.h"
#include "base/secret_pool.h"
#include "crypto/hash.h"
#include "ctidh/ctidh.h"
#include "reunion/reunion.h"
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
    size_t calls; /* of beta_cache_compute */
};

/* A beta that one T1 of a call needs. */
struct beta_wish {
    struct beta *beta; /* in; NULL: none */
    int computed;      /* out: 1 if a group action was done for it in this call; 0 otherwise */
};

void beta_cache_open(struct beta_cache *cache);
void beta_cache_close(struct beta_cache *cache);

/* The entry of a beta, made if it is new; it lives as long as the cache. NULL: out of memory. */
MUST_CHECK struct beta *beta_cache_entry(struct beta_cache *cache,
                                         const uint8_t public_key[static T1_BETA_BYTES]);

/* Wish for the entry of a beta. What is visibly no public key is not remembered.
 * Returns: 0, -EBADMSG (it is none), -ENOMEM; the wish has no beta then. */
MUST_CHECK int beta_cache_wish(struct beta_cache *cache, struct beta_wish *wish,
                               const uint8_t public_key[static T1_BETA_BYTES]);

/* Whether that is computed, or known to be no public key. */
bool beta_cache_knows(const struct beta_cache *cache,
                      const uint8_t public_key[static T1_BETA_BYTES]);

/* Compute those that are not computed yet, each once, with the session's CTIDH key. What is
 * canceled or lacks memory keeps -EAGAIN, and a later call tries it again. `work` may be NULL.
 * Returns: 0, -ENOMEM. */
MUST_CHECK int beta_cache_compute(struct beta_cache *cache,
                                  const uint8_t secret[static CTIDH1024_SECRET_BYTES],
                                  struct beta_wish *wishes, size_t count,
                                  const struct reunion_work *work);

/* Copy what is computed in one cache to another of the same key. Returns: 0, -ENOMEM (some of it
 * may be copied). */
MUST_CHECK int beta_cache_copy(struct beta_cache *to, const struct beta_cache *from);

#endif
