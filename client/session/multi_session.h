/* Meets at several servers at once, and the one who listens to all of them. */
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

/* DESIGN: each server has a thread and a meet of its own: its own session and keys, its own T1, its
 * own connections, so that servers that compare what they have find nothing in common but the time
 * and perhaps the network address. The thread that runs the company tells what happens and keeps
 * what is to be kept. A meet never waits for it (but once, before a new T1 is shown to anybody):
 * a terminal that is stopped, or a slow disk, does not change what is sent, and so does not show
 * that there was something to tell.
 *
 * A message that was shown is noted as shown, in what is kept, after whoever was told about it has
 * come back. Killed in between, a message is told once more after a return, with the same number;
 * at every other moment each is told once.
 *
 * What is kept is, in format 1, integers big-endian:
 *
 *     "RCOM"  format (4)
 *     length (4)  payload               whoever returns must bring the same
 *     count (4)   of messages shown: how often (4)  length (4)  message
 *     count (4)   of servers: length (4)  name  length (4)  what its meet keeps (saved.c) */

enum { COMPANY_SERVERS_MAX = TALLY_SOURCES_MAX };

/* Who keeps it all. */
struct company_keeper {
    /* Replace what was kept. Called by company_run's thread. Returns: 0, or an error. NULL: nothing
     * is kept. */
    int (*keep)(void *state, const uint8_t *kept, size_t bytes);
    void *state;
};

/* What it points to must outlive the company. */
struct company_settings {
    struct meet_settings meet; /* for all; `event` is called by company_run's thread alone */
    struct transport *const *transports; /* one for each server; stay the caller's */
    const char *const *names;            /* what the servers are known by, from run to run */
    size_t count;                        /* 1 to COMPANY_SERVERS_MAX */
    struct company_keeper keeper;
    /* Once set, nobody reads what is told: messages are kept as not shown. NULL: never. */
    const atomic_bool *muted;
};

struct company;

/* Returns: 0, -ENOMEM. */
MUST_CHECK int company_open(struct company **company, const struct company_settings *settings);

/* Go on with what was kept; before company_run. Servers that are new begin. Any bytes may be given.
 * Returns: 0; -EBADMSG or -ENOTSUP (not to be gone on with); -EBUSY (it is of a server that is not
 * among ours); -EPERM (of another payload); -EXDEV or -EINVAL (of another place or bucket, see
 * meet_resume); -ENOMEM, -EIO. Only company_free is of use then. */
MUST_CHECK int company_resume(struct company *company, const uint8_t *kept, size_t bytes);

/* How many different messages were told, as far as is known: also those of what was gone on with.
 */
size_t company_told(const struct company *company);

/* Tell all of these once more, each as MEET_REVEALED with its number; while the company does not
 * run. */
void company_retell(struct company *company);

/* Meet until asked to stop, or until every meet is over. Each end but a stop is told.
 * Returns: -ECANCELED (asked to stop); what the first server's meet ended with; -ENOMEM. */
MUST_CHECK int company_run(struct company *company);

/* After company_run: what the meet at a server ended with, see meet_step, and whether that server
 * was reached, see meet_was_reached. */
int company_ended(const struct company *company, size_t server);
bool company_reached(const struct company *company, size_t server);

/* Wipe and release; NULL is fine. */
void company_free(struct company *company);

#endif
