#include "ethernet/program.h"

#include "ethernet/options.h"
#include "ethernet/run.h"
#include "run/engine.h"

static const struct command_row commands[] = {{NULL, NULL, NULL, 0}};

static const struct setting_section sections[] = {
    {&ethernet_message_rows, 0}, {&passphrase_rows, 0},    {&generate_rows, 0}, {&confirm_rows, 0},
    {&ethernet_network_rows, 0}, {&ethernet_stay_rows, 0}, {&output_rows, 0},
};

static const struct outcome_row outcomes[] = {
    {OUTCOME_DONE, "met", "somebody was met; also --help and --version"},
    {OUTCOME_ALONE, "alone", "nobody was met in time, or fewer people than --expect says"},
    {OUTCOME_USAGE, "usage", "the options, the passphrase or the message cannot be used"},
    {OUTCOME_SERVER, "unreachable", "nobody was met in time, as there was no network interface"},
    {OUTCOME_FAILED, "failed",
     "this machine failed: no memory, no randomness, or no writing to standard output"},
    {OUTCOME_EXCEEDED, "exceeded",
     "more messages came than --expect says: somebody else knows the passphrase"},
    {OUTCOME_INTERRUPTED, "interrupted",
     "stopped by a signal before anybody was met, or before all that --expect says had come"},
};

static enum outcome run(struct options *options)
{
    return ethernet_run(&reunion_on_an_ethernet, (struct ethernet_options *)options);
}

const struct program reunion_on_an_ethernet = {
    .name = "reunion-on-an-ethernet",
    .purpose = "Exchange a message with everybody on the same local network who knows the same "
               "passphrase, without a server. Each message is one line on standard output, as soon "
               "as it is known.",
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
    .options_bytes = sizeof(struct ethernet_options),
    .complete = ethernet_options_complete,
    .clear = run_options_clear,
    .run = run,
};
