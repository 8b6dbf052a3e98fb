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

static void reveal(struct session *session)
{
    struct reunion_reveal found;
    while (reunion_session_next_reveal(session->progress.session, &found) == 0)
        session_report(session,
                       &(struct session_event){.kind = SESSION_REVEALED,
                                               .message = found.payload,
                                               .message_bytes = found.payload_bytes,
                                               .owed = outbox_count(&session->progress.outbox)});
}

/* How long so many T1s will take; -1 where that is not known yet. */
static int64_t estimate_ms(const struct session *session, size_t t1s)
{
    if (t1s == 0)
        return 0;
    return session->worked > 0 ? session->worked_ms * (int64_t)t1s / (int64_t)session->worked : -1;
}

static void note_work(struct session *session, size_t t1s, int64_t ms)
{
    session->worked += t1s;
    session->worked_ms += ms;
    while (session->worked > WORKED_MAX) {
        session->worked /= 2;
        session->worked_ms /= 2;
    }
}

static bool same_counts(const struct session_event *a, const struct session_event *b)
{
    return a->others == b->others && a->met == b->met && a->queued == b->queued &&
           a->answered == b->answered && a->owed == b->owed && a->refused == b->refused;
}

static void report(struct session *session)
{
    const struct session_progress *progress = &session->progress;
    struct session_event now = {.kind = SESSION_PROGRESS,
                                .others = progress->peers.by_id.count,
                                .met = progress->met,
                                .answered = progress->answered,
                                .owed = outbox_count(&progress->outbox),
                                .refused = progress->outbox.refused};
    now.queued = peers_queued(&progress->peers);
    now.left_ms = estimate_ms(session, now.queued);
    if ((progress->crowded || session_progress_waits_for_budget(progress)) &&
        !session->reported_crowded) {
        session->reported_crowded = true;
        session_report_kind(session, SESSION_CROWDED);
    }
    if (now.left_ms >= LONG_WORK_MS && !session->reported_long) {
        session->reported_long = true;
        struct session_event work = now;
        work.kind = SESSION_LONG_WORK;
        session_report(session, &work);
    }
    if (same_counts(&now, &session->reported))
        return;
    session->reported = now;
    session_report(session, &now);
}

static int canceled(void *state)
{
    return stop_asked(state);
}

int session_work(struct session *session)
{
    if (!session_progress_has_work(&session->progress))
        return 0;
    /* The library hands the state back as it got it; a stop source is never written through it. */
    struct stop_source stop = *session->settings.stop;
    struct reunion_work how = {
        .threads = session->settings.threads, .canceled = canceled, .state = &stop};
    /* As much as is done at once: so the first results come early. */
    size_t chunk = session->settings.threads * reunion_t1s_at_once();
    if (chunk > SESSION_PROGRESS_CHUNK_MAX)
        chunk = SESSION_PROGRESS_CHUNK_MAX;
    size_t before = session->progress.met;
    int64_t began_ms = clock_monotonic_ms(session->settings.clock);
    int err = session_progress_work(&session->progress, chunk, &how);
    note_work(session, session->progress.met - before,
              clock_monotonic_ms(session->settings.clock) - began_ms);
    reveal(session);
    return err;
}

static void recovered(struct session *session)
{
    session->failures = 0;
    session->trouble = 0;
    session->ever_listened = true;
    if (session->away)
        session_report_kind(session, SESSION_BACK);
    session->away = false;
}

static int listen(struct session *session)
{
    bool idle = session_progress_is_idle(&session->progress);
    uint64_t news = session->progress.news;
    struct transport_sink sink = session_progress_sink(&session->progress);
    int64_t wait_ms = session->traits.wait_ms_max, most_ms = raising_wait_ms_max(session);
    if (wait_ms > most_ms)
        wait_ms = most_ms;
    /* That a server is back is to be known at once. */
    if (!idle || session->away)
        wait_ms = 0;
    int err = verbs(session)->receive(session->transport, wait_ms, &sink);
    if (err)
        return err;
    recovered(session);
    if (!idle || news != session->progress.news)
        session->fruitless = 0;
    else if (++session->fruitless > FRUITLESS_MAX)
        err = stop_wait(session->settings.stop, FRUITLESS_PAUSE_MS);
    reveal(session);
    return err;
}

/* A few T1s take as long as the many that are done at once. Where two came more may be about to, so
 * they are waited for; one alone is not kept waiting. */
static int gather(struct session *session)
{
    size_t queued = peers_queued(&session->progress.peers);
    if (queued < 2 || queued >= reunion_t1s_at_once())
        return 0;
    int err = stop_wait(session->settings.stop, session->opened_in_ms / GATHER_PART);
    return err ? err : listen(session);
}

static int hesitate(struct session *session)
{
    if (session->seen_news == session->progress.news)
        return 0;
    session->seen_news = session->progress.news;
    return stop_wait(session->settings.stop,
                     (int64_t)random_below(session->settings.random, JITTER_MS_MAX + 1));
}

int session_take_part(struct session *session)
{
    session->progress.closing =
        clock_monotonic_ms(session->settings.clock) >= session->settings.open_until_ms;
    session->progress.place_tag = session->traits.place_tag;
    session->progress.hour = stamp_hour(clock_wall_s(session->settings.clock));
    int err = hesitate(session);
    if (!err)
        err = session_look_again(session);
    if (!err)
        err = session_progress_fetch(&session->progress, session->transport);
    int posted = err ? err : outbox_post(&session->progress.outbox, session->transport);
    /* That our T1 is unknown does not tell whether it is lost or past its time; our place does. */
    err = posted == -ENOENT ? 0 : posted;
    if (!err)
        err = listen(session);
    if (!err)
        err = gather(session);
    if (!err)
        err = posted;
    if (!err)
        err = session_work(session);
    if (!err)
        err = session_raise(session);
    report(session);
    return err;
}
