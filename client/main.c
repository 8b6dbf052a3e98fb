#include <stdio.h>

#include "base/log.h"
#include "base/secret.h"
#include "cli/narrator.h"
#include "cli/options.h"
#include "cli/run.h"
#include "reunion/reunion.h"

int main(int argc, char **argv)
{
    struct options options;
    char complaint[OPTIONS_COMPLAINT_BYTES];
    int err = secret_init();
    if (!err)
        err = options_parse(&options, argc, argv, complaint);
    if (err) {
        narrator_say("%s", err == -EINVAL ? complaint : err_text(err));
        if (err == -EINVAL)
            narrator_say("see reunion-client --help");
        return err == -EINVAL ? OUTCOME_USAGE : OUTCOME_FAILED;
    }
    if (options.verbose)
        log_set_level(LOG_DEBUG);
    enum outcome outcome = OUTCOME_MET;
    if (options.wish == WISH_HELP)
        fputs(options_help, stdout);
    else if (options.wish == WISH_VERSION)
        printf("reunion-client %s\n", reunion_version());
    else
        outcome = run(&options);
    options_clear(&options);
    return (int)outcome;
}
