/* The internals of a session driver, for its own source files. */
#ifndef REUNION_SESSION_INSIDE_H
#define REUNION_SESSION_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "session/paying.h"
#include "session/raising.h"
#include "session/session.h"
#include "session/session_progress.h"

struct session {
    struct session_settings settings;
    struct transport *transport;
    struct transport_traits traits;
    struct session_progress progress;
    struct paying paying;
    struct raising raising;
    struct budget budget; /* of all sessions: see budget.h */

    /* How far we are; each is true only if those before it are. */
    bool described, in_session, placed, surveyed;

    bool ever_described, ever_placed, ever_listened;
    bool named_gone; /* the named bucket is no more: look everywhere */
    bool returning;  /* what was kept has a place, which is to be looked at first */
    int64_t asked_s; /* when this session's T1 was first offered, 0: not yet */
    struct transport_bucket own;

    unsigned failures; /* in a row */
    int trouble;       /* the last of them; 0: it serves */
    int64_t first_failure_ms;
    bool away;             /* SESSION_AWAY was told */
    int64_t clock_ahead_s; /* the server's, when it was asked what holds; if it told its time */
    bool reported_crowded, reported_long, reported_sparse, reported_window;
    struct session_event reported; /* the counts last reported */
    unsigned fruitless;

    int64_t look_again_ms; /* not before that are the buckets looked through again */

    int64_t worked_ms; /* lately, on so many T1s */
    size_t worked;

    int64_t opened_in_ms; /* how long the session took to open; 0 if it was kept */

    uint64_t seen_news; /* the progress's, when something was last sent */
    bool unkept;        /* something changed that is to be kept */
    uint64_t kept_news; /* the progress's `news` and `met`, as they were kept */
    size_t kept_met;
};

static inline const struct transport_verbs *verbs(const struct session *session)
{
    return session->transport->verbs;
}

/* What sessions' progress have in common. */
static inline struct session_progress_terms terms(struct session *session)
{
    return (struct session_progress_terms){.budget = &session->budget,
                                           .random = session->settings.random,
                                           .others_max = session->settings.others_max};
}

void session_report(const struct session *session, const struct session_event *event);
void session_report_kind(const struct session *session, enum session_event_kind kind);

/* opening.c: a new T1. Returns: 0, what reunion_session_open gives, -EIO (it could not be saved).
 */
MUST_CHECK int session_begin(struct session *session);

/* join.c: everything else up to having a place and knowing who stands.
 * Return: 0, what the transport gave, -EPERM (refused, told), -ENOMEM. */
MUST_CHECK int session_learn(struct session *session);
MUST_CHECK int session_take_place(struct session *session);
MUST_CHECK int session_survey(struct session *session);

/* The one bucket to look for others in, or NULL. */
const struct transport_place *session_named(const struct session *session);

/* In a crowd: look through the live buckets once more, but not more often than every few seconds,
 * for the T1s that are wanted, and for what all have paid. Returns: as session_survey. */
MUST_CHECK int session_look_again(struct session *session);

/* The session ends, as the other side is refused or refuses us. Returns: -EPERM. */
MUST_CHECK int session_refuse(const struct session *session, enum bucket_verdict verdict, int err);

/* take_part.c: one turn of somebody who has a place. Returns: 0, what the transport gave,
 * -ECANCELED, -ENOMEM. */
MUST_CHECK int session_take_part(struct session *session);

/* Work through some T1s, if there are any. Returns: 0, -ECANCELED, -ENOMEM. */
MUST_CHECK int session_work(struct session *session);

/* saved.c: hand over what is needed to go on, if it has changed. `at_once`: before it returns.
 * Returns: 0, -ENOMEM, or what the keeper gave. */
MUST_CHECK int session_keep(struct session *session, bool at_once);

#endif
