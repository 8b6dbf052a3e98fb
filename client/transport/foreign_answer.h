/* Answers that do not come from a REUNION server, but from proxies, gateways, firewalls or captive
 * portals. */
#ifndef REUNION_TRANSPORT_FOREIGN_ANSWER_H
#define REUNION_TRANSPORT_FOREIGN_ANSWER_H

#include <stdbool.h>

#include "http/http.h"
#include "transport/wait_limit.h"

enum foreign_answer {
    FOREIGN_NONE,     /* it may be a REUNION server's */
    FOREIGN_PACKED,   /* compressed on the way, though that was declined */
    FOREIGN_PAGE,     /* a success with HTML: a captive portal, another site */
    FOREIGN_REDIRECT, /* elsewhere, which is not followed */
    FOREIGN_PASSWORD, /* a user name and password are asked for (401, 407) */
    FOREIGN_LOGIN,    /* the network wants a login first (511) */
    FOREIGN_FORBIDS,  /* a firewall, a list of who may come (403, 451) */
    FOREIGN_GATEWAY,  /* a proxy is there, the server behind it is not (502, 503, …) */
    FOREIGN_LATE,     /* a gateway waited too long for the server (504, 408, 499, 524, …) */
    FOREIGN_BUSY,     /* too many requests (429) */
    FOREIGN_OTHER, /* another status than a success, without a REUNION server's problem details */
};

/* Whose answer this is, the last of `http`. What has problem details of a REUNION server is its. */
enum foreign_answer foreign_answer_of(struct http *http, const struct http_answer *answer);

/* Whether waiting and trying again may help. */
bool foreign_answer_may_go(enum foreign_answer foreign);

/* Say what it is by http_explain. Returns: the text; NULL for FOREIGN_NONE. */
const char *foreign_answer_explain(struct http *http, const struct http_answer *answer,
                                   enum foreign_answer foreign);

/* Whether what failed with `err`, see v1_exchange, was a request that something in between did not
 * let wait so long; `answer` is looked at with -EAGAIN alone. */
enum wait_cut foreign_answer_cut(struct http *http, int err, const struct http_answer *answer);

#endif
