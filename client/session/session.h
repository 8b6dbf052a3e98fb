/* Session driver: one user's session over a transport, until stopped. */
#ifndef REUNION_SESSION_SESSION_H
#define REUNION_SESSION_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/random.h"
#include "base/stop.h"
#include "session/bucket_check.h"
#include "transport/transport.h"

/* DESIGN: one thread, one loop. Each step does the next thing that is due: ask the server for
 * its parameters, open a protocol session, post its T1, read the T1s that are there; then post,
 * receive and work in turns. A step waits in `receive` only when nothing else is to be done.
 * Once the T1 has its place, an error never ends the session: it is reported once and waited
 * out, and what the server lost is posted again. What is sent and received is the same whether
 * or not a message was revealed. */

#define SESSION_PATIENCE_ENDLESS INT64_MAX

enum session_event_kind {
    SESSION_OPENED,       /* a new session begins; later messages belong to it */
    SESSION_PLACED,       /* our T1 is stored, in `bucket` (NULL: there are no buckets) */
    SESSION_NAMED_CLOSED, /* the named bucket takes no more T1s; ours goes to the newest */
    SESSION_AWAY,         /* the server fails with `err`, or was never reached and is retried for
                           * `patience_ms`; reported once until SESSION_BACK */
    SESSION_BACK,
    SESSION_PAYING,         /* the server asks for work worth `effort`, which will take `left_ms` */
    SESSION_LOST,           /* the server lost our T1, which is posted again */
    SESSION_RENEWED,        /* our bucket has expired; a new session begins */
    SESSION_CROWDED,        /* more others than the limits allow: they wait or are skipped */
    SESSION_WINDOW_CROWDED, /* many buckets were opened in this window: it may take longer */
    SESSION_PLACE_SPARSE,   /* the named place has few T1s, `others` */
    SESSION_LONG_WORK,      /* as SESSION_PROGRESS, once, before work of many seconds */
    SESSION_PROGRESS,       /* one of the counts below has changed */
    SESSION_REVEALED,       /* `message` of somebody with the same passphrase; see `reveal` */
    SESSION_REFUSED, /* the session ends: see `verdict` on the bucket, or the server's `err` */
    SESSION_ENDED,   /* multi-session: this server's session has ended with `err` */
    SESSION_UNSAVED, /* multi-session: state cannot be saved, `err`; reported once */
};

/* In a multi-session: whether a revealed message is new. */
enum session_reveal {
    SESSION_REVEAL_NEW,
    SESSION_REVEAL_AGAIN,    /* the same message again in one session: probably the same person */
    SESSION_REVEAL_REPORTED, /* it was reported in an earlier run that was resumed */
};

/* An event to report; all pointers for the call only. */
struct session_event {
    enum session_event_kind kind;
    const struct transport_bucket *bucket;
    enum bucket_verdict verdict;
    int err;
    const char *trouble; /* the transport's words for `err`, or NULL */
    int64_t patience_ms; /* how long to wait for a server that was never reached; 0: it was */
    const uint8_t *message;
    size_t message_bytes;
    enum session_reveal reveal;
    size_t others;       /* parties whose T1, T2 or T3 was seen */
    size_t met;          /* T1s worked through */
    size_t queued;       /* T1s to work through */
    size_t answered;     /* others that sent a T3 */
    size_t owed;         /* T2s and T3s not yet stored; also set with a message: at 0 the senders of
                          * all reported messages can get ours */
    size_t refused;      /* T2s and T3s that the server refused */
    int64_t left_ms;     /* what `queued` will take; -1: not known yet */
    uint32_t effort;     /* asked for; of SESSION_PAYING, and SESSION_REFUSED with -EDQUOT, … */
    uint32_t effort_max; /* … where this is the most that may be asked for */
    bool clock_known;    /* SESSION_REFUSED: whether the server sent its time, and … */
    int64_t clock_ahead_s; /* … by how much that is ahead of ours */
    size_t server;         /* in a multi-session: the server, counted from 0 */
    size_t number; /* in a multi-session: of a message, counted from 1; the same if it is shown
                      again */
};

