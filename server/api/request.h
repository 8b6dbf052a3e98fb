/* A request as a value, independent of sockets: from its head to its reply. */
#ifndef REUNION_API_REQUEST_H
#define REUNION_API_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/answers.h"
#include "api/budget.h"
#include "api/reply.h"
#include "base/err.h"
#include "compat/reference.h"
#include "service/service.h"
#include "wire/sizes.h"
#include "json/v1_json.h"

enum { REQUEST_PARAMETERS_MAX = 4, PAGE_ORIGINS_MAX = 16 };

enum method { METHOD_GET, METHOD_HEAD, METHOD_POST, METHOD_DELETE, METHOD_OPTIONS, METHOD_OTHER };

struct metrics;
struct route;

struct route_table {
    const struct route *rows;
    size_t count;
};

/* What all requests share. */
struct api {
    struct route_table routes;
    struct service *service;
    struct reference *reference; /* what the reference's endpoints lead to */
    struct v1_server server;     /* what GET /v1/server tells, the limits among it */
    struct metrics *metrics;     /* NULL: nothing is counted */
    const struct blob *openapi;
    struct budget *bodies;   /* of all bodies together */
    struct answers *answers; /* of all answers together that are being sent; NULL: no limit */
    const char *page_origins[PAGE_ORIGINS_MAX]; /* whose pages may post, besides the server's own */
    size_t page_origin_count;
    bool has_page; /* that meets in a browser */
};

struct request_parameter {
    const char *name, *value; /* the value is NULL where there is no "=" */
};

struct request {
    const struct api *api;

    /* The head; strings are the connection's. */
    enum method method;
    const char *path; /* not unescaped: nothing here needs it */
    struct request_parameter parameters[REQUEST_PARAMETERS_MAX];
    size_t parameter_count; /* more than REQUEST_PARAMETERS_MAX: the rest is not kept */
    const char *authorization, *content_type, *if_none_match; /* NULL where there is none … */
    const char *host, *forwarded_proto, *origin, *fetch_site; /* … likewise */
    const char *referer, *stamp;                              /* … likewise */
    uint64_t client; /* a keyed hash of its address; 0: it has none that is known */
    bool has_length; /* it states the body's length, and not chunks */
    bool has_chunks;
    bool has_lengths;  /* it states the length more than once, and differently */
    bool has_types;    /* it states Content-Type more than once */
    bool asks_sharing; /* by a browser, before a page of another origin sends its request */
    bool has_sites;    /* it states Host, or a header of origin.h, more than once */
    uint64_t length;

    /* The body, once it is there; NULL when nobody wants it. */
    uint8_t *body;
    size_t body_bytes;
    size_t body_room; /* taken from the budget */

    /* Found by the router. */
    const struct route *route;
    uint8_t path_id[ID_BYTES]; /* the id or link in the path; a mailbox's is the beginning of it */

    /* A route's own, while it waits. */
    uint8_t query_id[ID_BYTES];
    uint8_t place[ID_BYTES];
    uint8_t key_hash[ID_BYTES];
    bool has_stamp; /* whose nonce is `nonce` */
    uint8_t nonce[STAMP_NONCE_BYTES];
    bool has_cursor;
    struct feed_cursor cursor;
    uint64_t mailbox_cursor;
    struct post post;
    struct waiter waiter;
    int wait_error;
    void (*resume)(struct request *request); /* go on with the route's `finish`; any thread */

    struct reply reply;
    size_t reply_room;           /* taken from `answers` … */
    enum answer_kind reply_kind; /* … as this */
};

/* Take in a piece of the body; what goes beyond the stated length, or is not wanted, is dropped.
 * Where there is no room for it the reply is complete. */
void request_body(struct request *request, const void *data, size_t bytes);

/* A parameter's value, or NULL. */
const char *request_parameter(const struct request *request, const char *name);

/* The write key's hash from "Authorization: Bearer <64 hex>". Returns: 0, -EACCES. */
MUST_CHECK int request_key_hash(const struct request *request, uint8_t hash[static ID_BYTES]);

/* The id of the mailbox that the read key in that header opens. Returns: 0, -EACCES. */
MUST_CHECK int request_mailbox_id(const struct request *request,
                                  uint8_t id[static MAILBOX_ID_BYTES]);

/* The nonce from "Reunion-Stamp: <32 hex>".
 * Returns: 0, -ENOENT (there is none), -EBADMSG (it has another form). */
MUST_CHECK int request_stamp(const struct request *request,
                             uint8_t nonce[static STAMP_NONCE_BYTES]);

/* Take room for the reply's body, of as many bytes as it has; none where it is small. request_clear
 * gives it back.
 * Returns: 0, -ENOSPC (others hold too much). */
MUST_CHECK int request_take_reply_room(struct request *request, enum answer_kind kind);

/* Give it back now. */
void request_give_reply_room(struct request *request);

/* Release what the request owns; a request of zeros is fine. */
void request_clear(struct request *request);

#endif
