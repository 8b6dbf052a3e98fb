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

struct narrator {
    const struct program *program;
    bool json;
    bool verbose;
    size_t expected; /* messages; 0: nobody in particular */
    const struct option_texts *servers;
    const struct clock_source *clock;
    struct progress progress;
    struct meet_event counts[COMPANY_SERVERS_MAX]; /* the last of each server */
    size_t shown;                                  /* messages */
    unsigned away; /* a bit for each server that was last seen failing */
    int broken;    /* why standard output takes no more; 0: it does */
};

/* Before anything else is told. Returns: false if standard output takes nothing. */
MUST_CHECK bool narrator_begin(struct narrator *narrator);

/* After all else. Returns: `outcome`, or what became of it because standard output takes no more.
 */
enum outcome narrator_end(struct narrator *narrator, enum outcome outcome);

/* At the beginning: the program stays so long, as was drawn. */
void narrator_stays(struct narrator *narrator, int64_t seconds);

/* All that was expected has come, and the program stays so long all the same. */
void narrator_lingers(struct narrator *narrator, int64_t seconds);

/* It was interrupted, and goes on in the background in a moment, for so long. */
void narrator_will_go_on(struct narrator *narrator, int64_t seconds);

/* It goes on in the background, as process `pid`. */
void narrator_goes_on(struct narrator *narrator, int64_t pid, int64_t seconds);

/* Tell what happens at one of the servers. */
void narrator_event(struct narrator *narrator, const struct meet_event *event);

/* How many answers of ours are not yet stored, as far as that was told. */
size_t narrator_owed(const struct narrator *narrator);

#endif
