#include "mix/help.h"

#include "mix/config.h"
#include "option/settings_help.h"

static const struct exit_code_text exit_codes[] = {
    {"0", "stopped as asked"},
    {"1", "no memory or no threads; with --probe: the mix is not well"},
    {"2", "bad settings, or the key or the net file cannot be used"},
    {"3", "the state folder cannot be used"},
    {"4", "an address cannot be received at"},
};

enum { EXIT_CODES = sizeof exit_codes / sizeof exit_codes[0] };

void mix_help_print(FILE *to)
{
    fputs("reunion-mix: hides who talks to a rendezvous server\n\n"
          "usage: reunion-mix [FLAG]...\n"
          "       reunion-mix key --name NAME [--host ADDRESS:PORT] [FLAG]...\n",
          to);
    settings_help(&mix_settings, to);
    fputs(
        "\n"
        "TIME is in milliseconds (250ms) or seconds (1s).\n"
        "Each setting can also come from the environment (--tags-max as REUNION_MIX_TAGS_MAX) or\n"
        "from a JSON file (key \"tags-max\"); flags override the environment, and that\n"
        "overrides the file. The manual page reunion-mix(8) says more.\n",
        to);
    exit_codes_help(exit_codes, EXIT_CODES, to);
}
