/* The inside of a meet, for the files that make it up. */
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

struct meet {
    struct meet_settings settings;
    struct transport *transport;
    struct transport_traits traits;
    struct attendance attendance;
    struct paying paying;
    struct raising raising;
    struct budget budget; /* of all sessions: see budget.h */

    /* How far we are; each is true only if those before it are. */
    bool described, attending, placed, surveyed;

    bool ever_described, ever_placed, ever_listened;
    bool named_gone; /* the named bucket is no more: look everywhere */
    bool returning;  /* what was kept has a place, which is to be looked at first */
    int64_t asked_s; /* when this session's T1 was first offered, 0: not yet */
    struct transport_bucket own;

    unsigned failures; /* in a row */
    int64_t first_failure_ms;
    bool away;             /* MEET_AWAY was told */
    int64_t clock_ahead_s; /* the server's, when it was asked what holds; if it told its time */
    bool told_crowded, told_long, told_sparse, told_window;
    struct meet_event told; /* the counts last told */
    unsigned fruitless;

    int64_t look_again_ms; /* not before that are the buckets looked through again */

    int64_t worked_ms; /* lately, on so many T1s */
    size_t worked;

    int64_t opened_in_ms; /* how long the session took to open; 0 if it was kept */

    uint64_t seen_news; /* attendance's, when something was last sent */
    bool unkept;        /* something changed that is to be kept */
    uint64_t kept_news; /* attendance's `news` and `met`, as they were kept */
    size_t kept_met;
};

static inline const struct transport_verbs *verbs(const struct meet *meet)
{
    return meet->transport->verbs;
}

/* What attendances have in common. */
static inline struct attendance_terms terms(struct meet *meet)
{
    return (struct attendance_terms){.budget = &meet->budget,
                                     .random = meet->settings.random,
                                     .others_max = meet->settings.others_max};
}

void meet_tell(const struct meet *meet, const struct meet_event *event);
void meet_tell_kind(const struct meet *meet, enum meet_event_kind kind);

/* join.c: everything up to having a place and knowing who stands.
 * Return: 0, what the transport gave, -EPERM (refused, told), or what reunion_session_open gives.
 */
MUST_CHECK int meet_learn(struct meet *meet);
MUST_CHECK int meet_attend(struct meet *meet);
MUST_CHECK int meet_take_place(struct meet *meet);
MUST_CHECK int meet_survey(struct meet *meet);

/* The one bucket to look for others in, or NULL. */
const struct transport_place *meet_named(const struct meet *meet);

/* In a crowd: look through the live buckets once more, but not more often than every few seconds,
 * for the T1s that are wanted, and for what all have paid. Returns: as meet_survey. */
MUST_CHECK int meet_look_again(struct meet *meet);

/* The meet ends, as the other side is refused or refuses us. Returns: -EPERM. */
MUST_CHECK int meet_refuse(const struct meet *meet, enum bucket_verdict verdict, int err);

/* take_part.c: one turn of somebody who has a place. Returns: 0, what the transport gave,
 * -ECANCELED, -ENOMEM. */
MUST_CHECK int meet_take_part(struct meet *meet);

/* Work through some T1s, if there are any. Returns: 0, -ECANCELED, -ENOMEM. */
MUST_CHECK int meet_work(struct meet *meet);

/* saved.c: hand over what is needed to go on, if it has changed. `at_once`: before it returns.
 * Returns: 0, -ENOMEM, or what the keeper gave. */
MUST_CHECK int meet_keep(struct meet *meet, bool at_once);

#endif
