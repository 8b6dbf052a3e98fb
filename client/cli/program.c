#include "cli/program.h"

#include <stdio.h>

#include "base/log.h"
#include "base/secret.h"
#include "cli/document.h"
#include "cli/narrator.h"
#include "cli/options.h"
#include "cli/run.h"
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

static enum outcome do_as_wished(struct options *options)
{
    if (options->help)
        return show_help();
    return options->version ? show_version() : run(options);
}

int program(int argc, char **argv)
{
    struct options options;
    char complaint[OPTIONS_COMPLAINT_BYTES];
    int err = secret_init();
    if (!err)
        err = options_parse(&options, argc, argv, complaint);
    if (err == -EINVAL) {
        narrator_say("%s", complaint);
        narrator_say("see reunion-client --help");
        return OUTCOME_USAGE;
    }
    if (err) {
        narrator_say("%s", err_text(err));
        return OUTCOME_FAILED;
    }
    if (options.verbose)
        log_set_level(LOG_DEBUG);
    enum outcome outcome = do_as_wished(&options);
    options_clear(&options);
    return (int)outcome;
}
