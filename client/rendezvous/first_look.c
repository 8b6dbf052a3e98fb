#include "rendezvous/first_look.h"

#include "base/backoff.h"
#include "base/clock.h"
#include "base/random.h"
#include "cli/status_line.h"

enum { FAILURES_MAX = 3 }; /* further ones lengthen the pauses no more */

#define WAIT_OVER "no answer before the time was over"

/* What was seen of one server. */
struct looked {
    int err;    /* 0: it is there */
    bool final; /* it will not come */
    bool reported;
    bool asked; /* it has answered, or failed */
    unsigned failures;
    int64_t due_ms; /* when to ask it again */
};

struct look {
    const struct transports *transports;
    const struct transport_place *named;
    struct reporter *reporter;
    int64_t patience_ms, until_ms;
    struct looked servers[MULTI_SESSION_SERVERS_MAX];
};

static void report(struct look *look, size_t which, enum session_event_kind kind)
{
    struct looked *server = &look->servers[which];
    const char *trouble = look->transports->transports[which]->trouble;
    server->reported = true;
    reporter_event(look->reporter,
                   &(struct session_event){.kind = kind,
                                           .server = which,
                                           .err = server->err,
                                           .trouble = server->asked ? trouble : WAIT_OVER,
                                           .patience_ms = look->patience_ms});
}

static bool has_no_bucket(int err)
{
    return err == -ENOENT || err == -EKEYEXPIRED;
}

/* What holds there, and whether the named bucket is there. Returns: as the verbs. */
static int ask_both(const struct look *look, struct transport *transport)
{
    struct transport_traits traits;
    struct transport_bucket bucket;
    int err = transport->verbs->describe(transport, &traits);
    return err || !look->named ? err : transport->verbs->find(transport, look->named, &bucket);
}

/* Returns: 0, -ECANCELED, -ENOMEM. */
static int ask(struct look *look, size_t which, int64_t now_ms)
{
    struct transport *transport = look->transports->transports[which];
    struct looked *server = &look->servers[which];
    int err = ask_both(look, transport);
    if (err == -ECANCELED || err == -ENOMEM)
        return err;
    server->asked = true;
    server->err = err;
    server->final = (err != -EHOSTUNREACH && err != -EAGAIN) || transport->certain;
    if (server->failures < FAILURES_MAX)
        server->failures++;
    server->due_ms =
        now_ms + backoff_ms(server->failures, transport->retry_after_ms, &random_system);
    return 0;
}

/* Ask all whose time it is. Returns: 0 (one is there at least), -EAGAIN (one may come),
 * -EHOSTUNREACH (none will), -ECANCELED, -ENOMEM. */
static int ask_all(struct look *look)
{
    int64_t now_ms = clock_monotonic_ms(&clock_system);
    int result = -EHOSTUNREACH;
    for (size_t i = 0; i < look->transports->count; i++) {
        struct looked *server = &look->servers[i];
        int err = server->final || server->due_ms > now_ms ? 0 : ask(look, i, now_ms);
        if (err)
            return err;
        if (server->err == 0)
            result = 0;
        else if (result && !server->final)
            result = -EAGAIN;
    }
    return result;
}

/* Say what is waited for, and wait until one is to be asked again, or time is over. */
static int wait_for_next(struct look *look, const struct stop_source *stop)
{
    int64_t next_ms = look->until_ms;
    for (size_t i = 0; i < look->transports->count; i++) {
        struct looked *server = &look->servers[i];
        if (server->final)
            continue;
        if (!server->reported)
            report(look, i, SESSION_AWAY);
        if (server->due_ms < next_ms)
            next_ms = server->due_ms;
    }
    int64_t left_ms = next_ms - clock_monotonic_ms(&clock_system);
    return stop_wait(stop, left_ms > 0 ? left_ms : 0);
}

/* One that is there may have been told as away, and another fails that was not told yet. */
static void report_result(struct look *look, bool one_is_there)
{
    look->patience_ms = 0;
    for (size_t i = 0; i < look->transports->count; i++) {
        const struct looked *server = &look->servers[i];
        if (!one_is_there)
            report(look, i, has_no_bucket(server->err) ? SESSION_REFUSED : SESSION_ENDED);
        else if (server->reported && server->err == 0)
            report(look, i, SESSION_BACK);
        else if (!server->reported && server->err)
            report(look, i, SESSION_AWAY);
    }
}

/* Nobody is known to be there when time is over: one that was being asked does not answer; of those
 * behind it nothing is known. Returns: 0 (one may be there), -EHOSTUNREACH. */
static int give_up(struct look *look)
{
    int result = -EHOSTUNREACH;
    bool one_is_silent = false;
    for (size_t i = 0; i < look->transports->count; i++) {
        struct looked *server = &look->servers[i];
        if (server->asked)
            continue;
        if (one_is_silent)
            result = 0;
        else
            server->err = -EHOSTUNREACH;
        one_is_silent = true;
    }
    return result;
}

/* Returns: 0, -EHOSTUNREACH, -ECANCELED, -ENOMEM. */
static int look_around(struct look *look, struct signals *signals)
{
    const struct stop_source stop = signals_source(signals);
    status_line_show("asking the server for its settings ...");
    int err = ask_all(look);
    while (err == -EAGAIN) {
        err = wait_for_next(look, &stop);
        if (!err)
            err = ask_all(look);
    }
    status_line_clear();
    bool is_over = err == -ECANCELED && signals_cause(signals) == STOP_TIME_OVER;
    return is_over ? give_up(look) : err;
}

static enum outcome outcome_of(const struct look *look, int err)
{
    if (err == 0)
        return OUTCOME_DONE;
    return has_no_bucket(look->servers[0].err) ? OUTCOME_REFUSED : OUTCOME_SERVER;
}

enum outcome first_look(const struct transports *transports, const struct transport_place *named,
                        struct reporter *reporter, int64_t patience_s, struct signals *signals)
{
    struct look look = {.transports = transports,
                        .named = named,
                        .reporter = reporter,
                        .patience_ms = patience_s * 1000};
    int err = signals_stop_after(signals, patience_s);
    if (err)
        return outcome_failed(err, "set a timer for asking the server");
    look.until_ms = clock_monotonic_ms(&clock_system) + look.patience_ms;
    err = look_around(&look, signals);
    signals_stop_not(signals);
    if (err == -ECANCELED)
        return OUTCOME_INTERRUPTED;
    if (err == -ENOMEM)
        return outcome_failed(err, "ask the server");
    report_result(&look, err == 0);
    return outcome_of(&look, err);
}
