#include "mix/help.h"

#include "mix/config.h"
#include "option/settings_help.h"

static const char *const exit_codes[] = {
    "stopped as asked",
    "no memory or no threads; with --probe: the mix is not well",
    "bad settings, or the key or the net file cannot be used",
    "the state folder cannot be used",
    "an address cannot be received at",
};

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
    fputs("\nExit status:\n", to);
    for (int i = 0; i < (int)(sizeof exit_codes / sizeof *exit_codes); i++)
        help_exit_code(to, i, exit_codes[i]);
}
