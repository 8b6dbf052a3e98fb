/* The file of --state: opening, saving and resuming. */
#ifndef REUNION_RUN_PERSISTENCE_H
#define REUNION_RUN_PERSISTENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/outcome.h"
#include "run/options.h"
#include "session/multi_session.h"
#include "state/sealed_file.h"

/* DESIGN: the file has the saved form of the multi-session or of the node. If nothing was owed
 * when it was written, since all senders of its messages have our answers, a mark precedes it:
 * "RFIN" and 1 as four bytes, big-endian. The mark belongs to the file, not to a run: it stays
 * until another message comes. A program that is started again with a marked file has nothing
 * left to do unless it expects more messages than came; with an unmarked file it resumes. */

struct persistence {
    struct sealed_file *file; /* NULL: nothing is kept */
    const char *path;         /* its name */
    uint8_t *kept;            /* guarded; what was in it, or NULL */
    size_t kept_bytes;
    bool finished;   /* nothing is owed to those whose messages are kept */
    bool is_behind;  /* a message came that is not in what was kept last */
    uint8_t *latest; /* guarded; what was kept last, or NULL */
    size_t latest_bytes;
};

/* Check the file that the options name, if any, as far as possible without the passphrase.
 * Returns: OUTCOME_DONE, or OUTCOME_USAGE or OUTCOME_FAILED after reporting why. */
enum outcome persistence_look(const struct run_options *options);

/* Open the file if the options name one. Takes about a second of Argon2id.
 * Returns: OUTCOME_DONE, or OUTCOME_USAGE or OUTCOME_FAILED after reporting why, and nothing has
 * changed; to be closed in any case. */
enum outcome persistence_open(struct persistence *persistence, const struct run_options *options);

/* Mark the file as finished, once: all senders have our answers. If the saved state lacks the last
 * message, the mark is written with the next one, as it would be about another content. Errors are
 * reported. */
void persistence_finish(struct persistence *persistence);

/* Another message has come: state saved from now on has no mark. */
void persistence_go_on(struct persistence *persistence);

/* Something was told that is about to be kept, and is not in what was kept last. */
void persistence_await(struct persistence *persistence);

/* The keeper for a multi-session; `persistence` must outlive it. */
struct multi_session_keeper persistence_keeper(struct persistence *persistence);

/* Wipe the saved state after resuming it, and report `err` of multi_session_resume if it failed.
 * Returns: as persistence_open. */
enum outcome persistence_resumed(struct persistence *persistence, int err);

/* Let a multi-session resume what was saved, if something was.
 * Returns: as persistence_open. */
enum outcome persistence_resume(struct persistence *persistence,
                                struct multi_session *multi_session);

/* Wipe and unlock; one of zeros is fine. */
void persistence_close(struct persistence *persistence);

#endif
