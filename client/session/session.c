#include "session/session.h"

#include <stdlib.h>

#include "base/backoff.h"
#include "session/inside.h"

int session_open(struct session **session, struct transport *transport,
                 const struct session_settings *settings)
{
    INVARIANT(settings->threads > 0 && settings->threads <= SESSION_PROGRESS_CHUNK_MAX);
    struct session *made = calloc(1, sizeof *made);
    if (!made)
        return -ENOMEM;
    made->settings = *settings;
    made->transport = transport;
    budget_open(&made->budget, settings->actions_max, settings->clock);
    *session = made;
    return 0;
}

void session_free(struct session *session)
{
    if (!session)
        return;
    session_progress_close(&session->progress);
    paying_close(&session->paying);
    raising_close(&session->raising);
    free(session);
}

static int do_next(struct session *session)
{
    if (!session->described)
        return session_learn(session);
    if (!session->in_session)
        return session_begin(session);
    if (!session->placed)
        return session_take_place(session);
    if (!session->surveyed)
        return session_survey(session);
    return session_take_part(session);
}

/* Our T1 stands no more: it is posted again, and whatever went with it is done again. */
static void lose_place(struct session *session)
{
    session_progress_forget(&session->progress);
    session->described = session->placed = session->surveyed = false;
}

static void lose_session(struct session *session)
{
    session_progress_close(&session->progress);
    session->described = session->in_session = session->placed = session->surveyed = false;
}

/* A server that has never been reached may be about to start: it is asked again soon. */
enum { START_FAILURES_MAX = 3 };

/* Leave the server in peace for a while, working meanwhile if there is work. */
static int wait_out(struct session *session)
{
    const struct session_settings *settings = &session->settings;
    unsigned failures = session->failures;
    if (!session->ever_described && failures > START_FAILURES_MAX)
        failures = START_FAILURES_MAX;
    int64_t wait_ms = backoff_ms(failures, session->transport->retry_after_ms, settings->random);
    int64_t until_ms = clock_monotonic_ms(settings->clock) + wait_ms;
    while (session->in_session && session_progress_has_work(&session->progress) &&
           clock_monotonic_ms(settings->clock) < until_ms) {
        int err = session_work(session);
        if (err)
            return err;
    }
    int64_t left_ms = until_ms - clock_monotonic_ms(settings->clock);
    return stop_wait(settings->stop, left_ms > 0 ? left_ms : 0);
}

/* How much longer a server that has never been reached is waited for; 0: no longer. */
static int64_t start_patience_ms(const struct session *session, int trouble, int64_t now_ms)
{
    int64_t patience_ms = session->settings.start_patience_ms;
    if (trouble == -EPROTO || session->transport->certain)
        return 0;
    if (patience_ms == SESSION_PATIENCE_ENDLESS)
        return patience_ms;
    int64_t left_ms = patience_ms - (now_ms - session->first_failure_ms);
    return left_ms > 0 ? left_ms : 0;
}

static void report_away(struct session *session, int trouble, int64_t patience_ms)
{
    session->away = true;
    session_report(session, &(struct session_event){.kind = SESSION_AWAY,
                                                    .err = trouble,
                                                    .trouble = session->transport->trouble,
                                                    .patience_ms = patience_ms});
}

static int endure(struct session *session, int trouble)
{
    int64_t now_ms = clock_monotonic_ms(session->settings.clock);
    session->trouble = trouble;
    if (session->failures++ == 0)
        session->first_failure_ms = now_ms;
    bool known_server = session->ever_described;
    int64_t patience_ms = known_server ? 0 : start_patience_ms(session, trouble, now_ms);
    if (!known_server && patience_ms == 0)
        return trouble;
    if (!session->away && trouble != -ENOENT && trouble != -EKEYEXPIRED)
        report_away(session, trouble, patience_ms);
    return wait_out(session);
}

/* What to do about a failed turn. Returns: 0 (go on), or the end of the session. */
static int recover(struct session *session, int err)
{
    switch (err) {
    case -EHOSTUNREACH:
    case -EAGAIN:
    case -EPROTO:
    case -ENOSPC:
        return endure(session, err);
    case -ENOENT:
        if (session->placed)
            session_report_kind(session, SESSION_LOST);
        lose_place(session);
        return endure(session, err);
    case -EKEYEXPIRED:
        if (session->in_session)
            session_report_kind(session, SESSION_RENEWED);
        lose_session(session);
        return endure(session, err);
    case -EACCES: /* somebody else holds our T1's place, so a fresh T1 is needed */
    case -EINVAL:
        if (!session->ever_placed)
            return session_refuse(session, BUCKET_GOOD, err);
        lose_session(session);
        return endure(session, err);
    default:
        return err;
    }
}

int session_trouble(const struct session *session)
{
    return session->trouble;
}

bool session_was_reached(const struct session *session)
{
    return session->ever_listened || (session->ever_described && !session->transport->unanswered);
}

int session_step(struct session *session)
{
    if (stop_asked(session->settings.stop))
        return -ECANCELED;
    int err = do_next(session), kept = session_keep(session, false);
    if (kept)
        return kept == -ENOMEM ? kept : -EIO;
    return err ? recover(session, err) : 0;
}
