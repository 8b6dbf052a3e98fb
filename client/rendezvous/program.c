#include "rendezvous/program.h"

#include "cli/mixes.h"
#include "rendezvous/check.h"
#include "rendezvous/run.h"
#include "rendezvous/transports.h"
#include "run/engine.h"
#include "run/options.h"
#include "wire/place_tag.h"

static const struct command_row commands[] = {
    {NULL, NULL, NULL, 0},
    {"check", "find out what is wrong with a server", NULL, 0},
};

static const struct setting_section sections[] = {
    {&message_rows, 0},
    {&passphrase_rows, COMMAND_RENDEZVOUS},
    {&generate_rows, COMMAND_RENDEZVOUS},
    {&confirm_rows, COMMAND_RENDEZVOUS},
    {&place_rows, 0},
    {&bounds_rows, 0},
    {&connection_rows, 0},
    {&mix_rows, 0},
    {&stay_rows, 0},
    {&output_rows, 0},
};

static const struct outcome_row outcomes[] = {
    {OUTCOME_DONE, "met",
     "somebody was met; also --help, --version, and a check that finds nothing wrong"},
    {OUTCOME_ALONE, "alone", "nobody was met in time, or fewer people than --expect says"},
    {OUTCOME_USAGE, "usage", "the options, the passphrase or the message cannot be used"},
    {OUTCOME_SERVER, "unreachable", "the server cannot be reached, or is no REUNION server"},
    {OUTCOME_REFUSED, "refused", "the server refused, or offered a bucket that is not acceptable"},
    {OUTCOME_FAILED, "failed",
     "this machine failed: no memory, no randomness, or no writing to standard output"},
    {OUTCOME_EXCEEDED, "exceeded",
     "more messages came than --expect says: somebody else knows the passphrase"},
    {OUTCOME_INTERRUPTED, "interrupted",
     "stopped by a signal before anybody was met, or before all that --expect says had come"},
};

static const struct outcome_row check_outcomes[] = {
    {OUTCOME_DONE, "sound", "the check found nothing wrong"},
    {OUTCOME_USAGE, "usage", "the options cannot be used"},
    {OUTCOME_SERVER, "unreachable", "the server cannot be reached, or is no REUNION server"},
    {OUTCOME_REFUSED, "refused", "the server's bucket is not acceptable"},
    {OUTCOME_FAILED, "failed",
     "this machine failed: no memory, no randomness, or no writing to standard output"},
    {OUTCOME_INTERRUPTED, "interrupted", "stopped by a signal"},
};

static int complete(struct options *shared, char complaint[static OPTIONS_COMPLAINT_BYTES])
{
    struct run_options *options = (struct run_options *)shared;
    if (options->reference && options->bucket.given)
        return options_complain(complaint, "the reference's server has no buckets: --reference and "
                                           "--bucket do not go together");
    if (options->reference && options->place)
        return options_complain(complaint, "the reference's server has no places: --reference and "
                                           "--place do not go together");
    if (options->place && place_tag(options->place_tag, options->place))
        return options_complain(complaint,
                                "--place wants a name of 1 to %d bytes of UTF-8, without control "
                                "characters and without blanks at its ends",
                                PLACE_NAME_BYTES_MAX);
    if (options->servers.count > 1 && options->bucket.given)
        return options_complain(complaint, "a bucket is one server's: --bucket and several "
                                           "--server do not go together");
    if (options->no_linger && options->expect == 0)
        return options_complain(complaint, "--no-linger goes with --expect alone");
    int err = mixes_check(shared, complaint);
    return err ? err : run_options_check(options, complaint);
}

static enum outcome run_or_check(struct options *shared)
{
    struct run_options *options = (struct run_options *)shared;
    return shared->command == COMMAND_CHECK ? check(&reunion_client_check, options)
                                            : run(&reunion_client, options, transports_open);
}

const struct program reunion_client = {
    .name = "reunion-client",
    .purpose = "Exchange a message with everybody who knows the same passphrase, through a server "
               "that does not learn who met whom. Each message is one line on standard output, as "
               "soon as it is known. With check, find out what is wrong with a server instead.",
    .commands = commands,
    .command_count = sizeof commands / sizeof *commands,
    .table = {.sections = sections,
              .section_count = sizeof sections / sizeof *sections,
              .is_typed = true},
    .paragraphs = message_paragraphs,
    .paragraph_count = MESSAGE_PARAGRAPHS,
    .outcomes = outcomes,
    .outcome_count = sizeof outcomes / sizeof *outcomes,
    .engine = &run_engine,
    .default_server = COMMAND_RENDEZVOUS | COMMAND_CHECK,
    .options_bytes = sizeof(struct run_options),
    .complete = complete,
    .clear = run_options_clear,
    .run = run_or_check,
};

const struct program reunion_client_check = {
    .name = "reunion-client",
    .outcomes = check_outcomes,
    .outcome_count = sizeof check_outcomes / sizeof *check_outcomes,
    .engine = &run_engine,
};
