/* Why a request got no answer: libcurl's results as errors and explanations. */
#ifndef REUNION_HTTP_FAILURE_H
#define REUNION_HTTP_FAILURE_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum { FAILURE_TEXT_BYTES = 256 }; /* with the terminating zero */

struct failure {
    int err;                       /* -EHOSTUNREACH, -EPROTO or -ENOMEM */
    bool certain;                  /* trying again later gives the same */
    const char *advice;            /* what to do: a constant sentence, or NULL */
    char text[FAILURE_TEXT_BYTES]; /* an English phrase with the system's reason, printable ASCII */
};

/* How far a transfer had come, and where it went first. */
struct failure_path {
    const char *proxy;  /* its URL, without credentials; NULL: none */
    const char *socket; /* the path of a socket of this machine; empty: over the network */
    bool sent;          /* the request itself was, through the proxy if there is one */
    bool boxed;         /* through a box stream, whose server has proved its key */
    bool altered;       /* a frame of the box stream did not open */
};

/* Explain a transfer of `easy` that ended with `result`, which is not CURLE_OK. `detail` is what
 * libcurl wrote to the error buffer, perhaps empty. A socket of this machine is looked at once
 * more, without a connection. Any thread that may use `easy`. */
void failure_of(struct failure *failure, CURL *easy, CURLcode result, const char *detail,
                const struct failure_path *path);

/* Whether the connection was closed or broke after the request had been sent and before the whole
 * answer had come. */
bool failure_is_hang_up(CURLcode result);

/* Copy text of a stranger: what is not printable ASCII becomes '?', and the end is cut off at
 * `bytes` - 1. */
void failure_plain(char *plain, size_t bytes, const char *text);

#endif
