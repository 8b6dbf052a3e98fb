/* Metrics of the server, served by GET /metrics in Prometheus' text format. */
#ifndef REUNION_API_METRICS_H
#define REUNION_API_METRICS_H

#include "api/problem.h"
#include "base/clock.h"
#include "base/err.h"
#include "service/blob.h"
#include "service/service.h"

/* DESIGN: a reader who asks every second must not see the moment at which somebody came. So the
 * text is made anew at most once a minute, however often it is asked for, and every number that
 * people change is rounded: counts to 16, bytes to 64 KiB. Nothing is counted by client, bucket
 * or record. Counting is one relaxed addition. */

enum { METRICS_PERIOD_MS = 60000, METRICS_STEP = 16, METRICS_BYTES_STEP = 65536 };

enum route_class {
    ROUTE_NONE, /* no such path */
    ROUTE_ABOUT,
    ROUTE_POST,
    ROUTE_READ,
    ROUTE_FEED,
    ROUTE_REFERENCE,
    ROUTE_CLASSES,
};

struct metrics;
struct reference;

/* Start counting. Service, reference and clock must outlive it; `version` is a constant.
 * Returns: 0, -ENOMEM. */
MUST_CHECK int metrics_new(struct metrics **metrics, struct service *service,
                           const struct reference *reference, const struct clock_source *clock,
                           const char *version);

/* Count a request that has been answered with `status`, of 100 to 599. Any thread; NULL is fine. */
void metrics_request(struct metrics *metrics, enum route_class class, unsigned status);

/* Count something that was not done because a limit was reached; other problems are no refusals.
 * Any thread; NULL is fine. */
void metrics_refusal(struct metrics *metrics, enum problem problem);

/* Packets of the box transport that were dropped, and why. */
enum lost_packet {
    LOST_SIZE,       /* no request has it */
    LOST_UNREADABLE, /* it does not open */
    LOST_RATE,       /* too many new sessions of its address */
    LOST_OP,         /* it asks for what is never answered */
    LOST_ROOM,       /* no memory */
    LOST_UNSENT,     /* an answer that the system did not take */
    LOST_PACKETS,
};

/* Count one. Any thread; NULL is fine. */
void metrics_lost_packet(struct metrics *metrics, enum lost_packet why);

/* The text, which is the caller's to free. Any thread. Returns: 0, -ENOMEM. */
MUST_CHECK int metrics_text(struct metrics *metrics, struct blob *text);

/* Release; NULL is fine. */
void metrics_free(struct metrics *metrics);

#endif
