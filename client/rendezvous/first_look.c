#include "rendezvous/first_look.h"

#include "base/clock.h"
#include "base/random.h"
#include "meet/backoff.h"

enum { FAILURES_MAX = 3 }; /* further ones lengthen the pauses no more */

/* What was seen of one server. */
struct looked {
    int err;    /* 0: it is there */
    bool final; /* it will not come */
    bool told;
    unsigned failures;
    int64_t due_ms; /* when to ask it again */
};

struct look {
    const struct ways *ways;
    struct narrator *narrator;
    int64_t patience_ms, until_ms;
    struct looked servers[COMPANY_SERVERS_MAX];
};

static void tell(struct look *look, size_t which, enum meet_event_kind kind)
{
    struct looked *server = &look->servers[which];
    int err = server->err == -EAGAIN && kind == MEET_ENDED ? -EHOSTUNREACH : server->err;
    server->told = true;
    narrator_event(look->narrator,
                   &(struct meet_event){.kind = kind,
                                        .server = which,
                                        .err = err,
                                        .trouble = look->ways->transports[which]->trouble,
                                        .patience_ms = look->patience_ms});
}

/* Returns: 0, -ECANCELED, -ENOMEM. */
static int ask(struct look *look, size_t which, int64_t now_ms)
{
    struct transport *transport = look->ways->transports[which];
    struct looked *server = &look->servers[which];
    struct transport_traits traits;
    int err = transport->verbs->describe(transport, &traits);
    if (err == -ECANCELED || err == -ENOMEM)
        return err;
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
    for (size_t i = 0; i < look->ways->count; i++) {
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
    for (size_t i = 0; i < look->ways->count; i++) {
        struct looked *server = &look->servers[i];
        if (server->final)
            continue;
        if (!server->told)
            tell(look, i, MEET_AWAY);
        if (server->due_ms < next_ms)
            next_ms = server->due_ms;
    }
    int64_t left_ms = next_ms - clock_monotonic_ms(&clock_system);
    return stop_wait(stop, left_ms > 0 ? left_ms : 0);
}

/* One that is there may have been told as away, and another fails that was not told yet. */
static void tell_result(struct look *look, bool one_is_there)
{
    look->patience_ms = 0;
    for (size_t i = 0; i < look->ways->count; i++) {
        const struct looked *server = &look->servers[i];
        if (!one_is_there)
            tell(look, i, MEET_ENDED);
        else if (server->told && server->err == 0)
            tell(look, i, MEET_BACK);
        else if (!server->told && server->err)
            tell(look, i, MEET_AWAY);
    }
}

enum outcome first_look(const struct ways *ways, struct narrator *narrator, int64_t patience_ms,
                        const struct stop_source *stop)
{
    struct look look = {.ways = ways, .narrator = narrator, .patience_ms = patience_ms};
    look.until_ms = clock_monotonic_ms(&clock_system) + patience_ms;
    int err = ask_all(&look);
    while (err == -EAGAIN && clock_monotonic_ms(&clock_system) < look.until_ms) {
        err = wait_for_next(&look, stop);
        if (!err)
            err = ask_all(&look);
    }
    if (err == -ECANCELED)
        return OUTCOME_INTERRUPTED;
    if (err == -ENOMEM)
        return outcome_failed(err, "ask the server");
    tell_result(&look, err == 0);
    return err ? OUTCOME_SERVER : OUTCOME_DONE;
}
