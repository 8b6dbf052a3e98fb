#include "session/raising.h"

#include <string.h>

#include "admission/payment.h"
#include "session/inside.h"

enum {
    PLAN_MS = 60 * 1000,
    DEFER_MS = 10 * 1000, /* a plan for so long, while others wait for what this session does */
    FEW_TRIES = 8,
    WAIT_MS = 1000,       /* while there is something to search … */
    PASSED_MS_MAX = 1500, /* … and no more than a quarter of this in one go */
    PART = 4,
};

void raising_close(struct raising *raising)
{
    stamp_search_close(&raising->search);
    *raising = (struct raising){0};
}

void raising_begin(struct session *session, const struct stamp *stamp)
{
    raising_close(&session->raising);
    session->raising.plan_ms = clock_monotonic_ms(session->settings.clock);
    if (stamp)
        session->raising.standing = *stamp;
}

int64_t raising_wait_ms_max(const struct session *session)
{
    return session->raising.wanted > 0 ? WAIT_MS : INT64_MAX;
}

/* What stops the session; anything else waits for the next plan. */
static int lasting(struct raising *raising, int err)
{
    if (err)
        raising->wanted = 0;
    return err == -ECANCELED || err == -ENOMEM ? err : 0;
}

/* Know the challenge of this hour. */
static int learn_challenge(struct session *session, uint64_t hour)
{
    struct transport_traits traits;
    if (session->raising.open && session->raising.hour == hour)
        return 0;
    return verbs(session)->describe(session->transport, &traits);
}

static int begin(struct session *session, uint64_t hour)
{
    struct raising *raising = &session->raising;
    struct stamp_subject subject = {.kind = STAMP_KIND_T1};
    if (raising->open && raising->hour == hour)
        return 0;
    memcpy(subject.place, session->traits.place_tag, sizeof subject.place);
    memcpy(subject.record, session->progress.me.t1_id, sizeof subject.record);
    int err = verbs(session)->compare_challenge(session->transport);
    if (err)
        return err;
    memcpy(subject.challenge, session->transport->asked.challenge, sizeof subject.challenge);
    stamp_search_close(&raising->search);
    raising->open = false;
    err = stamp_search_open(&raising->search, &subject, session->settings.random);
    raising->open = !err;
    raising->hour = hour;
    return err;
}

/* See what is worth searching for. */
static int plan(struct session *session, uint64_t hour)
{
    struct raising *raising = &session->raising;
    struct payment_classes classes = {{0}};
    uint32_t now = stamp_effort_now(raising->standing.effort, raising->standing.hour, hour);
    uint32_t most =
        session->settings.effort_most > 0 ? session->settings.effort_most : PAYMENT_MOST;
    int err = learn_challenge(session, hour);
    if (!err)
        err = verbs(session)->read_classes(session->transport, classes.t1s);
    if (err || !session->transport->asked.known)
        return err;
    uint32_t wanted = payment_raise(&classes, most);
    if (now >= wanted)
        return 0;
    err = begin(session, hour);
    if (!err)
        raising->wanted = wanted > 2 * now ? wanted : 2 * now;
    return err;
}

/* Search for a quarter of the time that has passed. */
static int search(struct session *session)
{
    struct raising *raising = &session->raising;
    const struct clock_source *clock = session->settings.clock;
    const struct stamp_goal goal = {.effort = raising->wanted};
    int64_t began_ms = clock_monotonic_ms(clock), passed_ms = began_ms - raising->spent_ms;
    int64_t until_ms =
        began_ms + (passed_ms < PASSED_MS_MAX ? passed_ms : PASSED_MS_MAX) / (PART - 1);
    int err = -EAGAIN;
    while (err == -EAGAIN && clock_monotonic_ms(clock) < until_ms)
        err = stamp_search_run(&raising->search, &goal, FEW_TRIES, session->settings.stop);
    raising->spent_ms = clock_monotonic_ms(clock);
    return err;
}

static int post(struct session *session)
{
    struct raising *raising = &session->raising;
    struct transport_identity me = session->progress.me;
    me.stamp = raising->search.best_nonce;
    raising->wanted = 0;
    int err = verbs(session)->raise(session->transport, &me);
    if (err)
        return err;
    raising->standing =
        (struct stamp){.hour = raising->hour, .effort = raising->search.best_effort};
    memcpy(raising->standing.nonce, me.stamp, sizeof raising->standing.nonce);
    return 0;
}

/* Whether it is time to look again at what others paid. That takes several requests, so letters
 * and T1s that are there go first; but during a flood there is always something. */
static bool is_time(const struct session *session, int64_t now_ms)
{
    int64_t plan_ms = session->raising.plan_ms;
    return now_ms >= plan_ms &&
           (session_progress_is_idle(&session->progress) || now_ms >= plan_ms + DEFER_MS);
}

int session_raise(struct session *session)
{
    struct raising *raising = &session->raising;
    int64_t now_ms = clock_monotonic_ms(session->settings.clock);
    if (!verbs(session)->raise || !session->transport->asked.known)
        return 0;
    if (is_time(session, now_ms)) {
        raising->plan_ms = now_ms + PLAN_MS;
        raising->spent_ms = now_ms;
        int err =
            lasting(raising, plan(session, stamp_hour(clock_wall_s(session->settings.clock))));
        if (err)
            return err;
    }
    if (raising->wanted == 0)
        return 0;
    int err = search(session);
    if (err == -EAGAIN)
        return 0;
    return lasting(raising, err ? err : post(session));
}
