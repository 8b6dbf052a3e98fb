#include "run/options.h"

#include <string.h>

#include "base/hex.h"
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

static const struct setting message_array[] = {
    {"Message", "msg", FORM_TAKEN, AT(message), NULL, "TEXT", "the message for those you meet",
     .alias = "message", .commands = COMMAND_RENDEZVOUS, .max = SECRET_TEXT_BYTES_MAX,
     .take = option_take_secret},
    {"Message", "msg-file", FORM_STRING, AT(message_file), NULL, "FILE",
     "read the message from a file", .commands = COMMAND_RENDEZVOUS, .is_input = true},
};
SETTING_ROWS(message_rows, message_array);

/* People may type or dictate it, so letters of both cases are fine. */
static int take_bucket_hash(void *place, char *text)
{
    struct option_bucket_hash *bucket = place;
    char lower[2 * ID_BYTES + 1] = "";
    if (bucket->given)
        return -EEXIST;
    bucket->given = true;
    if (strlen(text) >= sizeof lower)
        return -EINVAL;
    for (size_t i = 0; text[i]; i++)
        lower[i] = text[i] >= 'A' && text[i] <= 'F' ? (char)(text[i] - 'A' + 'a') : text[i];
    return hex_decode(bucket->bucket_hash, ID_BYTES, lower) ? -EINVAL : 0;
}

static const struct setting place_array[] = {
    {"Where to meet", "server", FORM_STRINGS, AT(servers), "http://127.0.0.1:5000", "URL",
     "the server to meet at", .commands = BOTH},
    {"Where to meet", "bucket", FORM_TAKEN, AT(bucket), NULL, "LINK",
     "look for others only in this bucket", .commands = BOTH,
     .takes = "LINK, 64 digits of 0-9 and a-f", .take = take_bucket_hash},
    {"Where to meet", "place", FORM_STRING, AT(place), NULL, "NAME",
     "the place at the server to meet in", .commands = BOTH},
    {"Where to meet", "reference", FORM_SWITCH, AT(reference), NULL, NULL,
     "the server is the Python reference", .commands = COMMAND_RENDEZVOUS},
};
SETTING_ROWS(place_rows, place_array);

static const struct setting stay_array[] = {
    {"Time and work", "duration", FORM_SECONDS, AT(duration_s), NULL, "TIME", "how long to stay",
     .alias = "timeout", .min = 1, .max = DURATION_S_MAX, .commands = COMMAND_RENDEZVOUS},
    {"Time and work", "expect", FORM_NUMBER, AT(expect), NULL, "N", "how many messages to expect",
     .min = 1, .max = EXPECT_MAX, .commands = COMMAND_RENDEZVOUS},
    {"Time and work", "background", FORM_SWITCH, AT(background), NULL, NULL,
     "return when enough have come", .commands = COMMAND_RENDEZVOUS},
    {"Time and work", "no-linger", FORM_SWITCH, AT(no_linger), NULL, NULL,
     "end as soon as enough have come", .commands = COMMAND_RENDEZVOUS},
    {"Time and work", "jobs", FORM_NUMBER, AT(jobs), NULL, "N", "threads that compute", .min = 1,
     .max = JOBS_MAX, .commands = BOTH},
    {"Time and work", "max-peers", FORM_NUMBER, AT(max_peers), "4096", "N",
     "other people to compute for", .min = 1, .max = PEERS_MAX, .commands = COMMAND_RENDEZVOUS},
    {"Time and work", "effort", FORM_NUMBER, AT(effort), "16384", "N",
     "work to do beyond what the server asks for", .min = 1, .max = EFFORT_MAX,
     .commands = COMMAND_RENDEZVOUS},
    {"Time and work", "max-effort", FORM_NUMBER, AT(max_effort), "131072", "N",
     "the most work a server may ask for", .min = 1, .max = EFFORT_MAX,
     .commands = COMMAND_RENDEZVOUS},
    {"Time and work", "state", FORM_STRING, AT(state_file), NULL, "FILE",
     "a file to go on from in a later run", .commands = COMMAND_RENDEZVOUS},
};
SETTING_ROWS(stay_rows, stay_array);

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
