/* From a request's method and path to its route. */
#ifndef REUNION_API_ROUTER_H
#define REUNION_API_ROUTER_H

#include "api/metrics.h"
#include "api/request.h"

/* DESIGN: a request is checked by its head before its body is read (router_check), and handled
 * when the body is complete (router_handle). A route replies at once or waits. To wait, the
 * caller first suspends the connection, since the reply may be ready as soon as `begin` is
 * called, and calls router_finish after `resume`. Nothing here knows the HTTP library. */

enum body_rule {
    BODY_NONE,
    BODY_T1,
    BODY_RECORDS,
    BODY_LINK,
    BODY_DELIVERY,  /* anything that a packet could carry */
    BODY_REFERENCE, /* any number of records, of any media type */
};

enum next {
    NEXT_REPLY, /* the reply is complete */
    NEXT_WAIT,  /* suspend, then call router_begin */
};

enum { ROUTE_PARAMETERS_MAX = 2 };

struct route {
    enum method method;     /* METHOD_GET serves HEAD too */
    const char *path;       /* "{}" stands for an id or link … */
    size_t id_bytes;        /* … of so many bytes; 0: ID_BYTES */
    enum route_class class; /* by which it is counted */
    enum next (*handle)(struct request *request);
    void (*begin)(struct request *request);
    void (*finish)(struct request *request);
    void (*abandon)(struct request *request); /* of long waits: end it, nobody needs the answer */
    enum body_rule body;
    enum record_kind kind; /* of routes that exist for several */
    const char *parameters[ROUTE_PARAMETERS_MAX];
    bool of_mailboxes; /* it is there only where these are served */
    bool of_page;      /* it is there only with the page that meets in a browser */
};

/* Find the route of a request's head and check what can be checked. Afterwards the route is set, or
 * the reply is complete. */
void router_check(struct request *request);

/* Handle a whole request. */
enum next router_handle(struct request *request);

/* Hand the request over to the thread that will resume it. */
void router_begin(struct request *request);

/* Whether a request may wait for so long that its client's hanging up has to be noticed. */
bool router_waits_long(const struct request *request);

/* End such a wait early; it is resumed, unless it has been already. Between router_begin and
 * router_finish, any thread. */
void router_abandon(struct request *request);

/* Complete the reply of a resumed request. */
void router_finish(struct request *request);

/* Count a request once it is answered; one that got no answer is not counted. */
void router_count(const struct request *request);

#endif
