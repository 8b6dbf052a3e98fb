/* The file of --state, and what is said when it will not do. */
#ifndef REUNION_RUN_PERSISTENCE_H
#define REUNION_RUN_PERSISTENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/outcome.h"
#include "run/options.h"
#include "session/multi_session.h"
#include "state/sealed_file.h"

/* DESIGN: what is kept is the multi-session's or the node's; where nothing was owed when it was
 * written, as all whose messages are in it have our answers, a mark stands before it: "RFIN" and 1
 * as four bytes, big-endian. The mark is of the file, not of a run: it stays until another message
 * comes. A program that is started again with such a file has nothing left to do, if it expects no
 * more than came; with one that was stopped before that, it has. */

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

/* Look whether the file that the options name, if any, can be used, as far as can be seen without
 * the passphrase. Returns: OUTCOME_DONE, or OUTCOME_USAGE or OUTCOME_FAILED after reporting why. */
enum outcome persistence_look(const struct run_options *options);

/* Open the file if the options name one. Takes about a second of Argon2id.
 * Returns: OUTCOME_DONE, or OUTCOME_USAGE or OUTCOME_FAILED after reporting why, and nothing has
 * changed; to be closed in any case. */
enum outcome persistence_open(struct persistence *persistence, const struct run_options *options);

/* All whose messages came have our answers: note that in the file, once; with what is kept next
 * where the last message is not in it yet, as the mark would be about another content. Errors are
 * reported. */
void persistence_finish(struct persistence *persistence);

/* Another message has come: what is kept from now on is not finished. */
void persistence_go_on(struct persistence *persistence);

/* Something was told that is about to be kept, and is not in what was kept last. */
void persistence_await(struct persistence *persistence);

/* Who keeps what a multi-session needs; `persistence` must outlive it. */
struct multi_session_keeper persistence_keeper(struct persistence *persistence);

/* What came of resuming what was saved, which is wiped: `err` as multi_session_resume gives it.
 * Returns: as persistence_open. */
enum outcome persistence_resumed(struct persistence *persistence, int err);

/* Let a multi-session resume what was saved, if something was.
 * Returns: as persistence_open. */
enum outcome persistence_resume(struct persistence *persistence,
                                struct multi_session *multi_session);

/* Wipe and unlock; one of zeros is fine. */
void persistence_close(struct persistence *persistence);

#endif
