/* Meeting others: one user's session, driven over a transport until told to stop. */
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

/* DESIGN: one thread, one loop. Each step does what is next: learn what holds at the server, open a
 * session, post its T1, look at who is there, then post, receive and work in turns, waiting in
 * `receive` only when nothing else is to be done. Trouble never ends a session that once had its
 * place: it is reported once, waited out, and whatever was lost with the server is done again.
 * Sent and received is the same whether or not somebody was met. */

#define SESSION_PATIENCE_ENDLESS INT64_MAX

enum session_event_kind {
    SESSION_OPENED,       /* a session begins: whatever is revealed from now on is of this one */
    SESSION_PLACED,       /* one's T1 stands; `bucket` says where, NULL without buckets */
    SESSION_NAMED_CLOSED, /* the named bucket takes no more T1s; one's own goes to the newest */
    SESSION_AWAY, /* the server fails with `err`, or is not there yet, which is waited for as
                   * `patience_ms` says; reported once until SESSION_BACK */
    SESSION_BACK,
    SESSION_PAYING,  /* the server asks for work worth `effort`, which will take `left_ms` */
    SESSION_LOST,    /* the server lost one's place; the same T1 is posted again */
    SESSION_RENEWED, /* one's bucket is over; a new session begins */
    SESSION_CROWDED, /* there are more others than the limits allow: they wait, or are passed over
                      */
    SESSION_WINDOW_CROWDED, /* so many buckets were opened in this window that it may take longer */
    SESSION_PLACE_SPARSE,   /* few are in the place that was named: `others` T1s stand in it */
    SESSION_LONG_WORK, /* as SESSION_PROGRESS, once in a session, before work of many seconds */
    SESSION_PROGRESS,  /* one of the counts below has changed */
    SESSION_REVEALED,  /* `message`, the payload of somebody with the same passphrase; how often,
                        * says  `reveal` */
    SESSION_REFUSED, /* the session ends: `verdict` on the bucket, or `err` for the server's refusal
                      */
    SESSION_ENDED,   /* of a multi-session: this server's session is over, with `err` */
    SESSION_UNSAVED, /* of a multi-session: what is needed to go on cannot be kept, `err`; said once
                      */
};

/* In a multi-session: what a message that was revealed is. */
enum session_reveal {
    SESSION_REVEAL_NEW,
    SESSION_REVEAL_AGAIN, /* the same as one before, in the same session: probably the same person
                           */
    SESSION_REVEAL_REPORTED, /* it was reported in an earlier run that was resumed */
};

/* An event to report; all pointers for the call only. */
struct session_event {
    enum session_event_kind kind;
    const struct transport_bucket *bucket;
    enum bucket_verdict verdict;
    int err;
    const char *trouble; /* the transport's words for `err`, or NULL */
    int64_t patience_ms; /* how long a server is waited for that was never reached; 0: it was */
    const uint8_t *message;
    size_t message_bytes;
    enum session_reveal reveal;
    size_t others;    /* whose T1, T2 or T3 was seen */
    size_t met;       /* T1s worked through */
    size_t queued;    /* T1s to work through */
    size_t answered;  /* others of whom a T3 came */
    size_t owed;      /* T2s and T3s not yet stored; told with a message, too: once there are none,
                       * those whose messages were reported can get ours */
    size_t refused;   /* T2s and T3s the server would not take */
    int64_t left_ms;  /* what `queued` will take; -1: not known yet */
    uint32_t effort;  /* asked for; of SESSION_PAYING, and SESSION_REFUSED with -EDQUOT */
    bool clock_known; /* SESSION_REFUSED: whether the server has told its time, and … */
    int64_t clock_ahead_s; /* … by how much that is ahead of ours */
    size_t server;         /* in a multi-session: whose session this is of, counted from 0 */
    size_t number; /* in a multi-session: of a message, counted from 1; the same if it is shown
                      again */
};

/* Who keeps what a session needs to go on after the program's end. */
struct session_keeper {
    /* Takes over `kept`, guarded memory with the session's secrets, which replaces what was kept
     * before. `at_once`: it must be stored before this returns; with an error the session ends.
     * Returns: 0, or any error. NULL: nothing is kept. */
    int (*keep)(void *state, uint8_t *kept, size_t bytes, bool at_once);
    void *state;
};

/* What a session is made of; what it points to must outlive it. */
struct session_settings {
    const uint8_t *passphrase;           /* guarded; needed again when a session is renewed */
    size_t passphrase_bytes;             /* 1 to REUNION_PASSPHRASE_BYTES_MAX */
    const uint8_t *payload;              /* guarded, padded to the size everybody has */
    size_t payload_bytes;                /* up to REUNION_PAYLOAD_BYTES_MAX */
    const struct transport_place *named; /* the one bucket to look for others in, or NULL for all */
    const uint8_t *place_tag;            /* ID_BYTES, of the place that `transport` leads to; or
                                          * NULL: the common one */
    unsigned threads;   /* T1s worked on at once, 1 to SESSION_PROGRESS_CHUNK_MAX */
    size_t actions_max; /* group actions at first; a quarter of that more each hour, see budget.h */
    size_t others_max;  /* T1s of others to remember in one session, see session_progress.h */
    struct bucket_bounds bounds;
    uint32_t effort_max;       /* the most work a server may ask for; 0: the usual */
    uint32_t effort_most;      /* of one's own accord, to be ahead of others; 0: the usual */
    int64_t start_patience_ms; /* how long a server may be out of reach at first, or
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

/* Resume from what was saved of another session with the same passphrase and payload, in its bucket
 * and with its T1; before the first step. What was revealed before is revealed once more. Any bytes
 * may be given. Returns: 0; -EBADMSG or -ENOTSUP (cannot be resumed); -EXDEV (it is of another
 * place), -EINVAL (it is of another named bucket, or of none, and its T1 does not stand in the one
 * that is named now); -ENOMEM, -EIO. */
MUST_CHECK int session_resume(struct session *session, const uint8_t *kept, size_t bytes);

/* Do what is next; may wait.
 * Returns: 0 (go on), -ECANCELED (asked to stop); and, the session being over: -EHOSTUNREACH,
 * -EPROTO (no REUNION server at first contact), -EPERM (refused, as a SESSION_REFUSED has told),
 * -ENOMEM, -EIO (no randomness, or the keeper failed). */
MUST_CHECK int session_step(struct session *session);

/* Whether the other side has served us: it was listened to once; or it has told what holds there
 * and did not keep us waiting when the last step ended, which had work of its own. While no step
 * runs.
 */
bool session_was_reached(const struct session *session);

/* Wipe and release; NULL is fine. */
void session_free(struct session *session);

#endif