/* Saves the state that a session needs to be resumed by a later run. */
struct session_keeper {
    /* Takes over `kept`, guarded memory with the session's secrets, which replaces the state saved
     * before. `at_once`: it must be stored before this returns; an error ends the session.
     * Returns: 0, or any error. NULL: nothing is saved. */
    int (*keep)(void *state, uint8_t *kept, size_t bytes, bool at_once);
    void *state;
};

struct preparing;

/* The settings of a session; what they point to must outlive it. */
struct session_settings {
    const uint8_t *passphrase;           /* guarded; needed again when a session is renewed */
    size_t passphrase_bytes;             /* 1 to REUNION_PASSPHRASE_BYTES_MAX */
    const uint8_t *payload;              /* guarded, padded to the size everybody has */
    size_t payload_bytes;                /* up to REUNION_PAYLOAD_BYTES_MAX */
    const struct transport_place *named; /* the one bucket to look for others in, or NULL for all */
    const uint8_t *place_tag;            /* ID_BYTES, of the place that `transport` leads to; or
                                          * NULL: the common one */
    unsigned threads; /* T1s worked on at once, 1 to SESSION_PROGRESS_CHUNK_MAX */
    bool prepare; /* compute beside Argon2i, on the threads that are left: the other side answers
                     soon */
    struct preparing *preparing; /* what was computed before, which the first session uses up and
                                  * closes; or NULL */
    size_t actions_max; /* group actions at first; a quarter of that more each hour, see budget.h */
    size_t others_max;  /* T1s of others to remember in one session, see session_progress.h */
    struct bucket_bounds bounds;
    uint32_t effort_max;  /* the most work a server may ask for; 0: the usual */
    uint32_t effort_most; /* the most work to do unasked, to be ahead of others; 0: the usual */
    int64_t start_patience_ms; /* how long a server may be unreachable at first, or
                                * SESSION_PATIENCE_ENDLESS */
    int64_t open_until_ms;     /* on the monotonic clock: from then on no new answers are begun */
    const struct clock_source *clock;
    const struct random_source *random;
    const struct stop_source *stop;
    void (*event)(void *state, const struct session_event *event);
    void *event_state;
    struct session_keeper keeper;
};

struct session;

/* Make a session over `transport`, which stays the caller's. Returns: 0, -ENOMEM. */
MUST_CHECK int session_open(struct session **session, struct transport *transport,
                            const struct session_settings *settings);

/* Resume the saved state of an earlier session with the same passphrase and payload, in its bucket
 * and with its T1. Call before the first step. Messages that were revealed before are revealed once
 * more. `kept` may be any bytes.
 * Returns: 0; -EBADMSG or -ENOTSUP (cannot be resumed); -EXDEV (it is of another place), -EINVAL
 * (it is of another named bucket, or of none, and its T1 does not stand in the one that is named
 * now); -ENOMEM, -EIO. */
MUST_CHECK int session_resume(struct session *session, const uint8_t *kept, size_t bytes);

/* Do the next step; may wait.
 * Returns: 0 (go on), -ECANCELED (asked to stop); and, the session being over: -EHOSTUNREACH,
 * -EAGAIN, -ENOSPC (it could not serve us), -EPROTO (no REUNION server at first contact), -EPERM
 * (refused, as a SESSION_REFUSED has told), -ENOMEM, -EIO (no randomness, or the keeper failed). */
MUST_CHECK int session_step(struct session *session);

/* Whether the other side has served us: it was listened to once; or it has told what holds there
 * and did not keep us waiting when the last step ended, which had work of its own. While no step
 * runs.
 */
bool session_was_reached(const struct session *session);

/* What the other side failed with last, if it has not served us since, as a transport's verbs
 * return it; 0: it serves. While no step runs. */
int session_trouble(const struct session *session);

/* Wipe and release; NULL is fine. */
void session_free(struct session *session);

#endif
