/* Telling the user: messages on standard output, everything else on standard error; or telling a
 * program, by events on standard output. */
#ifndef REUNION_RUN_REPORTER_H
#define REUNION_RUN_REPORTER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "cli/program.h"
#include "run/progress.h"
#include "session/multi_session.h"

struct reporter {
    const struct program *program;
    bool json;
    bool verbose;
    size_t expected; /* messages; 0: nobody in particular */
    const struct option_texts *servers;
    const struct clock_source *clock;
    struct progress progress;
    struct session_event counts[MULTI_SESSION_SERVERS_MAX]; /* the last of each server */
    size_t shown;                                           /* messages */
    unsigned away; /* a bit for each server that was last seen failing */
    int broken;    /* why standard output takes no more; 0: it does */
};

/* Before anything else is reported. Returns: false if standard output takes nothing. */
MUST_CHECK bool reporter_begin(struct reporter *reporter);

/* After all else. Returns: `outcome`, or what became of it because standard output takes no more.
 */
enum outcome reporter_end(struct reporter *reporter, enum outcome outcome);

/* At the beginning: the program stays so long, as was drawn. */
void reporter_stays(struct reporter *reporter, int64_t seconds);

/* All that was expected has come, and the program stays so long all the same. */
void reporter_lingers(struct reporter *reporter, int64_t seconds);

/* It was interrupted, and goes on in the background in a moment, for so long. */
void reporter_will_go_on(struct reporter *reporter, int64_t seconds);

/* It goes on in the background, as process `pid`. */
void reporter_goes_on(struct reporter *reporter, int64_t pid, int64_t seconds);

/* Report what happens at one of the servers. */
void reporter_event(struct reporter *reporter, const struct session_event *event);

/* How many answers of ours are not yet stored, as far as that was reported. */
size_t reporter_owed(const struct reporter *reporter);

#endif
