/* Progress of one session in a bucket: T1s, T2s and T3s received, and answers still owed. */
#ifndef REUNION_SESSION_SESSION_PROGRESS_H
#define REUNION_SESSION_SESSION_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/random.h"
#include "reunion/reunion.h"
#include "session/budget.h"
#include "session/outbox.h"
#include "session/peers.h"
#include "transport/transport.h"

/* DESIGN: every T1 worked through is owed a T2 and every T2 a T3, real or dummy, whoever sent
 * it. Nothing here depends on whether a message was revealed. T1s are worked through in chunks,
 * so that the feed is read in between, and in the order of peers.h: never the newest first,
 * because a flood is newest. A budget bounds the group actions. A T1 that is malformed or a
 * duplicate costs no budget, nor does one of a class so high that it cost its sender more than
 * it costs us. Memory is bounded by the number of others that are remembered; forgetting them
 * does not reset the budget. For one thread. */

enum {
    SESSION_PROGRESS_OTHERS_USUAL = 65536,
    SESSION_PROGRESS_CLASS_FREE = 12, /* from here on T1s cost no budget */
    SESSION_PROGRESS_CROWD = 32,      /* more than so many waiting are one */
    SESSION_PROGRESS_FETCHES_MAX = 32 /* T1s fetched in one turn, so that the feed is served */
};

struct session_progress {
    struct reunion_session *session;
    struct transport_identity me;
    uint8_t *write_key; /* guarded; `me` points to it */
    struct peers peers;
    struct outbox outbox;
    struct budget *budget;
    const struct random_source *random;
    const struct transport_place *named; /* whose T1s have a queue of their own, or NULL */
    size_t others_max;
    const uint8_t *place_tag; /* ID_BYTES: what stamps are bound to; set before any is noted */
    uint64_t hour;            /* now, for what stamps count; set likewise */
    struct argon2id_memory *checking; /* of stamps; NULL until the first */
    size_t bodies;                    /* T2s and T3s remembered */
    size_t met;                       /* T1s worked through */
    size_t answered;                  /* peers of whom a T3 came */
    uint64_t news;                    /* grows with everything seen for the first time */
    bool crowded;                     /* a party was skipped, as no more can be remembered */
    bool surveying; /* T1s that come now stood before: they leave room for later ones */
    bool closing;   /* no new answer is begun; what was begun is finished */
};

/* What a session's progress shares with the sessions before and after it; all must outlive it. */
struct session_progress_terms {
    struct budget *budget;
    const struct random_source *random;
    size_t others_max; /* T1s of others remembered, and as many of whom only T2s or T3s came */
};

/* Begin a session with a new write key; it is taken over. Returns: 0, -ENOMEM (it is freed). */
MUST_CHECK int session_progress_begin(struct session_progress *progress,
                                      struct reunion_session *session,
                                      const struct session_progress_terms *terms);

/* Go on with a session and the write key (WRITE_KEY_BYTES, copied) its T1 was posted with; the
 * session is taken over. Returns: 0, -ENOMEM (it stays the caller's). */
MUST_CHECK int session_progress_resume(struct session_progress *progress,
                                       struct reunion_session *session, const uint8_t *write_key,
                                       const struct session_progress_terms *terms);

/* Wipe and release all; a session's progress of zeros is fine, and is what remains. */
void session_progress_close(struct session_progress *progress);

/* Forget whom we saw and what we owe, but not the session: what is seen again is answered again,
 * at little cost, as the session remembers its work. */
void session_progress_forget(struct session_progress *progress);

/* Takes what a transport hands over, for `progress`, which must outlive it. */
struct transport_sink session_progress_sink(struct session_progress *progress);

/* The same, but T1s are taken only of those who sent a T2 without having been seen. */
struct transport_sink session_progress_sink_wanted(struct session_progress *progress);

/* Note the stamp of a T1 that was seen, unchecked; it is checked when the T1's turn comes. For
 * transport `read_stamps`, with the progress as its state. Returns: 0, -ENOMEM. */
MUST_CHECK int session_progress_note_stamp(void *progress, const uint8_t id[static ID_BYTES],
                                           const struct transport_stamp *stamp);

/* Fetch some of the T1s of parties of whom only a T2 was seen.
 * Returns: 0, or what transport `fetch_t1` gave; the rest stays wanted. */
MUST_CHECK int session_progress_fetch(struct session_progress *progress,
                                      struct transport *transport);

/* How many T1s of parties of whom only a T2 was seen are to be fetched. */
size_t session_progress_wanted(const struct session_progress *progress);

/* Whether T1s wait that may be worked through now. */
bool session_progress_has_work(const struct session_progress *progress);

/* Whether T1s wait, and none of them may be worked through before the budget has grown. */
bool session_progress_waits_for_budget(const struct session_progress *progress);

/* Whether there is nothing to do but to wait for others. */
bool session_progress_is_idle(const struct session_progress *progress);

/* Work through T1s and answer their T2s: at most `chunk` (1 to SESSION_PROGRESS_CHUNK_MAX) that
 * need a computation, and with them others that need none. Returns: 0, -ECANCELED (by `work`),
 * -ENOMEM; what was not finished stays queued. */
enum { SESSION_PROGRESS_CHUNK_MAX = 256 };
MUST_CHECK int session_progress_work(struct session_progress *progress, size_t chunk,
                                     const struct reunion_work *work);

#endif
