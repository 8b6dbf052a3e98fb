#include "links/retry.h"

#include "base/backoff.h"
#include "cli/print.h"
#include "links/report.h"

enum { FAILURES_MAX = 3 }; /* further ones lengthen the pauses no more */

struct patience patience_begin(const struct links_options *options, const char *server,
                               const struct stop_source *stop)
{
    return (struct patience){.options = options,
                             .server = server,
                             .clock = &clock_system,
                             .random = &random_system,
                             .stop = stop};
}

static bool may_help(const struct http *http, int err)
{
    return (err == -EHOSTUNREACH || err == -EAGAIN) && !http_is_certain(http);
}

bool patience_again(struct patience *patience, struct http *http, int *err, const char *trouble)
{
    if (!may_help(http, *err))
        return false;
    int64_t now_ms = clock_monotonic_ms(patience->clock);
    if (patience->failures++ == 0)
        patience->until_ms = now_ms + PATIENCE_MS;
    if (now_ms >= patience->until_ms)
        return false;
    int told = patience->told
                   ? 0
                   : tell_waiting(patience->options, patience->server, *err, trouble, PATIENCE_MS);
    patience->told = true;
    if (told) {
        *err = told;
        return false;
    }
    unsigned failures = patience->failures < FAILURES_MAX ? patience->failures : FAILURES_MAX;
    int64_t asked_ms = *err == -EAGAIN ? http_retry_after_ms(http) : 0;
    int64_t wait_ms = backoff_ms(failures, asked_ms, patience->random);
    int64_t left_ms = patience->until_ms - now_ms;
    int stopped = stop_wait(patience->stop, wait_ms < left_ms ? wait_ms : left_ms);
    if (stopped)
        *err = stopped;
    return !stopped;
}

void patience_renew(struct patience *patience)
{
    patience->failures = 0;
}
