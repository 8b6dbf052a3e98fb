#include "cli/options.h"

#define AT(member) offsetof(struct options, member)

enum { FD_MAX = 1048576, SECONDS_MAX = 1000000000, SEQUENCE_MAX = 1000000 };

#define ROWS(name, array) const struct option_rows name = {array, sizeof array / sizeof *array}

static const struct option_row passphrase_array[] = {
    {"passphrase-file", NULL, 0, OPTION_INPUT, AT(passphrase_file), 0, 0, COMMANDS_ALL, HINT_FILE,
     "FILE", NULL, "read the passphrase from a file",
     "Read the passphrase from FILE, which holds one line; - is standard input."},
    {"passphrase-fd", NULL, 0, OPTION_DESCRIPTOR, AT(passphrase_fd), 0, FD_MAX, COMMANDS_ALL,
     HINT_NONE, "N", "the number of an open descriptor",
     "read the passphrase from an open descriptor",
     "Read it from the open descriptor N, to its end."},
    {"passphrase", NULL, 0, OPTION_SECRET, AT(passphrase), 0, 0, COMMANDS_ALL, HINT_NONE, "TEXT",
     NULL, "the passphrase; others can see it",
     "The passphrase itself. An argument can be seen by others before the program starts, and "
     "stays in the shell's history: rather be asked, or use one of the other ways."},
};
ROWS(passphrase_rows, passphrase_array);

static const struct option_row generate_array[] = {
    {"generate", NULL, 0, OPTION_SWITCH, AT(generate), 0, 0, COMMANDS_ALL, HINT_NONE, NULL, NULL,
     "make a new passphrase and show it once",
     "Make a passphrase of eight words, 88 bits, and show it once on the terminal, to be passed "
     "on."},
};
ROWS(generate_rows, generate_array);

static const struct option_row confirm_array[] = {
    {"confirm", NULL, 0, OPTION_SWITCH, AT(confirm), 0, 0, COMMANDS_ALL, HINT_NONE, NULL, NULL,
     "ask for the passphrase twice",
     "Ask for the passphrase twice, so that a slip of the finger shows."},
};
ROWS(confirm_rows, confirm_array);

static const struct option_row way_array[] = {
    {"cacert", NULL, 0, OPTION_INPUT, AT(ca_file), 0, 0, COMMANDS_ALL, HINT_FILE, "FILE", NULL,
     "the certificate authorities to trust",
     "For https, trust the certificate authorities in this PEM file instead of the system's."},
    {"pin", NULL, 0, OPTION_TEXT, AT(pin), 0, 0, COMMANDS_ALL, HINT_NONE, "HASH", NULL,
     "the hash of the public key to expect",
     "For https, take only a server whose public key has this hash, sha256//BASE64, besides its "
     "certificate being good; several with ';' between."},
    {"insecure-http", NULL, 0, OPTION_SWITCH, AT(insecure_http), 0, 0, COMMANDS_ALL, HINT_NONE,
     NULL, NULL, "http over any network",
     "Use http over a network where others can read along and answer in the server's place."},
    {"proxy", NULL, 0, OPTION_TEXT, AT(proxy), 0, 0, COMMANDS_ALL, HINT_URL, "URL", NULL,
     "a proxy to go through, such as Tor",
     "Go through a proxy, socks5h://HOST:PORT or http://HOST:PORT, which also looks names up. At a "
     "SOCKS proxy each kind of request has a name of its own, which is a circuit of its own in "
     "Tor: socks5h://127.0.0.1:9050."},
};
ROWS(way_rows, way_array);

static const struct option_row bounds_array[] = {
    {"tolerance", NULL, 0, OPTION_NUMBER, AT(tolerance_s), 0, SECONDS_MAX, COMMANDS_ALL, HINT_NONE,
     "SECONDS", "whole seconds, 0 to 1000000000", "how far clocks may be apart",
     "Refuse a bucket whose time is further than this from what the clock here allows; 300 unless "
     "told."},
    {"max-sequence", NULL, 0, OPTION_NUMBER, AT(sequence_max), 0, SEQUENCE_MAX, COMMANDS_ALL,
     HINT_NONE, "N", "a number from 0 to 1000000", "buckets of one window at most",
     "Refuse a bucket of private links with a higher number among those of its hour; 16 unless "
     "told. A server that gives each invitation a bucket of its own shows it here. Where people "
     "meet, a higher number means no more than that very many have come."},
};
ROWS(bounds_rows, bounds_array);

static const struct option_row output_array[] = {
    {"json", NULL, 0, OPTION_SWITCH, AT(json), 0, 0, COMMANDS_ALL, HINT_NONE, NULL, NULL,
     "tell events as lines of JSON",
     "Write what happens as events to standard output, one line of JSON each, and nothing else; "
     "EVENTS in the manual page lists them."},
    {"verbose", NULL, 'v', OPTION_SWITCH, AT(verbose), 0, 0, COMMANDS_ALL, HINT_NONE, NULL, NULL,
     "tell what happens", "Tell on standard error what happens, as a log."},
    {"help", NULL, 'h', OPTION_SWITCH, AT(help), 0, 0, COMMANDS_ALL, HINT_NONE, NULL, NULL,
     "show a help text", "Show this."},
    {"version", NULL, 'V', OPTION_SWITCH, AT(version), 0, 0, COMMANDS_ALL, HINT_NONE, NULL, NULL,
     "show the version", "Show the version, and the engine where one computes."},
};
ROWS(output_rows, output_array);
