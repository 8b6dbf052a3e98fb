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

/* DESIGN: what is kept is the company's or the node's; where nothing was owed when it was written,
 * as all whose messages are in it have our answers, a mark stands before it: "RFIN" and 1 as four
 * bytes, big-endian. The mark is of the file, not of a run: it stays until another message comes. A
 * program that is started again with such a file has nothing left to do, if it expects no more than
 * came; with one that was stopped before that, it has. */

struct keeping {
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
 * the passphrase. Returns: OUTCOME_DONE, or OUTCOME_USAGE or OUTCOME_FAILED having said why. */
enum outcome keeping_look(const struct rendezvous_options *options);

/* Open the file if the options name one. Takes about a second of Argon2id.
 * Returns: OUTCOME_DONE, or OUTCOME_USAGE or OUTCOME_FAILED having said why, and nothing has
 * changed; to be closed in any case. */
enum outcome keeping_open(struct keeping *keeping, const struct rendezvous_options *options);

/* All whose messages came have our answers: note that in the file, once; with what is kept next
 * where the last message is not in it yet, as the mark would be about another content. What goes
 * wrong is said. */
void keeping_finish(struct keeping *keeping);

/* Another message has come: what is kept from now on is not finished. */
void keeping_go_on(struct keeping *keeping);

/* Something was told that is about to be kept, and is not in what was kept last. */
void keeping_await(struct keeping *keeping);

/* Who keeps what a company needs; `keeping` must outlive it. */
struct company_keeper keeping_keeper(struct keeping *keeping);

/* What came of going on with what was kept, which is wiped: `err` as company_resume gives it.
 * Returns: as keeping_open. */
enum outcome keeping_resumed(struct keeping *keeping, int err);

/* Let a company go on with what was kept, if something was.
 * Returns: as keeping_open. */
enum outcome keeping_resume(struct keeping *keeping, struct company *company);

/* Wipe and unlock; a keeping of zeros is fine. */
void keeping_close(struct keeping *keeping);

#endif
