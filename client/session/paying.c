#include "session/paying.h"

#include <string.h>

#include "admission/payment.h"
#include "admission/price.h"
#include "session/inside.h"

void paying_close(struct paying *paying)
{
    parallel_search_close(&paying->search);
    *paying = (struct paying){0};
}

static uint32_t effort_max(const struct session *session)
{
    return session->settings.effort_max > 0 ? session->settings.effort_max : PRICE_CLIENT_MAX;
}

static uint32_t effort_most(const struct session *session)
{
    return session->settings.effort_most > 0 ? session->settings.effort_most : PAYMENT_MOST;
}

static int refuse(const struct session *session, int err, const char *trouble)
{
    session_report(session, &(struct session_event){.kind = SESSION_REFUSED,
                                                    .err = err,
                                                    .effort = session->transport->asked.effort,
                                                    .effort_max = effort_max(session),
                                                    .trouble = trouble});
    return -EPERM;
}

/* Tries to make, from what the others have paid. */
static int choose_tries(struct session *session, uint64_t *tries)
{
    struct payment_classes classes = {{0}};
    uint32_t price = session->transport->asked.effort;
    int err = 0;
    if (verbs(session)->read_classes)
        err = verbs(session)->read_classes(session->transport, classes.t1s);
    if (!err)
        *tries = payment_first(&classes, price, effort_most(session));
    return err;
}

/* A challenge of one's own would be a tag: others are asked for it, over another connection. */
static int compare(struct session *session)
{
    int err = verbs(session)->compare_challenge
                  ? verbs(session)->compare_challenge(session->transport)
                  : 0;
    if (err == -EPERM)
        return refuse(session, -EPROTO, "it shows us a challenge that others do not get");
    return err;
}

/* The own T1, with the challenge that the server shows now. */
static struct stamp_subject subject_of(const struct session *session)
{
    struct stamp_subject subject = {.kind = STAMP_KIND_T1};
    memcpy(subject.record, session->progress.me.t1_id, sizeof subject.record);
    memcpy(subject.place, session->traits.place_tag, sizeof subject.place);
    memcpy(subject.challenge, session->transport->asked.challenge, sizeof subject.challenge);
    return subject;
}

/* Begin for the challenge of this hour, unless it has been begun. */
static int begin(struct session *session)
{
    struct paying *paying = &session->paying;
    struct stamp_subject subject = subject_of(session);
    if (parallel_search_is_for(&paying->search, &subject))
        return 0;
    paying_close(paying);
    int err = compare(session);
    subject = subject_of(session);
    return err ? err
               : parallel_search_open(&paying->search, &subject, session->settings.threads,
                                      session->settings.random);
}

/* Say how long it will take, once some tries have shown how fast this machine is. */
static int estimate(struct session *session, uint64_t tries)
{
    int64_t left_ms;
    int err = parallel_search_estimate(&session->paying.search, tries, session->settings.clock,
                                       session->settings.stop, &left_ms);
    if (err == -EALREADY)
        return 0;
    if (!err)
        session_report(session, &(struct session_event){.kind = SESSION_PAYING,
                                                        .effort = session->transport->asked.effort,
                                                        .left_ms = left_ms});
    return err;
}

int session_pay(struct session *session)
{
    struct paying *paying = &session->paying;
    struct stamp_goal goal = {.effort = session->transport->asked.effort};
    session->progress.me.stamp = NULL;
    if (goal.effort == 0)
        return 0;
    if (goal.effort > effort_max(session))
        return refuse(session, -EDQUOT, "it asks for more work than is allowed here");
    int err = choose_tries(session, &goal.tries);
    if (!err)
        err = begin(session);
    if (!err)
        err = estimate(session, goal.tries);
    if (err)
        return err;
    err = parallel_search_run(&paying->search, &goal, session->settings.stop);
    if (err)
        return err;
    paying->found = (struct stamp){.hour = stamp_hour(clock_wall_s(session->settings.clock)),
                                   .effort = paying->search.best_effort};
    memcpy(paying->found.nonce, paying->search.best_nonce, sizeof paying->found.nonce);
    session->progress.me.stamp = paying->found.nonce;
    return 0;
}

int session_pay_more(struct session *session)
{
    const struct transport_asked *asked = &session->transport->asked;
    const struct paying *paying = &session->paying;
    struct stamp_subject subject = subject_of(session);
    if (session->progress.me.stamp && paying->search.best_effort >= asked->effort &&
        parallel_search_is_for(&paying->search, &subject)) {
        session->transport->trouble = "it asks again for work that was done";
        return -EPROTO;
    }
    return session_pay(session);
}
