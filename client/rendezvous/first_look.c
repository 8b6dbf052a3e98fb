#include "rendezvous/first_look.h"

#include "base/clock.h"
#include "cli/say.h"

enum { PAUSE_MS = 500 };

/* How far the look is. */
struct look {
    const struct ways *ways;
    struct narrator *narrator;
    int errors[COMPANY_SERVERS_MAX]; /* of each server, 0: it is there */
    unsigned told;                   /* a bit for each server that was told of */
};

static void tell(struct look *look, size_t which, enum meet_event_kind kind)
{
    narrator_event(look->narrator,
                   &(struct meet_event){.kind = kind,
                                        .server = which,
                                        .err = look->errors[which],
                                        .trouble = look->ways->transports[which]->trouble});
}

/* Ask all that were not there yet. Returns: 0 (one is there at least), -EHOSTUNREACH (none is),
 * -ECANCELED, -ENOMEM. */
static int ask_all(struct look *look)
{
    int result = -EHOSTUNREACH;
    for (size_t i = 0; i < look->ways->count; i++) {
        struct transport *transport = look->ways->transports[i];
        struct transport_traits traits;
        int err = transport->verbs->describe(transport, &traits);
        if (err == -ECANCELED || err == -ENOMEM)
            return err;
        look->errors[i] = err;
        if (!err)
            result = 0;
        else if (!(look->told & 1u << i))
            tell(look, i, MEET_AWAY);
        look->told |= err ? 1u << i : 0;
    }
    return result;
}

/* The narrator counts who is away: whoever was told of comes back here, or is told of again in the
 * run itself. */
static void tell_back(struct look *look)
{
    for (size_t i = 0; i < look->ways->count; i++)
        if ((look->told & 1u << i) && !look->errors[i])
            tell(look, i, MEET_BACK);
}

enum outcome first_look(const struct ways *ways, struct narrator *narrator, int64_t patience_ms,
                        const struct stop_source *stop)
{
    struct look look = {.ways = ways, .narrator = narrator};
    int64_t until_ms = clock_monotonic_ms(&clock_system) + patience_ms;
    int err = ask_all(&look);
    while (err == -EHOSTUNREACH && clock_monotonic_ms(&clock_system) < until_ms) {
        err = stop_wait(stop, PAUSE_MS);
        if (!err)
            err = ask_all(&look);
    }
    if (err == -ECANCELED)
        return OUTCOME_INTERRUPTED;
    if (err == -ENOMEM)
        return outcome_failed(err, "ask the server");
    if (!err)
        tell_back(&look);
    for (size_t i = 0; err && i < ways->count; i++)
        tell(&look, i, MEET_ENDED);
    return err ? OUTCOME_SERVER : OUTCOME_DONE;
}
