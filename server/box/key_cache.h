/* The keys that a server has in common with the sessions of clients that send packets. */
#ifndef REUNION_SERVER_BOX_KEY_CACHE_H
#define REUNION_SERVER_BOX_KEY_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/err.h"
#include "base/secret_pool.h"
#include "box/packet.h"

/* DESIGN: agreeing on a key takes an X25519, some fifty times what a box takes, and a client that
 * comes directly has one EC for a whole session. So keys are kept, in guarded memory, up to a
 * number; then the one that was used least recently goes (LRU). A key that a request under way
 * needs stays, and does not count. Only a key that has opened a request gets in, so that whoever
 * makes up datagrams pushes nobody out. Sessions are found by SipHash under a key of the cache's
 * own, in a table of chains. For one thread. */

struct packet_call;
TAILQ_HEAD(packet_call_list, packet_call);

struct cached_key {
    struct box_packet_key *key;    /* in guarded memory */
    size_t users;                  /* requests under way */
    struct packet_call_list feeds; /* the cache's user's: those of them that wait on feeds */
    LIST_ENTRY(cached_key) chain;
    TAILQ_ENTRY(cached_key) idle; /* among those without users */
};

struct key_cache {
    struct secret_pool pool;
    uint8_t hash_key[16];
    LIST_HEAD(key_chain, cached_key) * chains;
    size_t chain_count;            /* a power of two */
    TAILQ_HEAD(, cached_key) idle; /* the one that goes next is first */
    size_t idle_count, idle_max;
};

/* Keep at most `idle_max` keys, at least one, besides those in use. Returns: 0, -ENOMEM. */
MUST_CHECK int key_cache_init(struct key_cache *cache, size_t idle_max,
                              const struct random_source *random);

/* Wipe and release; no key may be in use. A cache of zeros is fine. */
void key_cache_free(struct key_cache *cache);

/* The key of a session, in use from now on, or NULL. */
struct cached_key *key_cache_find(struct key_cache *cache,
                                  const uint8_t session[static BOX_KEY_BYTES]);

/* A key that is not in the cache, for a session that key_cache_find does not know, in use from now
 * on. Returns: 0, -EBADMSG (see box_packet_key_of), -ENOMEM. */
MUST_CHECK int key_cache_make(struct key_cache *cache, const uint8_t secret[static BOX_KEY_BYTES],
                              const uint8_t session[static BOX_KEY_BYTES],
                              struct cached_key **made);

/* Take such a key in, or wipe it. */
void key_cache_add(struct key_cache *cache, struct cached_key *made);
void key_cache_discard(struct key_cache *cache, struct cached_key *made);

/* One request more uses the key; one less does. */
void key_cache_hold(struct key_cache *cache, struct cached_key *key);
void key_cache_release(struct key_cache *cache, struct cached_key *key);

#endif
