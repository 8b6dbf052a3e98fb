#include "cli/shared_options.h"

#define AT(member) .offset = offsetof(struct options, member)

enum { FD_MAX = 1048576, SECONDS_MAX = 1000000000, SEQUENCE_MAX = 1000000, COVER_S_MAX = 3600 };

#define ROWS(name, array) const struct option_rows name = {array, sizeof array / sizeof *array}

static const struct option_row passphrase_array[] = {
    {"passphrase-file", OPTION_INPUT, AT(passphrase_file), "FILE",
     "read the passphrase from a file"},
    {"passphrase-fd", OPTION_DESCRIPTOR, AT(passphrase_fd), "N",
     "read the passphrase from an open descriptor", .max = FD_MAX,
     .wants = "the number of an open descriptor"},
    {"passphrase", OPTION_SECRET, AT(passphrase), "TEXT", "the passphrase; others can see it"},
};
ROWS(passphrase_rows, passphrase_array);

static const struct option_row generate_array[] = {
    {"generate", OPTION_SWITCH, AT(generate), NULL, "make a new passphrase and show it once"},
};
ROWS(generate_rows, generate_array);

static const struct option_row confirm_array[] = {
    {"confirm", OPTION_SWITCH, AT(confirm), NULL, "ask for the passphrase twice"},
};
ROWS(confirm_rows, confirm_array);

static const struct option_row connection_array[] = {
    {"cacert", OPTION_INPUT, AT(ca_file), "FILE", "the certificate authorities to trust"},
    {"pin", OPTION_TEXT, AT(pin), "HASH", "the hash of the public key to expect"},
    {"insecure-http", OPTION_SWITCH, AT(insecure_http), NULL, "http over any network"},
    {"proxy", OPTION_TEXT, AT(proxy), "URL", "a proxy to use, such as Tor"},
    {"box-client-key", OPTION_INPUT, AT(box_client_key), "FILE",
     "the key of this client, for servers with a list"},
    {"no-config", OPTION_SWITCH, AT(no_config), NULL, "do not read the configuration file"},
};
ROWS(connection_rows, connection_array);

static const struct option_row mix_array[] = {
    {"mixes", OPTION_INPUT, AT(mixes), "FILE", "go through the mixes of this net file"},
    {"route", OPTION_TEXT, AT(route), "NAME,...", "the mixes of each route, in this order"},
    {"cover", OPTION_SECONDS, AT(cover_s), "TIME", "send cover, on the average so often", .min = 1,
     .max = COVER_S_MAX, .wants = "a time from 1 to 3600 seconds, such as 5 or 2m"},
};
ROWS(mix_rows, mix_array);

static const struct option_row bounds_array[] = {
    {"tolerance", OPTION_SECONDS, AT(tolerance_s), "TIME", "how far clocks may be apart",
     .max = SECONDS_MAX, .wants = "a time from 0 to 1000000000 seconds, such as 90, 10m or 2h"},
    {"max-sequence", OPTION_NUMBER, AT(sequence_max), "N", "buckets of one window at most",
     .max = SEQUENCE_MAX, .wants = "a number from 0 to 1000000"},
};
ROWS(bounds_rows, bounds_array);

static const struct option_row output_array[] = {
    {"json", OPTION_SWITCH, AT(json), NULL, "write events as lines of JSON"},
    {"verbose", OPTION_SWITCH, AT(verbose), NULL, "log what happens", .letter = 'v'},
    {"help", OPTION_SWITCH, AT(help), NULL, "show a help text", .letter = 'h'},
    {"version", OPTION_SWITCH, AT(version), NULL, "show the version", .letter = 'V'},
};
ROWS(output_rows, output_array);
