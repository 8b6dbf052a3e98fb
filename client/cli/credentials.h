/* The passphrase of a run, read from the one source that gives it. */
#ifndef REUNION_CLI_CREDENTIALS_H
#define REUNION_CLI_CREDENTIALS_H

#include <stdbool.h>

#include "base/random.h"
#include "base/stop.h"
#include "cli/outcome.h"
#include "cli/shared_options.h"

/* DESIGN: what is read here is looked at once (phrase.h): whatever may keep two from meeting, or
 * lets a third guess the passphrase, is said on standard error, and told as an event where events
 * are. */

/* Where a passphrase can come from. */
enum credentials_source {
    CREDENTIALS_ARGUMENT,    /* --passphrase */
    CREDENTIALS_FILE,        /* --passphrase-file */
    CREDENTIALS_DESCRIPTOR,  /* --passphrase-fd */
    CREDENTIALS_GENERATED,   /* --generate */
    CREDENTIALS_ENVIRONMENT, /* REUNION_PASSPHRASE */
    CREDENTIALS_CREDENTIAL,  /* what systemd hands over */
    CREDENTIALS_ASKED,
};

/* The one place the passphrase comes from: what the command line names goes before the environment,
 * and that before a credential; the user is asked when nothing gives it. `credential` is the
 * credential's file, or NULL. */
enum credentials_source credentials_source(const struct options *options, const char *credential);

/* Move REUNION_PASSPHRASE out of the environment, overwriting it where it stood, so that neither
 * /proc nor a program started later shows it; nothing happens where there is none.
 * Call before threads start. Returns: 0, -EMSGSIZE, -ENOMEM; it is gone in any case. */
MUST_CHECK int credentials_take_environment(struct secret_text *passphrase);

/* Whether the passphrase is to be asked for; whether standard input is named as its place. */
bool credentials_passphrase_is_asked(const struct options *options);
bool credentials_passphrase_is_input(const struct options *options);

/* Whether there is the terminal that --generate and --confirm need; known before all else. Errors
 * are reported. Returns: OUTCOME_DONE, OUTCOME_USAGE. */
enum outcome credentials_ready(const struct options *options);

/* Fill `options->passphrase`, reading or asking where it is not given, and check it; errors and
 * doubts are reported. `chosen`: it is new here, so that it matters how easily it is guessed.
 * Returns: OUTCOME_DONE to go on, or the end of the run. */
enum outcome credentials_passphrase(struct options *options, bool chosen,
                                    const struct random_source *random,
                                    const struct stop_source *stop);

/* A text that a program needs besides a passphrase. */
struct credentials_text {
    const char *name;     /* "message" */
    const char *question; /* "Message: " */
    bool hidden;          /* as it is typed */
    const char *file;     /* its name, or NULL */
    struct secret_text *text;
};

/* Fill `text->text` if it is not given: from the file; by asking on a terminal; from standard input
 * as a whole, but a line of it where the passphrase is to follow there. Errors are reported.
 * Returns: as credentials_passphrase. */
enum outcome credentials_text(const struct credentials_text *text, const struct options *options,
                              const struct stop_source *stop);

#endif
