/* Telling the user: messages on standard output, everything else on standard error. */
#ifndef REUNION_CLI_NARRATOR_H
#define REUNION_CLI_NARRATOR_H

#include <stdbool.h>
#include <stddef.h>

#include "meet/meet.h"

struct narrator {
    bool verbose;
    size_t shown; /* messages */
    bool away;    /* the server was last seen failing */
    bool broken;  /* standard output takes no more */
};

/* A meet's `event`; `state` is the narrator. */
void narrator_event(void *state, const struct meet_event *event);

/* One line on standard error. */
void narrator_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
