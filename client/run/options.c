#include "run/options.h"

#include <string.h>

#include "cli/credentials.h"

#define AT(member) .offset = offsetof(struct run_options, member)

enum { BOTH = COMMAND_RENDEZVOUS | COMMAND_CHECK };

#define EFFORT_MAX UINT32_MAX

enum {
    JOBS_MAX = 256,
    DURATION_S_MAX = 1000000000,
    PEERS_MAX = 65536,
    EXPECT_MAX = 4096,
};

#define ROWS(name, array) const struct option_rows name = {array, sizeof array / sizeof *array}

static const struct option_row message_array[] = {
    {"msg", OPTION_SECRET, AT(message), "TEXT", "the message for those you meet",
     .alias = "message", .commands = COMMAND_RENDEZVOUS},
    {"msg-file", OPTION_INPUT, AT(message_file), "FILE", "read the message from a file",
     .commands = COMMAND_RENDEZVOUS},
};
ROWS(message_rows, message_array);

static const struct option_row place_array[] = {
    {"server", OPTION_TEXTS, AT(servers), "URL", "the server to meet at", .max = OPTIONS_TEXTS_MAX,
     .commands = BOTH},
    {"bucket", OPTION_BUCKET_HASH, AT(bucket), "LINK", "look for others only in this bucket",
     .commands = BOTH, .wants = "a link: 64 digits of 0-9 and a-f"},
    {"place", OPTION_TEXT, AT(place), "NAME", "the place at the server to meet in",
     .commands = BOTH},
    {"reference", OPTION_SWITCH, AT(reference), NULL, "the server is the Python reference",
     .commands = COMMAND_RENDEZVOUS},
};
ROWS(place_rows, place_array);

static const struct option_row stay_array[] = {
    {"duration", OPTION_SECONDS, AT(duration_s), "TIME", "how long to stay", .alias = "timeout",
     .min = 1, .max = DURATION_S_MAX, .commands = COMMAND_RENDEZVOUS,
     .wants = "a time from 1 to 1000000000 seconds, such as 90, 10m or 2h"},
    {"expect", OPTION_NUMBER, AT(expect), "N", "how many messages to expect", .min = 1,
     .max = EXPECT_MAX, .commands = COMMAND_RENDEZVOUS, .wants = "a number from 1 to 4096"},
    {"background", OPTION_SWITCH, AT(background), NULL, "return when enough have come",
     .commands = COMMAND_RENDEZVOUS},
    {"no-linger", OPTION_SWITCH, AT(no_linger), NULL, "end as soon as enough have come",
     .commands = COMMAND_RENDEZVOUS},
    {"jobs", OPTION_NUMBER, AT(jobs), "N", "threads that compute", .min = 1, .max = JOBS_MAX,
     .commands = BOTH, .wants = "a number from 1 to 256"},
    {"max-peers", OPTION_NUMBER, AT(max_peers), "N", "other people to compute for", .min = 1,
     .max = PEERS_MAX, .commands = COMMAND_RENDEZVOUS, .wants = "a number from 1 to 65536"},
    {"effort", OPTION_NUMBER, AT(effort), "N", "work to do beyond what the server asks for",
     .min = 1, .max = EFFORT_MAX, .commands = COMMAND_RENDEZVOUS,
     .wants = "a number from 1 to 4294967295"},
    {"max-effort", OPTION_NUMBER, AT(max_effort), "N", "the most work a server may ask for",
     .min = 1, .max = EFFORT_MAX, .commands = COMMAND_RENDEZVOUS,
     .wants = "a number from 1 to 4294967295"},
    {"state", OPTION_TEXT, AT(state_file), "FILE", "a file to go on from in a later run",
     .commands = COMMAND_RENDEZVOUS},
};
ROWS(stay_rows, stay_array);

const char *const message_paragraphs[MESSAGE_PARAGRAPHS] = {
    "The program asks for a missing message or passphrase on the terminal. Where standard input is "
    "no terminal, it reads them from there: a line each, the message first.",
    "A message is shown as it is, unless it has control characters. Then the line begins with "
    "\"escaped:\", and has \\xNN or \\u{NNNN} for those and \\\\ for a backslash. A message that "
    "is not UTF-8 is shown as \"hex:\" and its bytes. A message that itself begins with one of "
    "these marks is shown escaped, so nobody can forge them.",
};

int run_options_check(const struct run_options *options,
                      char complaint[static OPTIONS_COMPLAINT_BYTES])
{
    const char *file = options->message_file;
    if (options->message.text && file)
        return options_complain(
            complaint, "give only one of --msg and --msg-file: a message comes from one place");
    bool message_elsewhere = options->message.text || (file && strcmp(file, "-") != 0);
    if (credentials_passphrase_is_input(&options->shared) && !message_elsewhere)
        return options_complain(
            complaint,
            "standard input gives the passphrase here: give the message with --msg or in a file");
    if (options->state_file && !options->state_file[0])
        return options_complain(complaint, "--state wants the name of a file");
    if (options->no_linger && options->background)
        return options_complain(complaint, "--no-linger ends at once, and --background does not: "
                                           "give only one of them");
    return 0;
}

void run_options_clear(struct options *options)
{
    secret_text_clear(&((struct run_options *)options)->message);
}
