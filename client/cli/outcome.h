/* What a run ends with: the exit codes of the program. */
#ifndef REUNION_CLI_OUTCOME_H
#define REUNION_CLI_OUTCOME_H

#include <stdbool.h>

#include "cli/signals.h"

enum outcome {
    OUTCOME_MET = 0,           /* stopped or out of time, having met somebody; --help, --version */
    OUTCOME_ALONE = 1,         /* out of time, and nobody came */
    OUTCOME_USAGE = 2,         /* options, passphrase or message are no good */
    OUTCOME_SERVER = 3,        /* the server is out of reach, or no REUNION server */
    OUTCOME_REFUSED = 4,       /* the server or its bucket was refused, or refused us */
    OUTCOME_FAILED = 5,        /* this machine failed: memory, randomness, standard output */
    OUTCOME_INTERRUPTED = 130, /* stopped before anybody was met */
};

/* How a meet's end reads: the code it ended with, see meet_step; why a stop was asked for; whether
 * anybody was met, and whether the server was last seen failing. */
enum outcome outcome_of(int err, enum stop_cause cause, bool met, bool away);

#endif
