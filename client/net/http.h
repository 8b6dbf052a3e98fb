/* HTTP requests to one server, one at a time, that end the moment a stop is asked. */
#ifndef REUNION_NET_HTTP_H
#define REUNION_NET_HTTP_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/stop.h"

/* DESIGN: libcurl underneath; https with the system's certificate authorities, no redirect
 * followed, no proxy from the environment, no cookie, no compression, nothing sent that tells one
 * client from another. What a server can make us buffer is bounded by each request. One thread. */

struct http;

enum {
    HTTP_URL_BYTES_MAX = 1024,
    HTTP_HEADER_BYTES_MAX = 16 * 1024, /* all headers of an answer */
};

enum http_method { HTTP_GET, HTTP_POST };

struct http_request {
    enum http_method method;
    const char *path; /* behind the base URL: "/v1/server" */
    const uint8_t *body;
    size_t body_bytes;
    const uint8_t *write_key; /* WRITE_KEY_BYTES, sent as Authorization: Bearer; or NULL */
    int64_t wait_ms;          /* how long the server may have nothing to say, on top of the usual */
    size_t answer_bytes_max;
};

struct http_answer {
    long status;
    const uint8_t *body; /* http's, until the next exchange */
    size_t bytes;
};

/* Ready requests to `base_url`: http or https, a host, perhaps a port and a path; nothing else.
 * `stop` must outlive it. Gives: 0, -EINVAL (another URL), -ENOMEM, -EIO (libcurl fails). */
MUST_CHECK int http_open(struct http **http, const char *base_url, const struct stop_source *stop);

/* Release; NULL is fine. */
void http_free(struct http *http);

/* Send a request and read the whole answer, whatever its status.
 * Gives: 0; -EHOSTUNREACH; -EPROTO (no HTTP, or more than `answer_bytes_max`); -EINVAL (the path
 * makes the URL too long); -ECANCELED; -ENOMEM. `answer` is untouched then. */
MUST_CHECK int http_exchange(struct http *http, const struct http_request *request,
                             struct http_answer *answer);

/* A header of the last answer, or NULL; http's, until the next exchange. */
const char *http_header(struct http *http, const char *name);

/* Why the last exchange failed: a constant English phrase; NULL if it did not. */
const char *http_trouble(const struct http *http);

#endif
