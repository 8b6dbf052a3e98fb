/* Retries of a request while a server cannot be reached or cannot serve. */
#ifndef REUNION_LINKS_RETRY_H
#define REUNION_LINKS_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/random.h"
#include "base/stop.h"
#include "links/options.h"
#include "transport/link_server.h"

enum { RETRY_TROUBLE_BYTES = 128 };
enum { RETRY_MS = 30 * 1000 }; /* for each request, from its first failure on */

struct retry {
    const struct links_options *options;
    const char *server; /* as people know it */
    const struct clock_source *clock;
    const struct random_source *random;
    const struct stop_source *stop;
    unsigned failures; /* of this request */
    int64_t until_ms;
    bool reported;                     /* that something is waited for, once until it is there */
    char trouble[RETRY_TROUBLE_BYTES]; /* room for what is wrong with what a server asks for */
};

/* Ready for the first request to `server`; all must outlive it. */
struct retry retry_begin(const struct links_options *options, const char *server,
                         const struct stop_source *stop);

/* A request to `server` failed with `*err`. Wait a while if trying again may help.
 * Returns: whether to try again. If not, `*err` is what to end with: as it was, or -ECANCELED. */
MUST_CHECK bool retry_again(struct retry *retry, const struct link_server *server, int *err);

/* A request has ended, with `err` or 0, and the next one begins anew. If something was waited for
 * and is there, that is reported.
 * Returns: `err`, or -EIO (standard output takes no more), -ENOMEM. */
MUST_CHECK int retry_end(struct retry *retry, int err);

#endif
