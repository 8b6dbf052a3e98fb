/* A request made and answered without a socket. */
#ifndef REUNION_TESTS_UNIT_API_CALL_H
#define REUNION_TESTS_UNIT_API_CALL_H

#include "api/router.h"
#include "lib/host.h"

struct call {
    struct request request;
    char path[256], query[256]; /* the request's strings */
};

/* What `api` needs for all calls, on a host's service. */
void call_api(struct api *api, struct host *host);

/* Make a request of "METHOD /path?query" with a body of octets, if not NULL, and a write key in
 * hex, if not NULL; not yet judged, so that a test can spoil it. */
void call_begin(struct call *call, const struct api *api, const char *line, const void *body,
                size_t bytes, const char *key);

/* Judge, handle, wait as needed. Returns: the status. */
unsigned call_end(struct call *call, const void *body, size_t bytes);

/* Both. The caller releases with request_clear. */
unsigned call_make(struct call *call, const struct api *api, const char *line, const void *body,
                   size_t bytes, const char *key);

/* The value of a header of the reply, or NULL. */
const char *call_header(const struct call *call, const char *name);

/* The slug of a problem. */
const char *call_problem(const struct call *call);

#endif
