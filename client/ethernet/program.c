#include "ethernet/program.h"

#include "ethernet/options.h"
#include "ethernet/run.h"
#include "rendezvous/engine.h"

static const struct command_row commands[] = {{NULL, NULL, NULL, 0}};

static const struct option_section sections[] = {
    {"Passphrase and message", &ethernet_message_rows, COMMANDS_ALL},
    {NULL, &passphrase_rows, COMMANDS_ALL},
    {NULL, &generate_rows, COMMANDS_ALL},
    {NULL, &confirm_rows, COMMANDS_ALL},
    {"The network", &ethernet_network_rows, COMMANDS_ALL},
    {"How long and how hard", &ethernet_stay_rows, COMMANDS_ALL},
    {"What is told", &output_rows, COMMANDS_ALL},
};

static const struct outcome_row outcomes[] = {
    {OUTCOME_DONE, "met", "somebody was met; also --help and --version"},
    {OUTCOME_ALONE, "alone", "nobody came in time, or fewer than --expect names"},
    {OUTCOME_USAGE, "usage", "options, passphrase or message are no good"},
    {OUTCOME_SERVER, "unreachable", "nobody came in time, as there was no network interface"},
    {OUTCOME_FAILED, "failed", "this machine failed: memory, randomness, standard output"},
    {OUTCOME_EXCEEDED, "exceeded",
     "more came than --expect names: somebody else knows the passphrase"},
    {OUTCOME_INTERRUPTED, "interrupted",
     "stopped by a signal before anybody, or all that --expect names, had come"},
};

static enum outcome run(struct options *options)
{
    return ethernet_run(&reunion_on_an_ethernet, (struct ethernet_options *)options);
}

const struct program reunion_on_an_ethernet = {
    .name = "reunion-on-an-ethernet",
    .purpose = "Meet whoever knows the same passphrase on the same local network, without a "
               "server. Each message of somebody met is one line on standard output, as soon as it "
               "is known.",
    .commands = commands,
    .command_count = sizeof commands / sizeof *commands,
    .sections = sections,
    .section_count = sizeof sections / sizeof *sections,
    .paragraphs = message_paragraphs,
    .paragraph_count = MESSAGE_PARAGRAPHS,
    .outcomes = outcomes,
    .outcome_count = sizeof outcomes / sizeof *outcomes,
    .engine = &rendezvous_engine,
    .options_bytes = sizeof(struct ethernet_options),
    .complete = ethernet_options_complete,
    .clear = rendezvous_options_clear,
    .run = run,
};
