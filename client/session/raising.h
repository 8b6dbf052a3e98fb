/* Raising the stamp of our own T1 while the session waits. */
#ifndef REUNION_SESSION_RAISING_H
#define REUNION_SESSION_RAISING_H

#include <stdbool.h>
#include <stdint.h>

#include "admission/stamp.h"
#include "base/err.h"

struct session;

/* DESIGN: clients serve first whoever has paid most, so a client that paid nothing before a
 * flood would not be reached during it. A client therefore searches for a better stamp beside
 * its work, with a quarter of the time, and posts its T1 again with it. The target follows from
 * the hour and from what all T1s have paid, which everybody sees, and from nothing else: it is
 * the same before and after a message was revealed. */
struct raising {
    struct stamp standing; /* what our T1 has paid; zeros: nothing */
    bool open;
    struct stamp_search search;
    uint64_t hour;    /* of the challenge that is searched for */
    uint32_t wanted;  /* effort; 0: nothing is to be done */
    int64_t plan_ms;  /* not before that is looked again at what the others paid */
    int64_t spent_ms; /* until then searched, or left to others */
};

/* One turn of it: plan if it is time, search a little, post what was found. A server that cannot
 * serve it is left alone until the next plan.
 * Returns: 0, -ECANCELED, -ENOMEM. */
MUST_CHECK int session_raise(struct session *session);

/* The longest that others may be waited for meanwhile: a second while there is something to search,
 * which is a wish for a shorter wait and no limit of the way (transport/wait_limit.h). */
int64_t raising_wait_ms_max(const struct session *session);

/* A T1 was announced with this stamp, or (NULL) without one: nothing else is standing. */
void raising_begin(struct session *session, const struct stamp *stamp);

/* Release; a raising of zeros is fine. */
void raising_close(struct raising *raising);

#endif
