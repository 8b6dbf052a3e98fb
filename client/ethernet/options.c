#include "ethernet/options.h"

#define AT(member)     offsetof(struct ethernet_options, member)
#define COMMON(member) AT(common.member)

enum {
    INTERVAL_S = 60,
    TIMEOUT_S = 60,
    PORT = 9005,
    INTERVAL_S_MAX = 86400,
    TIMEOUT_S_MAX = 1000000000,
    EXPECT_MAX = 4096,
    JOBS_MAX = 256,
    PORT_MAX = 65535,
};

#define ROWS(name, array) const struct option_rows name = {array, sizeof array / sizeof *array}

static const struct option_row message_array[] = {
    {"message", "msg", 0, OPTION_SECRET, COMMON(message), 0, 0, COMMANDS_ALL, HINT_NONE, "TEXT",
     NULL, "the message for those you meet",
     "The message for those you meet, up to 829 bytes of UTF-8. Without it the program asks."},
    {"msg-file", NULL, 0, OPTION_INPUT, COMMON(message_file), 0, 0, COMMANDS_ALL, HINT_FILE, "FILE",
     NULL, "read the message from a file",
     "Read the message from FILE, without its last line end; - is standard input."},
    {"exact-size", NULL, 0, OPTION_SWITCH, AT(exact_size), 0, 0, COMMANDS_ALL, HINT_NONE, NULL,
     NULL, "show how long the message is",
     "Send the message in its own length, as the reference does. Without this option the program "
     "pads it with spaces, to 96 bytes, or to 829 if it is longer, so that its length shows "
     "nothing."},
};
ROWS(ethernet_message_rows, message_array);

static const struct option_row network_array[] = {
    {"bind-addr", NULL, 0, OPTION_TEXT, AT(address), 0, 0, COMMANDS_ALL, HINT_NONE, "ADDRESS", NULL,
     "use only the interface with this address",
     "Use only the interface that has this address, and only its family: IPv4, or link-local IPv6. "
     "Default: 0.0.0.0, which means all interfaces and both families."},
    {"bind-mask", "interface", 0, OPTION_TEXTS, AT(interfaces), 0, OPTIONS_TEXTS_MAX, COMMANDS_ALL,
     HINT_NONE, "NAME", NULL, "use this interface",
     "Use the interface of this name. Give it up to 16 times for several. Default: all interfaces. "
     "The run goes on when an interface disappears or cannot be used, and uses those that come."},
    {"multicast-group", NULL, 0, OPTION_TEXT, AT(group), 0, 0, COMMANDS_ALL, HINT_NONE, "ADDRESS",
     NULL, "the address of the group",
     "Meet in this IPv4 group. Default: 224.3.29.71. The IPv6 group is always "
     "ff02::7265:756e:696f:6e."},
    {"port", "multicast-port", 0, OPTION_NUMBER, AT(port), 1, PORT_MAX, COMMANDS_ALL, HINT_NONE,
     "N", "a number from 1 to 65535", "the port of the group",
     "Meet at this UDP port of the group. Default: 9005."},
};
ROWS(ethernet_network_rows, network_array);

static const struct option_row stay_array[] = {
    {"timeout", "duration", 't', OPTION_SECONDS, COMMON(duration_s), 1, TIMEOUT_S_MAX, COMMANDS_ALL,
     HINT_NONE, "TIME", "a time from 1 to 1000000000 seconds, such as 90, 10m or 2h",
     "how long to stay",
     "How long to stay, whether or not anybody is met. Default: 60 seconds. For the last minute, "
     "or the "
     "last quarter if that is shorter, the program answers nobody new."},
    {"interval", NULL, 'I', OPTION_SECONDS, AT(interval_s), 1, INTERVAL_S_MAX, COMMANDS_ALL,
     HINT_NONE, "TIME", "a time from 1 to 86400 seconds, such as 90, 10m or 2h",
     "how long a session lasts",
     "Begin a new session, with fresh keys, after this time. Default: 60 seconds."},
    {"reveal-once", NULL, 0, OPTION_SWITCH, AT(reveal_once), 0, 0, COMMANDS_ALL, HINT_NONE, NULL,
     NULL, "expect one message",
     "Succeed with one message. This is the default, unless --expect or --reveal-all is given."},
    {"reveal-all", NULL, 0, OPTION_SWITCH, AT(reveal_all), 0, 0, COMMANDS_ALL, HINT_NONE, NULL,
     NULL, "meet everybody who comes",
     "Expect no certain number of messages, and meet everybody who comes."},
    {"expect", NULL, 0, OPTION_NUMBER, COMMON(expect), 1, EXPECT_MAX, COMMANDS_ALL, HINT_NONE, "N",
     "a number from 1 to 4096", "how many messages to expect",
     "Succeed if N messages have come. The program still stays for its whole time, unless you give "
     "--background or --no-linger. More than N messages mean that somebody else knows the "
     "passphrase; that has an exit status of its own."},
    {"background", NULL, 0, OPTION_SWITCH, COMMON(background), 0, 0, COMMANDS_ALL, HINT_NONE, NULL,
     NULL, "return when enough have come",
     "Give the terminal back when enough messages have come. A process in the background stays for "
     "the rest of the time and prints nothing more."},
    {"no-linger", NULL, 0, OPTION_SWITCH, COMMON(no_linger), 0, 0, COMMANDS_ALL, HINT_NONE, NULL,
     NULL, "end as soon as enough have come",
     "End as soon as enough messages have come, and yours has been sent as often as usual. "
     "Somebody who watches then sees that you met somebody, and when, and perhaps whom."},
    {"jobs", NULL, 0, OPTION_NUMBER, COMMON(jobs), 1, JOBS_MAX, COMMANDS_ALL, HINT_NONE, "N",
     "a number from 1 to 256", "threads that compute",
     "Compute on N threads. Default: one for each processor."},
    {"state", NULL, 0, OPTION_TEXT, COMMON(state_file), 0, 0, COMMANDS_ALL, HINT_FILE, "FILE", NULL,
     "a file to go on from in a later run",
     "Keep the messages that were shown in this file, sealed with the passphrase. Started again "
     "with the same message, the program shows no message twice. Whoever has the file can try "
     "passphrases on it, each at the cost of Argon2id."},
};
ROWS(ethernet_stay_rows, stay_array);

int ethernet_options_complete(struct options *shared,
                              char complaint[static OPTIONS_COMPLAINT_BYTES])
{
    struct ethernet_options *options = (struct ethernet_options *)shared;
    if (options->reveal_once + options->reveal_all + (options->common.expect > 0) > 1)
        return options_complain(complaint, "give only one of --reveal-once, --reveal-all and "
                                           "--expect");
    if (options->reveal_all && options->common.no_linger)
        return options_complain(complaint, "--reveal-all and --no-linger do not go together");
    if (options->interval_s == 0)
        options->interval_s = INTERVAL_S;
    if (options->common.duration_s == 0)
        options->common.duration_s = TIMEOUT_S;
    if (options->port == 0)
        options->port = PORT;
    if (!options->group)
        options->group = "224.3.29.71";
    if (!options->address)
        options->address = "0.0.0.0";
    options->common.servers = (struct option_texts){{NULL}, 1}; /* the local network */
    return run_options_check(&options->common, complaint);
}
