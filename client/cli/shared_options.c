#include "cli/shared_options.h"

#define AT(member) .offset = offsetof(struct options, member)

int option_take_secret(void *place, char *text)
{
    return secret_text_move_argument(place, text);
}

enum { FD_MAX = 1048576, SECONDS_MAX = 1000000000, SEQUENCE_MAX = 1000000, COVER_S_MAX = 3600 };

static const struct setting passphrase_array[] = {
    {"Passphrase", "passphrase-file", FORM_STRING, AT(passphrase_file), NULL, "FILE",
     "read the passphrase from a file", .is_input = true},
    {"Passphrase", "passphrase-fd", FORM_NUMBER, AT(passphrase_fd), NULL, "N",
     "read the passphrase from an open descriptor", .max = FD_MAX,
     .takes = "N, the number of an open descriptor", .is_input = true},
    {"Passphrase", "passphrase", FORM_TAKEN, AT(passphrase), NULL, "TEXT",
     "the passphrase; others can see it", .max = SECRET_TEXT_BYTES_MAX, .take = option_take_secret},
};
SETTING_ROWS(passphrase_rows, passphrase_array);

static const struct setting generate_array[] = {
    {"Passphrase", "generate", FORM_SWITCH, AT(generate), NULL, NULL,
     "make a new passphrase and show it once"},
};
SETTING_ROWS(generate_rows, generate_array);

static const struct setting confirm_array[] = {
    {"Passphrase", "confirm", FORM_SWITCH, AT(confirm), NULL, NULL, "ask for the passphrase twice"},
};
SETTING_ROWS(confirm_rows, confirm_array);

static const struct setting connection_array[] = {
    {"Connection", "cacert", FORM_STRING, AT(ca_file), NULL, "FILE",
     "the certificate authorities to trust", .is_input = true},
    {"Connection", "pin", FORM_STRING, AT(pin), NULL, "HASH",
     "the hash of the public key to expect"},
    {"Connection", "insecure-http", FORM_SWITCH, AT(insecure_http), NULL, NULL,
     "http over any network"},
    {"Connection", "proxy", FORM_STRING, AT(proxy), NULL, "URL", "a proxy to use, such as Tor"},
    {"Connection", "box-client-key", FORM_STRING, AT(box_client_key), NULL, "FILE",
     "the key of this client, for servers with a list", .is_input = true},
    {"Connection", "no-config", FORM_SWITCH, AT(no_config), NULL, NULL,
     "do not read the configuration file"},
};
SETTING_ROWS(connection_rows, connection_array);

static const struct setting mix_array[] = {
    {"Mixes", "mixes", FORM_STRING, AT(mixes), NULL, "FILE",
     "go through the mixes of this net file", .is_input = true},
    {"Mixes", "route", FORM_STRING, AT(route), NULL, "NAME,...",
     "the mixes of each route, in this order"},
    {"Mixes", "cover", FORM_SECONDS, AT(cover_s), NULL, "TIME",
     "send cover, on the average so often", .min = 1, .max = COVER_S_MAX},
};
SETTING_ROWS(mix_rows, mix_array);

static const struct setting bounds_array[] = {
    {"Buckets", "tolerance", FORM_SECONDS, AT(tolerance_s), "5m", "TIME",
     "how far clocks may be apart", .max = SECONDS_MAX},
    {"Buckets", "max-sequence", FORM_NUMBER, AT(sequence_max), "16", "N",
     "buckets of one window at most", .max = SEQUENCE_MAX},
};
SETTING_ROWS(bounds_rows, bounds_array);

static const struct setting output_array[] = {
    {"Output", "json", FORM_SWITCH, AT(json), NULL, NULL, "write events as lines of JSON"},
    {"Output", "verbose", FORM_SWITCH, AT(verbose), NULL, NULL, "log what happens", .letter = 'v'},
    {"Output", "help", FORM_SWITCH, AT(help), NULL, NULL, "show a help text", .letter = 'h'},
    {"Output", "version", FORM_SWITCH, AT(version), NULL, NULL, "show the version", .letter = 'V'},
};
SETTING_ROWS(output_rows, output_array);
