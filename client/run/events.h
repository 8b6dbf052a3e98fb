/* Session events as lines of JSON: EVENTS in the manual page. */
#ifndef REUNION_RUN_EVENTS_H
#define REUNION_RUN_EVENTS_H

#include <stddef.h>

#include "base/err.h"
#include "cli/program_table.h"
#include "run/progress.h"
#include "session/session.h"

/* Each writes one line to standard output. Returns: 0, -ENOMEM, or the
 * system's error (it takes no more). */

enum { EVENTS_WORK_BYTES = 128 };

/* What a session reports; `server` is its URL, or NULL on the local network. */
MUST_CHECK int events_session(const struct session_event *event, const char *server);

/* That more work is asked for than may be, by such an event. Returns: `text`. */
const char *events_too_much_work(char text[static EVENTS_WORK_BYTES],
                                 const struct session_event *event);

/* More messages came than were expected. */
MUST_CHECK int events_exceeded(size_t expected, size_t messages);

/* "staying": how long, as was drawn; "lingering": all that was expected has come, and the program
 * stays so long all the same. */
MUST_CHECK int events_seconds(const char *name, int64_t seconds);

/* The program goes on for so long, as a process of its own. */
MUST_CHECK int events_background(int64_t pid, int64_t seconds);

/* The last line: how it ended in the program's words, after so many messages, and how many others
 * were there and answered; `detail` is why, a phrase for people, or NULL. */
MUST_CHECK int events_end(const struct program *program, enum outcome outcome, size_t messages,
                          const struct progress *progress, const char *detail);

#endif
