/* Opening a session: Argon2i, and beside it group actions with T1s that stand. */
#include <pthread.h>
#include <stdatomic.h>

#include "session/inside.h"
#include "session/preparing.h"

enum { BUSY_THREADS = 2 };

/* What the thread that opens the session has. */
struct opening {
    struct reunion_setup setup;
    struct reunion_session *opened;
    int err;
    atomic_bool finished;
};

static void *open_session(void *state)
{
    struct opening *opening = state;
    opening->err = reunion_session_open(&opening->opened, &opening->setup);
    atomic_store(&opening->finished, true);
    return NULL;
}

static int is_opened(void *state)
{
    struct opening *opening = state;
    return atomic_load(&opening->finished);
}

/* One thread is Argon2i's, and one computes the public key: with two processors there is none to
 * spare, and whoever computed all the same would be slower for it. */
static bool has_spare_threads(const struct session *session)
{
    return session->settings.threads > BUSY_THREADS;
}

static void compute_meanwhile(struct session *session, struct preparing *preparing,
                              struct opening *opening)
{
    const struct session_settings *settings = &session->settings;
    const struct reunion_work work = {
        .threads = settings->threads - BUSY_THREADS, .canceled = is_opened, .state = opening};
    preparing_read(preparing, session->transport, session_named(session), &settings->bounds,
                   clock_wall_s(settings->clock));
    preparing_compute(preparing, work.threads * reunion_t1s_at_once(), settings->random, &work);
}

static int open_prepared(struct session *session, struct preparing *preparing,
                         struct opening *opening)
{
    pthread_t thread;
    opening->setup.preparation = preparing->preparation;
    if (has_spare_threads(session) && pthread_create(&thread, NULL, open_session, opening) == 0) {
        compute_meanwhile(session, preparing, opening);
        INVARIANT(pthread_join(thread, NULL) == 0);
    } else {
        (void)open_session(opening);
    }
    if (opening->err)
        return opening->err;
    budget_spend(&session->budget, preparing->actions);
    int err = reunion_session_adopt(opening->opened, preparing->preparation);
    INVARIANT(err != -EINVAL); /* without memory it computes again */
    return 0;
}

/* With what was prepared before, if that was; or with what can be prepared now. */
static int open_somehow(struct session *session, struct opening *opening)
{
    struct preparing own = {0}, *preparing = session->settings.preparing;
    session->settings.preparing = NULL; /* its key is for one session */
    if (!preparing || !preparing->preparation)
        preparing =
            session->settings.prepare && has_spare_threads(session) && preparing_open(&own) == 0
                ? &own
                : NULL;
    if (!preparing) {
        (void)open_session(opening);
        return opening->err;
    }
    int err = open_prepared(session, preparing, opening);
    preparing_close(preparing);
    return err;
}

/* Returns: 0, or what reunion_session_open gives. */
static int open_progress(struct session *session)
{
    const struct session_settings *settings = &session->settings;
    const struct session_progress_terms shared = terms(session);
    struct opening opening = {.setup = {.passphrase = settings->passphrase,
                                        .passphrase_bytes = settings->passphrase_bytes,
                                        .payload = settings->payload,
                                        .payload_bytes = settings->payload_bytes,
                                        .salt = session->traits.salt}};
    int err = open_somehow(session, &opening);
    INVARIANT(err != -EINVAL); /* lengths are checked where they come from */
    return err ? err : session_progress_begin(&session->progress, opening.opened, &shared);
}

int session_begin(struct session *session)
{
    const struct clock_source *clock = session->settings.clock;
    int64_t began_ms = clock_monotonic_ms(clock);
    budget_begin_session(&session->budget);
    int err = open_progress(session);
    if (err)
        return err;
    session->opened_in_ms = clock_monotonic_ms(clock) - began_ms;
    session->in_session = true;
    session->returning = false;
    session->asked_s = 0;
    session->own = (struct transport_bucket){0};
    session->reported = (struct session_event){0};
    session->reported_crowded = session->reported_long = session->reported_sparse =
        session->reported_window = false;
    session->seen_news = session->kept_news = session->kept_met = 0;
    session->unkept = true;
    session_report_kind(session, SESSION_OPENED);
    /* Before its T1 is shown to anybody. What the keeper gives means other things elsewhere. */
    err = session_keep(session, true);
    return err && err != -ENOMEM ? -EIO : err;
}
