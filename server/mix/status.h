/* What a mix shows to its operator: coarse counts, and whether it is well. */
#ifndef REUNION_SERVER_MIX_STATUS_H
#define REUNION_SERVER_MIX_STATUS_H

#include "base/clock.h"
#include "mix/listener.h"

/* DESIGN: counts are taken at most once in STATUS_MS, and rounded down to multiples of
 * STATUS_STEP: who asks often does not see when a packet came, or what became of it. */

enum { STATUS_MS = 60000, STATUS_STEP = 16 };

struct status {
    struct mix_listener *listener;
    const struct clock_source *clock;
    bool has_counts;
    int64_t taken_ms;
    struct mix_counts counts;
};

/* The text at a path, as status_page_text; `context` is a struct status. One thread. */
unsigned status_text(void *context, const char *path, char *text);

#endif
