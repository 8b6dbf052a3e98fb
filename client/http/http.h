/* HTTP requests to one server, one at a time, that end the moment a stop is asked. */
#ifndef REUNION_HTTP_HTTP_H
#define REUNION_HTTP_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "admission/stamp.h"
#include "base/err.h"
#include "http/http_settings.h"

/* DESIGN: libcurl underneath; TLS 1.2 or newer, no redirect followed, no proxy from the
 * environment, no cookie, no compression, nothing sent that tells one client from another. What a
 * server can make us buffer is bounded by each request. One thread.
 *
 * Through a proxy each kind of request has connections of its own, and at a SOCKS proxy a random
 * name and password of its own: Tor gives those different circuits, so that neither the server nor
 * the exit of one sees that they belong together. Names are resolved by the proxy. */

struct http;

enum {
    HTTP_URL_BYTES_MAX = SERVER_ADDRESS_BYTES_MAX,
    HTTP_HEADER_BYTES_MAX = 16 * 1024, /* all headers of an answer */
};

enum http_method { HTTP_GET, HTTP_POST };

/* What must not be seen to come from one and the same client. */
enum http_kind {
    HTTP_READ, /* what everybody may ask */
    HTTP_T1,
    HTTP_FEED,
    HTTP_T2,
    HTTP_T3,
    HTTP_LINK,  /* a private link that is posted */
    HTTP_APART, /* what was asked before, as somebody else: always over a connection of its own */
    HTTP_KINDS,
};

struct http_request {
    enum http_method method;
    enum http_kind kind;
    const char *path; /* behind the base URL: "/v1/server" */
    const uint8_t *body;
    size_t body_bytes;
    const uint8_t *write_key; /* WRITE_KEY_BYTES, sent as Authorization: Bearer; or NULL */
    const uint8_t *stamp;     /* STAMP_NONCE_BYTES, sent as Reunion-Stamp; or NULL */
    int64_t wait_ms;          /* how long the server may have nothing to say, on top of the usual */
    size_t answer_bytes_max;
};

struct http_answer {
    long status;
    const uint8_t *body; /* http's, until the next exchange */
    size_t bytes;
};

/* Make ready for requests; nothing is sent. Call from one thread at a time.
 * Needs: a server that is not reached by packets.
 * Returns: 0; -EINVAL and why in `complaint` as http_settings_check; -ENOMEM; -EIO (libcurl fails,
 * or cannot do what is wished). */
MUST_CHECK int http_open(struct http **http, const struct http_settings *settings,
                         const char **complaint);

/* Release; NULL is fine. */
void http_free(struct http *http);

/* Be somebody else from now on: fresh connections, a fresh name and password for each kind of
 * request. What is left open now is closed. Returns: 0, -ENOMEM, -EIO; it is still usable then. */
MUST_CHECK int http_renew(struct http *http);

/* Send a request and read the whole answer, whatever its status.
 * Returns: 0; -EHOSTUNREACH; -EPROTO (no HTTP, or more than `answer_bytes_max`); -EINVAL (the path
 * makes the URL too long); -ECANCELED; -ENOMEM. `answer` is untouched then. */
MUST_CHECK int http_exchange(struct http *http, const struct http_request *request,
                             struct http_answer *answer);

/* A header of the last answer, or NULL; http's, until the next exchange. */
const char *http_header(struct http *http, const char *name);

/* The time the last answer says it was made, in unix seconds; -1 where it does not say. */
int64_t http_date_s(struct http *http);

/* How long the last answer asks to be left in peace, see retry_after.h. */
int64_t http_retry_after_ms(struct http *http);

/* Why the last exchange failed, or what http_explain said of its answer: an English phrase with the
 * system's reason, http's until the next exchange; NULL if there is nothing to say. */
const char *http_trouble(const struct http *http);

/* What to do about it: a constant sentence, or NULL. */
const char *http_advice(const struct http *http);

/* Whether the same would happen again later, so that waiting is of no use. */
bool http_is_certain(const struct http *http);

/* Whether the last exchange failed because the connection was closed or broke after the request had
 * been sent. */
bool http_hung_up(const struct http *http);

/* Whether the server is reached by the box transport, which encrypts to the key in its address. */
bool http_is_boxed(const struct http *http);

/* How long the last request was under way from when it was sent, milliseconds; -1: it was not. */
int64_t http_waited_ms(const struct http *http);

/* Say of the last answer what it is, for http_trouble, http_advice and http_is_certain. `advice` is
 * a constant, or NULL. Returns: the text. */
const char *http_explain(struct http *http, const char *advice, bool certain, const char *format,
                         ...) __attribute__((format(printf, 4, 5)));

#endif
