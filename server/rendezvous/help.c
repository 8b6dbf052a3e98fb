#include "rendezvous/help.h"

#include "option/settings_help.h"
#include "rendezvous/settings.h"

static const char *const exit_codes[] = {
    "stopped as asked",
    "no memory or no threads; with --probe: the server is not well",
    "bad settings, or a file of the box transport cannot be used",
    "the database cannot be used",
    "an address cannot be listened on",
};

void help_print(FILE *to)
{
    fputs("reunion-server: a rendezvous for people who share a passphrase\n\n"
          "usage: reunion-server [FLAG]...\n"
          "       reunion-server key [--host HOST[:PORT]]... [--qr] [FLAG]...\n",
          to);
    settings_help(&server_settings, to);
    fputs("\n"
          "TIME is in seconds, or with s, m, h or d behind it; SIZE in bytes, or with K, M or G.\n"
          "Each setting can also come from the environment (--open-window as REUNION_OPEN_WINDOW) "
          "or\n"
          "from a JSON file (key \"open-window\"); flags override the environment, and that\n"
          "overrides the file. The manual page reunion-server(8) says more.\n",
          to);
    fputs("\nExit status:\n", to);
    for (int i = 0; i < (int)(sizeof exit_codes / sizeof *exit_codes); i++)
        help_exit_code(to, i, exit_codes[i]);
}
