#include "rendezvous/help.h"

#include "option/settings_help.h"
#include "rendezvous/settings.h"

static const struct exit_code_text exit_codes[] = {
    {"0", "stopped as asked"},
    {"1", "no memory or no threads; with --probe: the server is not well"},
    {"2", "bad settings, or a file of the box transport cannot be used"},
    {"3", "the database cannot be used"},
    {"4", "an address cannot be listened on"},
};

enum { EXIT_CODES = sizeof exit_codes / sizeof exit_codes[0] };

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
    exit_codes_help(exit_codes, EXIT_CODES, to);
}
