#include "session/raising.h"

#include <string.h>

#include "admission/payment.h"
#include "session/inside.h"

enum {
    PLAN_MS = 60 * 1000,
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

void raising_begin(struct meet *meet, const struct stamp *stamp)
{
    raising_close(&meet->raising);
    if (stamp)
        meet->raising.standing = *stamp;
}

int64_t raising_wait_ms_max(const struct meet *meet)
{
    return meet->raising.wanted > 0 ? WAIT_MS : INT64_MAX;
}

/* What stops the meet; anything else waits for the next plan. */
static int lasting(struct raising *raising, int err)
{
    if (err)
        raising->wanted = 0;
    return err == -ECANCELED || err == -ENOMEM ? err : 0;
}

/* Know the challenge of this hour. */
static int learn_challenge(struct meet *meet, uint64_t hour)
{
    struct transport_traits traits;
    if (meet->raising.open && meet->raising.hour == hour)
        return 0;
    return verbs(meet)->describe(meet->transport, &traits);
}

static int begin(struct meet *meet, uint64_t hour)
{
    struct raising *raising = &meet->raising;
    struct stamp_subject subject = {.kind = STAMP_KIND_T1};
    if (raising->open && raising->hour == hour)
        return 0;
    memcpy(subject.place, meet->traits.place_tag, sizeof subject.place);
    memcpy(subject.record, meet->attendance.me.t1_id, sizeof subject.record);
    memcpy(subject.challenge, meet->transport->asked.challenge, sizeof subject.challenge);
    int err = verbs(meet)->compare_challenge(meet->transport);
    if (err)
        return err;
    stamp_search_close(&raising->search);
    raising->open = false;
    err = stamp_search_open(&raising->search, &subject, meet->settings.random);
    raising->open = !err;
    raising->hour = hour;
    return err;
}

/* See what is worth searching for. */
static int plan(struct meet *meet, uint64_t hour)
{
    struct raising *raising = &meet->raising;
    struct payment_classes classes = {{0}};
    uint32_t now = stamp_effort_now(raising->standing.effort, raising->standing.hour, hour);
    uint32_t most = meet->settings.effort_most > 0 ? meet->settings.effort_most : PAYMENT_MOST;
    int err = learn_challenge(meet, hour);
    if (!err)
        err = verbs(meet)->read_classes(meet->transport, classes.t1s);
    if (err || !meet->transport->asked.known)
        return err;
    uint32_t wanted = payment_raise(&classes, most);
    if (now >= wanted)
        return 0;
    err = begin(meet, hour);
    if (!err)
        raising->wanted = wanted > 2 * now ? wanted : 2 * now;
    return err;
}

/* Search for a quarter of the time that has passed. */
static int search(struct meet *meet)
{
    struct raising *raising = &meet->raising;
    const struct clock_source *clock = meet->settings.clock;
    const struct stamp_goal goal = {.effort = raising->wanted};
    int64_t began_ms = clock_monotonic_ms(clock), passed_ms = began_ms - raising->spent_ms;
    int64_t until_ms =
        began_ms + (passed_ms < PASSED_MS_MAX ? passed_ms : PASSED_MS_MAX) / (PART - 1);
    int err = -EAGAIN;
    while (err == -EAGAIN && clock_monotonic_ms(clock) < until_ms)
        err = stamp_search_run(&raising->search, &goal, FEW_TRIES, meet->settings.stop);
    raising->spent_ms = clock_monotonic_ms(clock);
    return err;
}

static int post(struct meet *meet)
{
    struct raising *raising = &meet->raising;
    struct transport_identity me = meet->attendance.me;
    me.stamp = raising->search.best_nonce;
    raising->wanted = 0;
    int err = verbs(meet)->raise(meet->transport, &me);
    if (err)
        return err;
    raising->standing =
        (struct stamp){.hour = raising->hour, .effort = raising->search.best_effort};
    memcpy(raising->standing.nonce, me.stamp, sizeof raising->standing.nonce);
    return 0;
}

int meet_raise(struct meet *meet)
{
    struct raising *raising = &meet->raising;
    int64_t now_ms = clock_monotonic_ms(meet->settings.clock);
    if (!verbs(meet)->raise || !meet->transport->asked.known)
        return 0;
    if (now_ms >= raising->plan_ms) {
        raising->plan_ms = now_ms + PLAN_MS;
        raising->spent_ms = now_ms;
        int err = lasting(raising, plan(meet, stamp_hour(clock_wall_s(meet->settings.clock))));
        if (err)
            return err;
    }
    if (raising->wanted == 0)
        return 0;
    int err = search(meet);
    if (err == -EAGAIN)
        return 0;
    return lasting(raising, err ? err : post(meet));
}
