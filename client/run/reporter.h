/* Reports to the user: messages on standard output and the rest on standard error, or events for
 * programs. */
#ifndef REUNION_RUN_REPORTER_H
#define REUNION_RUN_REPORTER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "cli/program_table.h"
#include "run/progress.h"
#include "session/multi_session.h"

enum { REFUSAL_BYTES = 256 };

/* What a server refused, and in which words. */
struct refusal {
    struct session_event event; /* its `trouble` is not to be used */
    char text[REFUSAL_BYTES];
};

struct reporter {
    const struct program *program;
    bool json;
    bool verbose;
    size_t expected; /* messages; 0: nobody in particular */
    const struct setting_strings *servers;
    const struct clock_source *clock;
    struct progress progress;
    struct session_event counts[MULTI_SESSION_SERVERS_MAX]; /* the last of each server */
    struct refusal refusals[MULTI_SESSION_SERVERS_MAX];     /* the last of each server */
    bool waited;                   /* we were at some server, where others could find us */
    const struct secret_text *own; /* the message that we send */
    bool own_shown;                /* somebody else sent the same, or another run of ours */
    size_t shown;                  /* messages */
    unsigned away;                 /* a bit for each server that was last seen failing */
    int broken;                    /* why standard output takes no more; 0: it does */
};

/* Before anything else is reported. Returns: false if standard output takes nothing. */
MUST_CHECK bool reporter_begin(struct reporter *reporter);

/* After all else. Returns: `outcome`, or what became of it because standard output takes no more.
 */
enum outcome reporter_end(struct reporter *reporter, enum outcome outcome);

/* Report the length of the stay, if it was drawn, at the beginning. */
void reporter_stays(struct reporter *reporter, int64_t seconds);

/* Report that all expected messages have come, and that the program stays so long. */
void reporter_lingers(struct reporter *reporter, int64_t seconds);

/* Report that the interrupted program will continue in the background for so long. */
void reporter_will_go_on(struct reporter *reporter, int64_t seconds);

/* Report that it continues in the background as process `pid`. */
void reporter_goes_on(struct reporter *reporter, int64_t pid, int64_t seconds);

/* Report an event of the session at one of the servers. */
void reporter_event(struct reporter *reporter, const struct session_event *event);

/* How many messages count for what is expected: one like our own only if no other has come. */
size_t reporter_counted(const struct reporter *reporter);

/* How many of our answers are not stored yet, by the last events. */
size_t reporter_owed(const struct reporter *reporter);

#endif
