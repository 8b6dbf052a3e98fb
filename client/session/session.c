#include "session/session.h"

#include <stdlib.h>

#include "base/backoff.h"
#include "session/inside.h"

int meet_open(struct meet **meet, struct transport *transport, const struct meet_settings *settings)
{
    INVARIANT(settings->threads > 0 && settings->threads <= ATTENDANCE_CHUNK_MAX);
    struct meet *made = calloc(1, sizeof *made);
    if (!made)
        return -ENOMEM;
    made->settings = *settings;
    made->transport = transport;
    budget_open(&made->budget, settings->actions_max, settings->clock);
    *meet = made;
    return 0;
}

void meet_free(struct meet *meet)
{
    if (!meet)
        return;
    attendance_close(&meet->attendance);
    paying_close(&meet->paying);
    raising_close(&meet->raising);
    free(meet);
}

void meet_tell(const struct meet *meet, const struct meet_event *event)
{
    meet->settings.event(meet->settings.event_state, event);
}

void meet_tell_kind(const struct meet *meet, enum meet_event_kind kind)
{
    meet_tell(meet, &(struct meet_event){.kind = kind});
}

static int do_next(struct meet *meet)
{
    if (!meet->described)
        return meet_learn(meet);
    if (!meet->attending)
        return meet_attend(meet);
    if (!meet->placed)
        return meet_take_place(meet);
    if (!meet->surveyed)
        return meet_survey(meet);
    return meet_take_part(meet);
}

/* Our T1 stands no more: it is posted again, and whatever went with it is done again. */
static void lose_place(struct meet *meet)
{
    attendance_forget(&meet->attendance);
    meet->described = meet->placed = meet->surveyed = false;
}

static void lose_session(struct meet *meet)
{
    attendance_close(&meet->attendance);
    meet->described = meet->attending = meet->placed = meet->surveyed = false;
}

/* A server that has never been reached may be about to start: it is asked again soon. */
enum { START_FAILURES_MAX = 3 };

/* Leave the server in peace for a while, working meanwhile if there is work. */
static int wait_out(struct meet *meet)
{
    const struct meet_settings *settings = &meet->settings;
    unsigned failures = meet->failures;
    if (!meet->ever_described && failures > START_FAILURES_MAX)
        failures = START_FAILURES_MAX;
    int64_t wait_ms = backoff_ms(failures, meet->transport->retry_after_ms, settings->random);
    int64_t until_ms = clock_monotonic_ms(settings->clock) + wait_ms;
    while (meet->attending && attendance_has_work(&meet->attendance) &&
           clock_monotonic_ms(settings->clock) < until_ms) {
        int err = meet_work(meet);
        if (err)
            return err;
    }
    int64_t left_ms = until_ms - clock_monotonic_ms(settings->clock);
    return stop_wait(settings->stop, left_ms > 0 ? left_ms : 0);
}

/* How much longer a server that has never been reached is waited for; 0: no longer. */
static int64_t start_patience_ms(const struct meet *meet, int trouble, int64_t now_ms)
{
    int64_t patience_ms = meet->settings.start_patience_ms;
    if (trouble == -EPROTO || meet->transport->certain)
        return 0;
    if (patience_ms == MEET_PATIENCE_ENDLESS)
        return patience_ms;
    int64_t left_ms = patience_ms - (now_ms - meet->first_failure_ms);
    return left_ms > 0 ? left_ms : 0;
}

static void tell_away(struct meet *meet, int trouble, int64_t patience_ms)
{
    meet->away = true;
    meet_tell(meet, &(struct meet_event){.kind = MEET_AWAY,
                                         .err = trouble,
                                         .trouble = meet->transport->trouble,
                                         .patience_ms = patience_ms});
}

static int endure(struct meet *meet, int trouble)
{
    int64_t now_ms = clock_monotonic_ms(meet->settings.clock);
    if (meet->failures++ == 0)
        meet->first_failure_ms = now_ms;
    bool known_server = meet->ever_described;
    int64_t patience_ms = known_server ? 0 : start_patience_ms(meet, trouble, now_ms);
    if (!known_server && patience_ms == 0)
        return trouble == -EAGAIN ? -EHOSTUNREACH : trouble;
    if (!meet->away && trouble != -ENOENT && trouble != -EKEYEXPIRED)
        tell_away(meet, trouble, patience_ms);
    return wait_out(meet);
}

/* What to do about a failed turn. Returns: 0 (go on), or the end of the meet. */
static int recover(struct meet *meet, int err)
{
    switch (err) {
    case -EHOSTUNREACH:
    case -EAGAIN:
    case -EPROTO:
    case -ENOSPC:
        return endure(meet, err);
    case -ENOENT:
        if (meet->placed)
            meet_tell_kind(meet, MEET_LOST);
        lose_place(meet);
        return endure(meet, err);
    case -EKEYEXPIRED:
        if (meet->attending)
            meet_tell_kind(meet, MEET_RENEWED);
        lose_session(meet);
        return endure(meet, err);
    case -EACCES: /* somebody else holds our T1's place, so a fresh T1 is needed */
    case -EINVAL:
        if (!meet->ever_placed)
            return meet_refuse(meet, BUCKET_GOOD, err);
        lose_session(meet);
        return endure(meet, err);
    default:
        return err;
    }
}

bool meet_was_reached(const struct meet *meet)
{
    return meet->ever_listened || (meet->ever_described && !meet->transport->unanswered);
}

int meet_step(struct meet *meet)
{
    if (stop_asked(meet->settings.stop))
        return -ECANCELED;
    int err = do_next(meet), kept = meet_keep(meet, false);
    if (kept)
        return kept == -ENOMEM ? kept : -EIO;
    return err ? recover(meet, err) : 0;
}
