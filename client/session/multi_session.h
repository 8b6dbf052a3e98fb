/* Sessions at several servers at once, one thread each, with one listener for all. */
#ifndef REUNION_SESSION_MULTI_SESSION_H
#define REUNION_SESSION_MULTI_SESSION_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "session/seen_messages.h"
#include "session/session.h"
#include "transport/transport.h"

/* DESIGN: each server has a thread and a session of its own, with its own keys, T1 and
 * connections. Servers that compare their data find nothing in common but the time and perhaps
 * the network address. The thread that runs the multi-session reports events and saves state. A
 * session waits for that thread only before it shows a new T1. So a stopped terminal or a slow
 * disk does not change what is sent, and does not reveal that there was something to report.
 *
 * A message is saved as shown after the call that reported it has returned. A program that is
 * killed in between reports the message once more after it resumes, with the same number; otherwise
 * each message is reported once.
 *
 * The saved form, format 1, integers big-endian:
 *
 *     "RCOM"  format (4)
 *     length (4)  payload               a resumed run must bring the same
 *     count (4)   of messages shown: how often (4)  length (4)  message
 *     count (4)   of servers: length (4)  name  length (4)  the session's saved form (saved.c) */

enum { MULTI_SESSION_SERVERS_MAX = SEEN_MESSAGES_SOURCES_MAX };

/* Who keeps it all. */
struct multi_session_keeper {
    /* Replace what was kept. Called by multi_session_run's thread. Returns: 0, or an error. NULL:
     * nothing is kept. */
    int (*keep)(void *state, const uint8_t *kept, size_t bytes);
    void *state;
};

/* What it points to must outlive the multi-session. */
struct multi_session_settings {
    struct session_settings
        session; /* for all; `event` is called by multi_session_run's thread alone */
    struct transport *const *transports; /* one for each server; stay the caller's */
    const char *const *names;            /* what the servers are known by, from run to run */
    size_t count;                        /* 1 to MULTI_SESSION_SERVERS_MAX */
    struct multi_session_keeper keeper;
    /* Once set, nobody reads the reports: messages are kept as not shown. NULL: never. */
    const atomic_bool *muted;
};

struct multi_session;

/* Returns: 0, -ENOMEM. */
MUST_CHECK int multi_session_open(struct multi_session **multi_session,
                                  const struct multi_session_settings *settings);

/* Resume from what was saved; before multi_session_run. Servers that are new begin. Any bytes may
 * be given. Returns: 0; -EBADMSG or -ENOTSUP (cannot be resumed); -EBUSY (it is of a server that is
 * not among ours); -EPERM (of another payload); -EXDEV or -EINVAL (of another place or bucket, see
 * session_resume); -ENOMEM, -EIO. Only multi_session_free is of use then. */
MUST_CHECK int multi_session_resume(struct multi_session *multi_session, const uint8_t *kept,
                                    size_t bytes);

/* How many different messages were reported, those of a resumed run included. */
size_t multi_session_reported(const struct multi_session *multi_session);

/* Report all of these once more, each as SESSION_REVEALED with its number; while the multi-session
 * does not run. */
void multi_session_report_again(struct multi_session *multi_session);

/* Run all sessions until asked to stop, or until each has ended. Each end but a stop is reported.
 * Returns: -ECANCELED (asked to stop); what the first server's session ended with; -ENOMEM. */
MUST_CHECK int multi_session_run(struct multi_session *multi_session);

/* After multi_session_run: what the session at a server ended with, see session_step; whether that
 * server was reached, see session_was_reached; and what it failed with, see session_trouble. */
int multi_session_ended(const struct multi_session *multi_session, size_t server);
bool multi_session_reached(const struct multi_session *multi_session, size_t server);
int multi_session_trouble(const struct multi_session *multi_session, size_t server);

/* Wipe and release; NULL is fine. */
void multi_session_free(struct multi_session *multi_session);

#endif
