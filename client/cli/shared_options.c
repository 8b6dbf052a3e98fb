#include "cli/shared_options.h"

#define AT(member) offsetof(struct options, member)

enum { FD_MAX = 1048576, SECONDS_MAX = 1000000000, SEQUENCE_MAX = 1000000, COVER_S_MAX = 3600 };

#define ROWS(name, array) const struct option_rows name = {array, sizeof array / sizeof *array}

static const struct option_row passphrase_array[] = {
    {"passphrase-file", NULL, 0, OPTION_INPUT, AT(passphrase_file), 0, 0, COMMANDS_ALL, HINT_FILE,
     "FILE", NULL, "read the passphrase from a file",
     "Read the passphrase from FILE, which holds one line; - is standard input."},
    {"passphrase-fd", NULL, 0, OPTION_DESCRIPTOR, AT(passphrase_fd), 0, FD_MAX, COMMANDS_ALL,
     HINT_NONE, "N", "the number of an open descriptor",
     "read the passphrase from an open descriptor",
     "Read the passphrase from the open descriptor N, to its end."},
    {"passphrase", NULL, 0, OPTION_SECRET, AT(passphrase), 0, 0, COMMANDS_ALL, HINT_NONE, "TEXT",
     NULL, "the passphrase; others can see it",
     "The passphrase itself. Others can see an argument until the program has started, and the "
     "shell keeps it in its history: better leave this out and be asked, or use one of the options "
     "above."},
};
ROWS(passphrase_rows, passphrase_array);

static const struct option_row generate_array[] = {
    {"generate", NULL, 0, OPTION_SWITCH, AT(generate), 0, 0, COMMANDS_ALL, HINT_NONE, NULL, NULL,
     "make a new passphrase and show it once",
     "Make a passphrase of eight words, 88 bits, and show it once on the terminal, so that you can "
     "pass it on."},
};
ROWS(generate_rows, generate_array);

static const struct option_row confirm_array[] = {
    {"confirm", NULL, 0, OPTION_SWITCH, AT(confirm), 0, 0, COMMANDS_ALL, HINT_NONE, NULL, NULL,
     "ask for the passphrase twice", "Ask for the passphrase twice, to notice a typing mistake."},
};
ROWS(confirm_rows, confirm_array);

static const struct option_row connection_array[] = {
    {"cacert", NULL, 0, OPTION_INPUT, AT(ca_file), 0, 0, COMMANDS_ALL, HINT_FILE, "FILE", NULL,
     "the certificate authorities to trust",
     "For https: trust the certificate authorities in this PEM file instead of the system's."},
    {"pin", NULL, 0, OPTION_TEXT, AT(pin), 0, 0, COMMANDS_ALL, HINT_NONE, "HASH", NULL,
     "the hash of the public key to expect",
     "For https: accept only a server whose certificate is good and whose public key has this "
     "hash, sha256//BASE64. Separate several with ';'."},
    {"insecure-http", NULL, 0, OPTION_SWITCH, AT(insecure_http), 0, 0, COMMANDS_ALL, HINT_NONE,
     NULL, NULL, "http over any network",
     "Allow http over a network, where others can read along and answer in the server's place."},
    {"proxy", NULL, 0, OPTION_TEXT, AT(proxy), 0, 0, COMMANDS_ALL, HINT_URL, "URL", NULL,
     "a proxy to use, such as Tor",
     "Use a proxy, socks5h://HOST:PORT or http://HOST:PORT. The proxy looks names up as well. Each "
     "kind of request logs in to a SOCKS proxy under a name of its own, so Tor "
     "(socks5h://127.0.0.1:9050) gives it a circuit of its own."},
    {"box-client-key", NULL, 0, OPTION_INPUT, AT(box_client_key), 0, 0, COMMANDS_ALL, HINT_FILE,
     "FILE", NULL, "the key of this client, for servers with a list",
     "For box://, where the server admits listed clients alone: the key of this client, a line "
     "with 32 random bytes in base64, which nobody else may read. The command (umask 077; openssl "
     "rand -base64 32 >FILE) makes one. The check of reunion-client shows the public key, which "
     "the operator puts on the list. With it the server can tell that you come again; without it "
     "each connection has a fresh key."},
    {"no-config", NULL, 0, OPTION_SWITCH, AT(no_config), 0, 0, COMMANDS_ALL, HINT_NONE, NULL, NULL,
     "do not read the configuration file",
     "Do not read the configuration file; see FILES in the manual page."},
};
ROWS(connection_rows, connection_array);

