#include "links/retry.h"

#include "base/backoff.h"
#include "cli/print.h"
#include "links/report.h"

enum { FAILURES_MAX = 3 }; /* further ones lengthen the pauses no more */

struct retry retry_begin(const struct links_options *options, const char *server,
                         const struct stop_source *stop)
{
    return (struct retry){.options = options,
                          .server = server,
                          .clock = &clock_system,
                          .random = &random_system,
                          .stop = stop};
}

static bool may_help(const struct link_server *server, int err)
{
    return (err == -EHOSTUNREACH || err == -EAGAIN) && !server->certain;
}

/* Whether a request failed here, which tells nothing of the server. */
static bool is_own(int err)
{
    return err == -ECANCELED || err == -ENOMEM || err == -EIO;
}

bool retry_again(struct retry *retry, const struct link_server *server, int *err)
{
    if (!may_help(server, *err))
        return false;
    int64_t now_ms = clock_monotonic_ms(retry->clock);
    if (retry->failures++ == 0)
        retry->until_ms = now_ms + RETRY_MS;
    if (now_ms >= retry->until_ms)
        return false;
    int reported = retry->reported ? 0
                                   : report_waiting(retry->options, retry->server, *err,
                                                    server->trouble, RETRY_MS);
    retry->reported = true;
    if (reported) {
        *err = reported;
        return false;
    }
    unsigned failures = retry->failures < FAILURES_MAX ? retry->failures : FAILURES_MAX;
    int64_t asked_ms = *err == -EAGAIN ? server->retry_after_ms : 0;
    int64_t wait_ms = backoff_ms(failures, asked_ms, retry->random);
    int64_t left_ms = retry->until_ms - now_ms;
    int stopped = stop_wait(retry->stop, wait_ms < left_ms ? wait_ms : left_ms);
    if (stopped)
        *err = stopped;
    return !stopped;
}

int retry_end(struct retry *retry, int err)
{
    bool is_back = retry->reported && err != -EHOSTUNREACH && err != -EAGAIN && !is_own(err);
    retry->failures = 0;
    if (!is_back)
        return err;
    retry->reported = false;
    int failed = report_back(retry->options, retry->server);
    return failed ? failed : err;
}
