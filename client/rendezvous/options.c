#include "rendezvous/options.h"

#include <string.h>

#include "cli/words.h"

#define AT(member) offsetof(struct rendezvous_options, member)

enum { BOTH = COMMAND_MEET | COMMAND_CHECK };

#define EFFORT_MAX UINT32_MAX

enum {
    JOBS_MAX = 256,
    DURATION_S_MAX = 1000000000,
    PEERS_MAX = 65536,
    EXPECT_MAX = 4096,
};

#define ROWS(name, array) const struct option_rows name = {array, sizeof array / sizeof *array}

static const struct option_row message_array[] = {
    {"msg", "message", 0, OPTION_SECRET, AT(message), 0, 0, COMMAND_MEET, HINT_NONE, "TEXT", NULL,
     "what those you meet will read",
     "What those you meet will read, up to 96 bytes of UTF-8. Asked for when missing."},
    {"msg-file", NULL, 0, OPTION_INPUT, AT(message_file), 0, 0, COMMAND_MEET, HINT_FILE, "FILE",
     NULL, "read the message from a file",
     "Read the message from FILE, without the line end at its end; - is standard input."},
};
ROWS(message_rows, message_array);

static const struct option_row place_array[] = {
    {"server", NULL, 0, OPTION_TEXTS, AT(servers), 0, OPTIONS_TEXTS_MAX, BOTH, HINT_URL, "URL",
     NULL, "where to meet",
     "Where to meet; http://127.0.0.1:5000 unless told. https://HOST, http:// for this machine and "
     "onion services, or unix:PATH. May be given up to 16 times, to meet at all of them; what is "
     "at one has nothing in common with what is at another, and a message from both is shown "
     "once."},
    {"bucket", NULL, 0, OPTION_LINK, AT(bucket), 0, 0, BOTH, HINT_NONE, "LINK",
     "a link: 64 digits of 0-9 and a-f", "look for others in this bucket alone",
     "Look for others in this bucket alone. Its link is shown to whoever waits in it, to be passed "
     "on."},
    {"place", NULL, 0, OPTION_TEXT, AT(place), 0, 0, BOTH, HINT_NONE, "NAME", NULL,
     "the place at the server to meet in",
     "Meet in this place at the server, which both have to name: only those who are there are "
     "work, "
     "and whoever does not know the place cannot crowd it. See PLACES. Without it, in the one "
     "where "
     "all are who name none."},
    {"reference", NULL, 0, OPTION_SWITCH, AT(reference), 0, 0, COMMAND_MEET, HINT_NONE, NULL, NULL,
     "the server is the Python reference", "The server speaks the Python reference's protocol."},
};
ROWS(place_rows, place_array);

static const struct option_row stay_array[] = {
    {"duration", NULL, 0, OPTION_NUMBER, AT(duration_s), 1, DURATION_S_MAX, COMMAND_MEET, HINT_NONE,
     "SECONDS", "whole seconds, 1 to 1000000000", "how long to stay",
     "How long to stay, whether or not somebody is met. Unless told it is drawn: at least 10 "
     "minutes, "
     "half an hour on the average, two hours at most. For the last minute, or the last quarter if "
     "that is less, nobody new is answered."},
    {"expect", NULL, 0, OPTION_NUMBER, AT(expect), 1, EXPECT_MAX, COMMAND_MEET, HINT_NONE, "N",
     "a number from 1 to 4096", "how many messages are to come",
     "Succeed with N messages. That they have come changes nothing of how long the program stays, "
     "unless --background or --no-linger is given. More than N mean that somebody else knows the "
     "passphrase, and have an exit status of their own."},
    {"background", NULL, 0, OPTION_SWITCH, AT(background), 0, 0, COMMAND_MEET, HINT_NONE, NULL,
     NULL, "return when enough have come",
     "Return once as many messages have come as --expect names, or one, and stay for the rest of "
     "the time as a process in the background, which tells nothing more."},
    {"no-linger", NULL, 0, OPTION_SWITCH, AT(no_linger), 0, 0, COMMAND_MEET, HINT_NONE, NULL, NULL,
     "end as soon as enough have come",
     "With --expect: end as soon as they have come and can get ours. Whoever watches sees that "
     "somebody was met, and when, and with some luck whom."},
    {"jobs", NULL, 0, OPTION_NUMBER, AT(jobs), 1, JOBS_MAX, BOTH, HINT_NONE, "N",
     "a number from 1 to 256", "threads that compute",
     "Compute on so many threads; one for each processor unless told."},
    {"max-peers", NULL, 0, OPTION_NUMBER, AT(max_peers), 1, PEERS_MAX, COMMAND_MEET, HINT_NONE, "N",
     "a number from 1 to 65536", "others to compute for",
     "Compute for so many others at each server, and for a quarter of that more each hour; 4096 "
     "unless told. The rest waits. Who is next is drawn, so that somebody who posts junk does not "
     "come first; junk without a valid key costs none of it."},
    {"effort", NULL, 0, OPTION_NUMBER, AT(effort), 1, EFFORT_MAX, COMMAND_MEET, HINT_NONE, "N",
     "a number from 1 to 4294967295", "work to do beyond what is asked",
     "Where a server asks for work, do as much as this of one's own accord to be served before "
     "others, rounded down to a power of two; 16384 unless told. A try takes about half a "
     "millisecond. What the server asks for is done in any case."},
    {"max-effort", NULL, 0, OPTION_NUMBER, AT(max_effort), 1, EFFORT_MAX, COMMAND_MEET, HINT_NONE,
     "N", "a number from 1 to 4294967295", "the most work a server may ask for",
     "Refuse a server that asks for more work than so many tries; 131072 unless told, about a "
     "minute or two."},
    {"state", NULL, 0, OPTION_TEXT, AT(state_file), 0, 0, COMMAND_MEET, HINT_FILE, "FILE", NULL,
     "a file to go on from after an end",
     "Keep the session in this file, sealed with the passphrase, and go on from it when started "
     "again with the same message and servers: in the same bucket, telling no message twice. "
     "Whoever has the file can try passphrases on it, each at the cost of Argon2id."},
};
ROWS(stay_rows, stay_array);

const char *const message_paragraphs[MESSAGE_PARAGRAPHS] = {
    "A message or passphrase that is asked for is read from the terminal, or as a line each, the "
    "message first, from standard input where that is no terminal.",
    "A message is shown as it is, unless it holds control characters: then it begins with "
    "\"escaped:\" and has \\xNN or \\u{NNNN} for those and \\\\ for a backslash. One that is not "
    "UTF-8 is \"hex:\" and its bytes. One that itself begins so is shown escaped, so that these "
    "marks cannot be forged.",
};

int rendezvous_options_check(const struct rendezvous_options *options,
                             char complaint[static OPTIONS_COMPLAINT_BYTES])
{
    const char *file = options->message_file;
    if (options->message.text && file)
        return options_complain(complaint, "a message comes from one place: give only one of --msg "
                                           "and --msg-file");
    bool message_elsewhere = options->message.text || (file && strcmp(file, "-") != 0);
    if (words_passphrase_is_input(&options->shared) && !message_elsewhere)
        return options_complain(complaint, "standard input gives the passphrase here: give the "
                                           "message by --msg or in a file");
    if (options->state_file && !options->state_file[0])
        return options_complain(complaint, "--state wants the name of a file, and got none");
    if (options->no_linger && options->background)
        return options_complain(complaint, "--no-linger ends at once, and --background does not: "
                                           "give only one of them");
    return 0;
}

void rendezvous_options_clear(struct options *options)
{
    secret_text_clear(&((struct rendezvous_options *)options)->message);
}
