/* Having a place: posting, receiving and working in turns. */
#include "session/inside.h"

enum {
    /* A server that answers at once with nothing new, again and again, does not make us spin. */
    FRUITLESS_MAX = 64,
    FRUITLESS_PAUSE_MS = 250,

    /* What is done with what came takes a little longer where it revealed a message. So much
     * chance, before the next thing is sent, covers that. */
    JITTER_MS_MAX = 20,

    LONG_WORK_MS = 10 * 1000,
    WORKED_MAX = 256, /* T1s whose time counts in an estimate; older ones fade */

    /* T1s are waited for as long as this part of what opening the session took: about the time of a
     * group action, however fast and however busy the machine is. */
    GATHER_PART = 4,
};

static void reveal(struct meet *meet)
{
    struct reunion_reveal found;
    while (reunion_session_next_reveal(meet->attendance.session, &found) == 0)
        meet_tell(meet, &(struct meet_event){.kind = MEET_REVEALED,
                                             .message = found.payload,
                                             .message_bytes = found.payload_bytes,
                                             .owed = outbox_count(&meet->attendance.outbox)});
}

/* How long so many T1s will take; -1 where that is not known yet. */
static int64_t estimate_ms(const struct meet *meet, size_t t1s)
{
    if (t1s == 0)
        return 0;
    return meet->worked > 0 ? meet->worked_ms * (int64_t)t1s / (int64_t)meet->worked : -1;
}

static void note_work(struct meet *meet, size_t t1s, int64_t ms)
{
    meet->worked += t1s;
    meet->worked_ms += ms;
    while (meet->worked > WORKED_MAX) {
        meet->worked /= 2;
        meet->worked_ms /= 2;
    }
}

static bool same_counts(const struct meet_event *a, const struct meet_event *b)
{
    return a->others == b->others && a->met == b->met && a->queued == b->queued &&
           a->answered == b->answered && a->owed == b->owed && a->refused == b->refused;
}

static void report(struct meet *meet)
{
    const struct attendance *attendance = &meet->attendance;
    struct meet_event now = {.kind = MEET_PROGRESS,
                             .others = attendance->peers.by_id.count,
                             .met = attendance->met,
                             .answered = attendance->answered,
                             .owed = outbox_count(&attendance->outbox),
                             .refused = attendance->outbox.refused};
    now.queued = peers_queued(&attendance->peers);
    now.left_ms = estimate_ms(meet, now.queued);
    if ((attendance->crowded || attendance_waits_for_budget(attendance)) && !meet->told_crowded) {
        meet->told_crowded = true;
        meet_tell_kind(meet, MEET_CROWDED);
    }
    if (now.left_ms >= LONG_WORK_MS && !meet->told_long) {
        meet->told_long = true;
        struct meet_event work = now;
        work.kind = MEET_LONG_WORK;
        meet_tell(meet, &work);
    }
    if (same_counts(&now, &meet->told))
        return;
    meet->told = now;
    meet_tell(meet, &now);
}

static int canceled(void *state)
{
    return stop_asked(state);
}

int meet_work(struct meet *meet)
{
    if (!attendance_has_work(&meet->attendance))
        return 0;
    /* The library hands the state back as it got it; a stop source is never written through it. */
    struct stop_source stop = *meet->settings.stop;
    struct reunion_work how = {
        .threads = meet->settings.threads, .canceled = canceled, .state = &stop};
    /* As much as is done at once: so the first results come early. */
    size_t chunk = meet->settings.threads * reunion_t1s_at_once();
    if (chunk > ATTENDANCE_CHUNK_MAX)
        chunk = ATTENDANCE_CHUNK_MAX;
    size_t before = meet->attendance.met;
    int64_t began_ms = clock_monotonic_ms(meet->settings.clock);
    int err = attendance_work(&meet->attendance, chunk, &how);
    note_work(meet, meet->attendance.met - before,
              clock_monotonic_ms(meet->settings.clock) - began_ms);
    reveal(meet);
    return err;
}

static void recovered(struct meet *meet)
{
    meet->failures = 0;
    meet->ever_listened = true;
    if (meet->away)
        meet_tell_kind(meet, MEET_BACK);
    meet->away = false;
}

static int listen(struct meet *meet)
{
    bool idle = attendance_is_idle(&meet->attendance);
    uint64_t news = meet->attendance.news;
    struct transport_sink sink = attendance_sink(&meet->attendance);
    int64_t wait_ms = meet->traits.wait_ms_max, most_ms = raising_wait_ms_max(meet);
    if (wait_ms > most_ms)
        wait_ms = most_ms;
    /* That a server is back is to be known at once. */
    if (!idle || meet->away)
        wait_ms = 0;
    int err = verbs(meet)->receive(meet->transport, wait_ms, &sink);
    if (err)
        return err;
    recovered(meet);
    if (!idle || news != meet->attendance.news)
        meet->fruitless = 0;
    else if (++meet->fruitless > FRUITLESS_MAX)
        err = stop_wait(meet->settings.stop, FRUITLESS_PAUSE_MS);
    reveal(meet);
    return err;
}

/* A few T1s take as long as the many that are done at once. Where two came more may be about to, so
 * they are waited for; one alone is not kept waiting. */
static int gather(struct meet *meet)
{
    size_t queued = peers_queued(&meet->attendance.peers);
    if (queued < 2 || queued >= reunion_t1s_at_once())
        return 0;
    int err = stop_wait(meet->settings.stop, meet->opened_in_ms / GATHER_PART);
    return err ? err : listen(meet);
}

static int hesitate(struct meet *meet)
{
    if (meet->seen_news == meet->attendance.news)
        return 0;
    meet->seen_news = meet->attendance.news;
    return stop_wait(meet->settings.stop,
                     (int64_t)random_below(meet->settings.random, JITTER_MS_MAX + 1));
}

int meet_take_part(struct meet *meet)
{
    meet->attendance.closing =
        clock_monotonic_ms(meet->settings.clock) >= meet->settings.open_until_ms;
    meet->attendance.place_tag = meet->traits.place_tag;
    meet->attendance.hour = stamp_hour(clock_wall_s(meet->settings.clock));
    int err = hesitate(meet);
    if (!err)
        err = meet_look_again(meet);
    if (!err)
        err = attendance_fetch(&meet->attendance, meet->transport);
    int posted = err ? err : outbox_post(&meet->attendance.outbox, meet->transport);
    /* That our T1 is unknown does not tell whether it is lost or past its time; our place does. */
    err = posted == -ENOENT ? 0 : posted;
    if (!err)
        err = listen(meet);
    if (!err)
        err = gather(meet);
    if (!err)
        err = posted;
    if (!err)
        err = meet_work(meet);
    if (!err)
        err = meet_raise(meet);
    report(meet);
    return err;
}
