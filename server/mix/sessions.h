/* The sessions of those who send to a mix: their keys, and where their answers go. */
#ifndef REUNION_SERVER_MIX_SESSIONS_H
#define REUNION_SERVER_MIX_SESSIONS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/err.h"
#include "base/random.h"
#include "box/packet.h"
#include "daemon/datagrams.h"
#include "mix/surb.h"

/* DESIGN: a session is an EC of the box transport, of a client or of another mix. For SESSION_MS
 * after its newest packet that passed all checks a mix keeps the key (an X25519 takes ten times as
 * long as a box), the address that the packet came from, and its a. All memory is taken at the
 * start; when it is full, the session that has been silent longest goes (LRU). Only a packet that
 * passed all checks makes a session. Sessions are found by EC and by handle, in hash tables under a
 * key of their own (SipHash). Session keys are in guarded memory. One thread. */

enum { SESSION_MS = 300000 };

struct session {
    uint8_t handle[MIX_HANDLE_BYTES];
    uint8_t a[BOX_PACKET_A_BYTES];
    struct datagram_path path;
    int64_t seen_ms;
    LIST_ENTRY(session) by_key, by_handle;
    TAILQ_ENTRY(session) age; /* or, of one that is free, the next such one */
};

LIST_HEAD(session_chain, session);
TAILQ_HEAD(session_queue, session);

struct sessions {
    struct session *items;
    struct box_packet_key *keys; /* of each item */
    struct session_chain *by_key, *by_handle;
    size_t count, chain_count; /* the latter a power of two */
    uint8_t hash_key[16];
    struct session_queue spare, used; /* of the latter the one silent longest is first */
};

/* At most `count` (at least 1) sessions. Returns: 0, -ENOMEM; in any case it is for sessions_free.
 */
MUST_CHECK int sessions_init(struct sessions *sessions, size_t count,
                             const struct random_source *random);

/* Wipe and release. Zeros are fine. */
void sessions_free(struct sessions *sessions);

/* The session with an EC, or NULL. */
struct session *sessions_find(struct sessions *sessions, const uint8_t key[static BOX_KEY_BYTES]);

/* The key of a session. */
const struct box_packet_key *sessions_key(const struct sessions *sessions,
                                          const struct session *session);

/* Begin the session with this key, which there is not yet; it may take another's place. */
struct session *sessions_add(struct sessions *sessions, const struct box_packet_key *key);

/* A packet of the session, with this a, came by this path and passed all checks. */
void sessions_note(struct sessions *sessions, struct session *session,
                   const struct datagram_path *path, const uint8_t a[static BOX_PACKET_A_BYTES],
                   int64_t now_ms);

/* The session with a handle, or NULL. */
const struct session *sessions_by_handle(const struct sessions *sessions,
                                         const uint8_t handle[static MIX_HANDLE_BYTES]);

/* Forget those that have been silent for SESSION_MS. */
void sessions_forget(struct sessions *sessions, int64_t now_ms);

#endif