static const struct option_row mix_array[] = {
    {"mixes", NULL, 0, OPTION_INPUT, AT(mixes), 0, 0, COMMANDS_ALL, HINT_FILE, "FILE", NULL,
     "go through the mixes of this net file",
     "Go through the mixes that this net file names, to servers that it names: box+udp:// alone. "
     "Then neither the server nor anybody on the way sees who talks to it, unless all mixes of a "
     "route work together. Each request and each answer goes through three mixes that are drawn "
     "at random, or all if there are fewer. See MIXES in the manual page of reunion-client."},
    {"route", NULL, 0, OPTION_TEXT, AT(route), 0, 0, COMMANDS_ALL, HINT_NONE, "NAME,...", NULL,
     "the mixes of each route, in this order",
     "With --mixes: always go through these 1 to 5 mixes, in this order, and back through the "
     "same. Routes that are drawn are safer, and go around mixes that fail."},
    {"cover", NULL, 0, OPTION_SECONDS, AT(cover_s), 1, COVER_S_MAX, COMMANDS_ALL, HINT_NONE, "TIME",
     "a time from 1 to 3600 seconds, such as 5 or 2m", "send cover, on the average so often",
     "With --mixes: send packets at random times alone, this long apart on the average, whether "
     "there is something to ask or not. A request waits for the next of these times. Somebody who "
     "watches this machine then does not see when something happens."},
};
ROWS(mix_rows, mix_array);

static const struct option_row bounds_array[] = {
    {"tolerance", NULL, 0, OPTION_SECONDS, AT(tolerance_s), 0, SECONDS_MAX, COMMANDS_ALL, HINT_NONE,
     "TIME", "a time from 0 to 1000000000 seconds, such as 90, 10m or 2h",
     "how far clocks may be apart",
     "How far the clocks here and at the server may be apart: refuse a bucket whose time differs "
     "by more. Default: 5m."},
    {"max-sequence", NULL, 0, OPTION_NUMBER, AT(sequence_max), 0, SEQUENCE_MAX, COMMANDS_ALL,
     HINT_NONE, "N", "a number from 0 to 1000000", "buckets of one window at most",
     "Refuse a bucket of private links whose number among the buckets of its hour is higher. "
     "Default: 16. This bounds how many invitations a server can tell apart by buckets. Where "
     "people meet, a higher number only means that very many have come."},
};
ROWS(bounds_rows, bounds_array);

static const struct option_row output_array[] = {
    {"json", NULL, 0, OPTION_SWITCH, AT(json), 0, 0, COMMANDS_ALL, HINT_NONE, NULL, NULL,
     "write events as lines of JSON",
     "Write events to standard output, one line of JSON each, and nothing else. The manual page "
     "lists them under EVENTS."},
    {"verbose", NULL, 'v', OPTION_SWITCH, AT(verbose), 0, 0, COMMANDS_ALL, HINT_NONE, NULL, NULL,
     "log what happens", "Write a log of what happens to standard error."},
    {"help", NULL, 'h', OPTION_SWITCH, AT(help), 0, 0, COMMANDS_ALL, HINT_NONE, NULL, NULL,
     "show a help text", "Show this help and exit."},
    {"version", NULL, 'V', OPTION_SWITCH, AT(version), 0, 0, COMMANDS_ALL, HINT_NONE, NULL, NULL,
     "show the version", "Show the version, and the engine of programs that compute, and exit."},
};
ROWS(output_rows, output_array);
