#include "cli/program.h"

#include <stdbool.h>
#include <stdio.h>

#include "base/log.h"
#include "base/secret.h"
#include "cli/check.h"
#include "cli/document.h"
#include "cli/narrator.h"
#include "cli/options.h"
#include "cli/run.h"
#include "cli/words.h"
#include "reunion/reunion.h"

static enum outcome show_version(void)
{
    bool written = printf("reunion-client %s (CTIDH engine: %s)\n", reunion_version(),
                          reunion_engine()) >= 0 &&
                   fflush(stdout) == 0;
    return written ? OUTCOME_MET : OUTCOME_FAILED;
}

static enum outcome show_help(void)
{
    document_help(stdout);
    return ferror(stdout) || fflush(stdout) ? OUTCOME_FAILED : OUTCOME_MET;
}

/* Somebody who asks for an engine wants that one, or to know. */
static bool engine_is_as_wished(void)
{
    switch (reunion_engine_check()) {
    case 0:
        return true;
    case -ENOTSUP:
        narrator_say("this machine cannot run the engine that REUNION_CTIDH names");
        return false;
    default:
        narrator_say("REUNION_CTIDH names no engine: there are portable, scalar and avx512");
        return false;
    }
}

static enum outcome do_as_wished(struct options *options)
{
    if (options->help)
        return show_help();
    if (options->version)
        return show_version();
    return options->command == COMMAND_CHECK ? check(options) : run(options);
}

/* Read what the user wants. Gives: OUTCOME_MET and options to be cleared, or what it ends with. */
static enum outcome read_wishes(struct options *options, int argc, char **argv)
{
    char complaint[OPTIONS_COMPLAINT_BYTES];
    struct secret_text environment = {0};
    int err = secret_init();
    if (!err)
        err = words_take_environment(&environment);
    if (err == -EMSGSIZE) {
        narrator_say("REUNION_PASSPHRASE is over %d bytes long", SECRET_TEXT_BYTES_MAX);
        return OUTCOME_USAGE;
    }
    if (!err)
        err = options_parse(options, argc, argv, complaint);
    if (err) {
        secret_text_clear(&environment);
        narrator_say("%s", err == -EINVAL ? complaint : err_text(err));
        if (err == -EINVAL)
            narrator_say("see reunion-client --help");
        return err == -EINVAL ? OUTCOME_USAGE : OUTCOME_FAILED;
    }
    options->environment = environment;
    return OUTCOME_MET;
}

int program(int argc, char **argv)
{
    struct options options;
    enum outcome outcome = read_wishes(&options, argc, argv);
    if (outcome != OUTCOME_MET)
        return (int)outcome;
    if (options.verbose)
        log_set_level(LOG_DEBUG);
    outcome = OUTCOME_USAGE;
    if (options.help || engine_is_as_wished())
        outcome = do_as_wished(&options);
    options_clear(&options);
    return (int)outcome;
}
