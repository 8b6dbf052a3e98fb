/* One session's part in a bucket: what arrives goes in, what is owed to others comes out. */
#ifndef REUNION_MEET_ATTENDANCE_H
#define REUNION_MEET_ATTENDANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/random.h"
#include "meet/outbox.h"
#include "meet/peers.h"
#include "meet/transport.h"
#include "reunion/reunion.h"

/* DESIGN: every T1 met is owed a T2 and every T2 a T3, real or dummy, whoever sent it; nothing here
 * depends on whether somebody was met. T1s are worked through newcomers first, then those that
 * stood before, in chunks, so that the feed is served in between. For one thread. */

struct attendance {
    struct reunion_session *session;
    struct transport_identity me;
    uint8_t *write_key; /* guarded; `me` points to it */
    struct peers peers;
    struct outbox outbox;
    size_t peers_max;
    size_t taken;    /* T1s that were queued, at most `peers_max` */
    size_t met;      /* T1s worked through */
    size_t answered; /* peers of whom a T3 came */
    uint64_t news;   /* grows with everything seen for the first time */
    bool crowded;    /* somebody was passed over because of `peers_max` */
    bool surveying;  /* T1s that come now stood before: they queue last */
};

/* Begin a session; `peers_max` bounds how many T1s of others it works through,
 * and how many others it remembers besides.
 * Gives: 0, or what reunion_session_open gives. */
MUST_CHECK int attendance_open(struct attendance *attendance, const struct reunion_setup *setup,
                               const struct random_source *random, size_t peers_max);

/* Go on with a session and the write key (WRITE_KEY_BYTES, copied) its T1 was posted with; the
 * session is taken over. Gives: 0, -ENOMEM (it stays the caller's). */
MUST_CHECK int attendance_resume(struct attendance *attendance, struct reunion_session *session,
                                 const uint8_t *write_key, size_t peers_max);

/* Wipe and release all; an attendance of zeros is fine, and is what remains. */
void attendance_close(struct attendance *attendance);

/* Forget whom we saw and what we owe, but not the session: what is seen again is answered again,
 * at little cost, as the session remembers its work. */
void attendance_forget(struct attendance *attendance);

/* Takes what a transport hands over, for `attendance`, which must outlive it. */
struct transport_sink attendance_sink(struct attendance *attendance);

/* Fetch the T1s of those who sent a T2 without having been seen.
 * Gives: 0, or what transport `fetch_t1` gave; the rest stays wanted. */
MUST_CHECK int attendance_fetch(struct attendance *attendance, struct transport *transport);

/* Whether T1s wait to be worked through. */
bool attendance_has_work(const struct attendance *attendance);

/* Whether there is nothing to do but to wait for others. */
bool attendance_is_idle(const struct attendance *attendance);

/* Work through at most `chunk` (1 to ATTENDANCE_CHUNK_MAX) T1s, and answer their T2s.
 * Gives: 0, -ECANCELED (by `work`), -ENOMEM; what was not finished stays queued. */
enum { ATTENDANCE_CHUNK_MAX = 256 };
MUST_CHECK int attendance_work(struct attendance *attendance, size_t chunk,
                               const struct reunion_work *work);

#endif
