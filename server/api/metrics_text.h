/* Metrics as text; counts are rounded. */
#ifndef REUNION_API_METRICS_TEXT_H
#define REUNION_API_METRICS_TEXT_H

#include "api/metrics.h"
#include "compat/reference.h"

enum { STATUS_CLASSES = 5 }; /* 1xx to 5xx */

struct metrics_sample {
    const char *version;
    int64_t start_s;
    uint64_t requests[ROUTE_CLASSES][STATUS_CLASSES];
    uint64_t refusals[PROBLEMS];
    uint64_t lost_packets[LOST_PACKETS];
    struct service_counts service;
    struct reference_counts reference;
};

/* Whether a problem says that a limit was reached. */
bool metrics_is_refusal(enum problem problem);

/* Write a sample in text format 0.0.4; the blob is the caller's to free. Returns: 0, -ENOMEM. */
MUST_CHECK int metrics_print(const struct metrics_sample *sample, struct blob *text);

#endif
