#include "run/options.h"

#include <string.h>

#include "cli/credentials.h"

#define AT(member) offsetof(struct run_options, member)

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
    {"msg", "message", 0, OPTION_SECRET, AT(message), 0, 0, COMMAND_RENDEZVOUS, HINT_NONE, "TEXT",
     NULL, "the message for those you meet",
     "The message for those you meet, up to 96 bytes of UTF-8. Without it the program asks."},
    {"msg-file", NULL, 0, OPTION_INPUT, AT(message_file), 0, 0, COMMAND_RENDEZVOUS, HINT_FILE,
     "FILE", NULL, "read the message from a file",
     "Read the message from FILE, without its last line end; - is standard input."},
};
ROWS(message_rows, message_array);

static const struct option_row place_array[] = {
    {"server", NULL, 0, OPTION_TEXTS, AT(servers), 0, OPTIONS_TEXTS_MAX, BOTH, HINT_URL, "URL",
     NULL, "the server to meet at",
     "The server to meet at: https://HOST, box://HOST:PORT#KEY or, by packets, "
     "box+udp://HOST:PORT#KEY, http:// for this machine and onion "
     "services, or unix:PATH. KEY is the server's public key; nothing else has to prove who it is. "
     "Default: http://127.0.0.1:5000. Give it up to 16 times to meet at all of these servers. "
     "Sessions at different servers have nothing in common; a message that comes from two "
     "of them is shown once."},
    {"bucket", NULL, 0, OPTION_BUCKET_HASH, AT(bucket), 0, 0, BOTH, HINT_NONE, "LINK",
     "a link: 64 digits of 0-9 and a-f", "look for others only in this bucket",
     "Look for others only in this bucket. A client shows the link of the bucket that it waits in, "
     "so that you can pass it on."},
    {"place", NULL, 0, OPTION_TEXT, AT(place), 0, 0, BOTH, HINT_NONE, "NAME", NULL,
     "the place at the server to meet in",
     "Meet in this place at the server. Both have to name the same place. Only people in the same "
     "place cost computing time, and nobody who does not know its name can crowd it. Default: the "
     "common place. See PLACES in the manual page."},
    {"reference", NULL, 0, OPTION_SWITCH, AT(reference), 0, 0, COMMAND_RENDEZVOUS, HINT_NONE, NULL,
     NULL, "the server is the Python reference",
     "The server is the Python reference: use its protocol."},
};
ROWS(place_rows, place_array);

static const struct option_row stay_array[] = {
    {"duration", "timeout", 0, OPTION_SECONDS, AT(duration_s), 1, DURATION_S_MAX,
     COMMAND_RENDEZVOUS, HINT_NONE, "TIME",
     "a time from 1 to 1000000000 seconds, such as 90, 10m or 2h", "how long to stay",
     "How long to stay, whether or not anybody is met. Default: a time drawn at random, at least "
     "10 minutes, on average half an hour, at most two hours. For the last minute, or the last "
     "quarter if that is shorter, the program answers nobody new."},
    {"expect", NULL, 0, OPTION_NUMBER, AT(expect), 1, EXPECT_MAX, COMMAND_RENDEZVOUS, HINT_NONE,
     "N", "a number from 1 to 4096", "how many messages to expect",
     "Succeed if N messages have come. The program still stays for its whole time, unless you give "
     "--background or --no-linger. More than N messages mean that somebody else knows the "
     "passphrase; that has an exit status of its own."},
    {"background", NULL, 0, OPTION_SWITCH, AT(background), 0, 0, COMMAND_RENDEZVOUS, HINT_NONE,
     NULL, NULL, "return when enough have come",
     "Give the terminal back when as many messages have come as --expect says (default: one). A "
     "process in the background stays for the rest of the time and prints nothing more."},
    {"no-linger", NULL, 0, OPTION_SWITCH, AT(no_linger), 0, 0, COMMAND_RENDEZVOUS, HINT_NONE, NULL,
     NULL, "end as soon as enough have come",
     "With --expect: end as soon as these messages have come and the others can get yours. "
     "Somebody who watches then sees that you met somebody, and when, and perhaps whom."},
    {"jobs", NULL, 0, OPTION_NUMBER, AT(jobs), 1, JOBS_MAX, BOTH, HINT_NONE, "N",
     "a number from 1 to 256", "threads that compute",
     "Compute on N threads. Default: one for each processor."},
    {"max-peers", NULL, 0, OPTION_NUMBER, AT(max_peers), 1, PEERS_MAX, COMMAND_RENDEZVOUS,
     HINT_NONE, "N", "a number from 1 to 65536", "other people to compute for",
     "Compute for N other people at each server, and for a quarter of that more each hour. "
     "Default: 4096. The rest wait. The program draws at random who is next, so that somebody who "
     "posts junk does not come first. Junk without a valid key does not count."},
    {"effort", NULL, 0, OPTION_NUMBER, AT(effort), 1, EFFORT_MAX, COMMAND_RENDEZVOUS, HINT_NONE,
     "N", "a number from 1 to 4294967295", "work to do beyond what the server asks for",
     "Do up to N tries of work, so that others serve you first: before you come where a server "
     "asks for work, and beside waiting everywhere, with a quarter of a processor at most. N is "
     "rounded down to a power of two. Default: 16384. A try takes about half a millisecond. The "
     "program does what the server asks for in any case, up to --max-effort."},
    {"max-effort", NULL, 0, OPTION_NUMBER, AT(max_effort), 1, EFFORT_MAX, COMMAND_RENDEZVOUS,
     HINT_NONE, "N", "a number from 1 to 4294967295", "the most work a server may ask for",
     "Refuse a server that asks for more than N tries of work. Default: 131072, about a minute or "
     "two."},
    {"state", NULL, 0, OPTION_TEXT, AT(state_file), 0, 0, COMMAND_RENDEZVOUS, HINT_FILE, "FILE",
     NULL, "a file to go on from in a later run",
     "Keep the session in this file, sealed with the passphrase. Started again with the same "
     "message and servers, the program goes on in the same bucket and shows no message twice. "
     "Whoever has the file can try passphrases on it, each at the cost of Argon2id."},
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
