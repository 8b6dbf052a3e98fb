#include "session/paying.h"

#include <string.h>

#include "admission/payment.h"
#include "admission/price.h"
#include "session/inside.h"

/* So many tries tell how long the others will take. */
enum { SAMPLE_TRIES = 16, SLICE_TRIES = 1024 };

void paying_close(struct paying *paying)
{
    stamp_search_close(&paying->search);
    *paying = (struct paying){0};
}

static uint32_t effort_max(const struct meet *meet)
{
    return meet->settings.effort_max > 0 ? meet->settings.effort_max : PRICE_CLIENT_MAX;
}

static uint32_t effort_most(const struct meet *meet)
{
    return meet->settings.effort_most > 0 ? meet->settings.effort_most : PAYMENT_MOST;
}

static int refuse(const struct meet *meet, int err, const char *trouble)
{
    meet_tell(meet, &(struct meet_event){.kind = MEET_REFUSED,
                                         .err = err,
                                         .effort = meet->transport->asked.effort,
                                         .trouble = trouble});
    return -EPERM;
}

/* Tries to make, from what the others have paid. */
static int choose_tries(struct meet *meet, uint64_t *tries)
{
    struct payment_classes classes = {{0}};
    uint32_t price = meet->transport->asked.effort;
    int err = 0;
    if (verbs(meet)->read_classes)
        err = verbs(meet)->read_classes(meet->transport, classes.t1s);
    if (!err)
        *tries = payment_first(&classes, price, effort_most(meet));
    return err;
}

/* A challenge of one's own would be a tag: others are asked for it, over another connection. */
static int compare(struct meet *meet)
{
    int err = verbs(meet)->compare_challenge ? verbs(meet)->compare_challenge(meet->transport) : 0;
    if (err == -EPERM)
        return refuse(meet, -EPROTO, "it shows us a challenge that others do not get");
    return err;
}

/* Begin for the challenge of this hour, unless it has been begun. */
static int begin(struct meet *meet)
{
    struct paying *paying = &meet->paying;
    struct stamp_subject subject = {.kind = STAMP_KIND_T1};
    memcpy(subject.record, meet->attendance.me.t1_id, sizeof subject.record);
    memcpy(subject.place, meet->traits.place_tag, sizeof subject.place);
    memcpy(subject.challenge, meet->transport->asked.challenge, sizeof subject.challenge);
    if (paying->open && memcmp(&paying->search.subject, &subject, sizeof subject) == 0)
        return 0;
    paying_close(paying);
    int err = compare(meet);
    if (!err)
        err = stamp_search_open(&paying->search, &subject, meet->settings.random);
    paying->open = !err;
    return err;
}

/* Say how long it will take, once some tries have shown how fast this machine is. */
static int sample(struct meet *meet, uint64_t tries)
{
    const struct clock_source *clock = meet->settings.clock;
    struct stamp_search *search = &meet->paying.search;
    const struct stamp_goal few = {.tries = SAMPLE_TRIES};
    if (search->tries >= SAMPLE_TRIES)
        return 0;
    int64_t began_ms = clock_monotonic_ms(clock);
    int err = stamp_search_run(search, &few, SAMPLE_TRIES, meet->settings.stop);
    int64_t took_ms = clock_monotonic_ms(clock) - began_ms;
    if (!err)
        meet_tell(meet, &(struct meet_event){.kind = MEET_PAYING,
                                             .effort = meet->transport->asked.effort,
                                             .left_ms = took_ms * (int64_t)tries / SAMPLE_TRIES});
    return err;
}

int meet_pay(struct meet *meet)
{
    struct paying *paying = &meet->paying;
    struct stamp_goal goal = {.effort = meet->transport->asked.effort};
    meet->attendance.me.stamp = NULL;
    if (goal.effort == 0)
        return 0;
    if (goal.effort > effort_max(meet))
        return refuse(meet, -EDQUOT, "it asks for more work than is allowed here");
    int err = choose_tries(meet, &goal.tries);
    if (!err)
        err = begin(meet);
    if (!err)
        err = sample(meet, goal.tries);
    if (err)
        return err;
    do {
        err = stamp_search_run(&paying->search, &goal, SLICE_TRIES, meet->settings.stop);
    } while (err == -EAGAIN);
    if (err)
        return err;
    paying->found = (struct stamp){.hour = stamp_hour(clock_wall_s(meet->settings.clock)),
                                   .effort = paying->search.best_effort};
    memcpy(paying->found.nonce, paying->search.best_nonce, sizeof paying->found.nonce);
    meet->attendance.me.stamp = paying->found.nonce;
    return 0;
}

int meet_pay_more(struct meet *meet)
{
    const struct transport_asked *asked = &meet->transport->asked;
    const struct paying *paying = &meet->paying;
    if (meet->attendance.me.stamp && paying->search.best_effort >= asked->effort &&
        memcmp(paying->search.subject.challenge, asked->challenge, sizeof asked->challenge) == 0) {
        meet->transport->trouble = "it asks again for work that was done";
        return -EPROTO;
    }
    return meet_pay(meet);
}
