/* The message and the passphrase of a run, from wherever they are given. */
#ifndef REUNION_CLI_WORDS_H
#define REUNION_CLI_WORDS_H

#include "base/random.h"
#include "base/stop.h"
#include "cli/options.h"
#include "cli/outcome.h"

/* Where a passphrase can come from. */
enum words_source {
    WORDS_ARGUMENT,    /* --passphrase */
    WORDS_FILE,        /* --passphrase-file */
    WORDS_DESCRIPTOR,  /* --passphrase-fd */
    WORDS_GENERATED,   /* --generate */
    WORDS_ENVIRONMENT, /* REUNION_PASSPHRASE */
    WORDS_CREDENTIAL,  /* what systemd hands over */
    WORDS_ASKED,
};

/* The one place the passphrase comes from: what the command line names goes before the environment,
 * and that before a credential; the user is asked when nothing gives it. `credential` is the
 * credential's file, or NULL. */
enum words_source words_source(const struct options *options, const char *credential);

/* Move REUNION_PASSPHRASE out of the environment, overwriting it where it stood, so that neither
 * /proc nor a program started later shows it; nothing happens where there is none.
 * Call before threads start. Gives: 0, -EMSGSIZE, -ENOMEM; it is gone in any case. */
MUST_CHECK int words_take_environment(struct secret_text *passphrase);

/* Fill `options->message` and `options->passphrase`, reading or asking where they are not given,
 * and check them; what is wrong is told. Gives: OUTCOME_MET to go on, or the end of the run. */
enum outcome words_gather(struct options *options, const struct random_source *random,
                          const struct stop_source *stop);

#endif
