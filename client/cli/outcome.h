/* Outcomes of a run and the exit codes of programs. */
#ifndef REUNION_CLI_OUTCOME_H
#define REUNION_CLI_OUTCOME_H

#include <stddef.h>

/* The codes of all programs; where one code has two names, they are different programs'. What each
 * means is in a program's own table, with a row for each it ends with. */
enum outcome {
    OUTCOME_DONE = 0,
    OUTCOME_ALONE = 1,
    OUTCOME_CLOSED = 1,
    OUTCOME_USAGE = 2,
    OUTCOME_SERVER = 3,
    OUTCOME_REFUSED = 4,
    OUTCOME_FAILED = 5,
    OUTCOME_EXCEEDED = 6,
    OUTCOME_GONE = 6,
    OUTCOME_INTERRUPTED = 130,
};

/* An outcome in words, for help, manual and programs. */
struct outcome_row {
    enum outcome code;
    const char *name;    /* one word, which does not change */
    const char *meaning; /* a phrase, begun small, without a full stop */
};

struct program;

/* The name that a program has for an outcome of its table. */
const char *outcome_name(const struct program *program, enum outcome outcome);

/* DESIGN: one form for every error of this machine and of what was named: "cannot DO WHAT: REASON",
 * the reason in the system's words. `err` is a negative errno as the system gave it; `format` says
 * what was to be done, on what (a path, an address, an option), and never a secret. */

/* Say what failed on this machine. Returns: OUTCOME_FAILED. */
enum outcome outcome_failed(int err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Say that standard output takes no more. Returns: OUTCOME_FAILED. */
enum outcome outcome_unwritable(int err);

/* Say that something the user named cannot be used. Returns: OUTCOME_USAGE; OUTCOME_FAILED where
 * the reason is this machine's (memory, descriptors). */
enum outcome outcome_unusable(int err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
