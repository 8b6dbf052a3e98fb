#include "ethernet/options.h"

#define AT(member)   offsetof(struct ethernet_options, member)
#define MEET(member) AT(meet.member)

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
    {"message", "msg", 0, OPTION_SECRET, MEET(message), 0, 0, COMMANDS_ALL, HINT_NONE, "TEXT", NULL,
     "what those you meet will read",
     "What those you meet will read, up to 829 bytes of UTF-8. Asked for when missing."},
    {"msg-file", NULL, 0, OPTION_INPUT, MEET(message_file), 0, 0, COMMANDS_ALL, HINT_FILE, "FILE",
     NULL, "read the message from a file",
     "Read the message from FILE, without the line end at its end; - is standard input."},
    {"exact-size", NULL, 0, OPTION_SWITCH, AT(exact_size), 0, 0, COMMANDS_ALL, HINT_NONE, NULL,
     NULL, "show how long the message is",
     "Send the message as long as it is, as the reference does. Otherwise it is padded with "
     "spaces, to 96 bytes, or to 829 if it is longer, so that its length does not tell anything."},
};
ROWS(ethernet_message_rows, message_array);

static const struct option_row network_array[] = {
    {"bind-addr", NULL, 0, OPTION_TEXT, AT(address), 0, 0, COMMANDS_ALL, HINT_NONE, "ADDRESS", NULL,
     "use the interface with this address alone",
     "Use the interface that has this address alone, and its family of addresses: IPv4, or a "
     "link-local one of IPv6. 0.0.0.0 unless told: all interfaces, with both."},
    {"bind-mask", "interface", 0, OPTION_TEXTS, AT(interfaces), 0, OPTIONS_TEXTS_MAX, COMMANDS_ALL,
     HINT_NONE, "NAME", NULL, "use this interface",
     "Use the interface of this name; may be given up to 16 times. All interfaces unless told; one "
     "that vanishes, or cannot be used, does not end the run, and one that comes is used."},
    {"multicast-group", NULL, 0, OPTION_TEXT, AT(group), 0, 0, COMMANDS_ALL, HINT_NONE, "ADDRESS",
     NULL, "the address of the group",
     "Meet in this group of IPv4, 224.3.29.71 unless told. With IPv6 it is always "
     "ff02::7265:756e:696f:6e."},
    {"port", "multicast-port", 0, OPTION_NUMBER, AT(port), 1, PORT_MAX, COMMANDS_ALL, HINT_NONE,
     "N", "a number from 1 to 65535", "the port of the group",
     "Meet at this UDP port of the group, 9005 unless told."},
};
ROWS(ethernet_network_rows, network_array);

static const struct option_row stay_array[] = {
    {"timeout", NULL, 't', OPTION_NUMBER, MEET(duration_s), 1, TIMEOUT_S_MAX, COMMANDS_ALL,
     HINT_NONE, "SECONDS", "whole seconds, 1 to 1000000000", "how long to stay",
     "How long to stay, whether or not somebody is met; 60 unless told. For the last minute, or "
     "the "
     "last quarter if that is less, nobody new is answered."},
    {"interval", NULL, 'I', OPTION_NUMBER, AT(interval_s), 1, INTERVAL_S_MAX, COMMANDS_ALL,
     HINT_NONE, "SECONDS", "whole seconds, 1 to 86400", "how long a session lasts",
     "Begin a new session, with fresh keys, every so often; 60 unless told."},
    {"reveal-once", NULL, 0, OPTION_SWITCH, AT(reveal_once), 0, 0, COMMANDS_ALL, HINT_NONE, NULL,
     NULL, "one message is to come",
     "Succeed with one message. This is what is done unless --expect or --reveal-all is given."},
    {"reveal-all", NULL, 0, OPTION_SWITCH, AT(reveal_all), 0, 0, COMMANDS_ALL, HINT_NONE, NULL,
     NULL, "meet all who come", "Expect nobody in particular, and meet all who come."},
    {"expect", NULL, 0, OPTION_NUMBER, MEET(expect), 1, EXPECT_MAX, COMMANDS_ALL, HINT_NONE, "N",
     "a number from 1 to 4096", "how many messages are to come",
     "Succeed with N messages. That they have come changes nothing of how long the program stays, "
     "unless --background or --no-linger is given. More than N mean that somebody else knows the "
     "passphrase, and have an exit status of their own."},
    {"background", NULL, 0, OPTION_SWITCH, MEET(background), 0, 0, COMMANDS_ALL, HINT_NONE, NULL,
     NULL, "return when enough have come",
     "Return once enough messages have come, and stay for the rest of the time as a process in the "
     "background, which tells nothing more."},
    {"no-linger", NULL, 0, OPTION_SWITCH, MEET(no_linger), 0, 0, COMMANDS_ALL, HINT_NONE, NULL,
     NULL, "end as soon as enough have come",
     "End as soon as enough messages have come, and ours has been sent as often as is done. "
     "Whoever "
     "watches sees that somebody was met, and when, and with some luck whom."},
    {"jobs", NULL, 0, OPTION_NUMBER, MEET(jobs), 1, JOBS_MAX, COMMANDS_ALL, HINT_NONE, "N",
     "a number from 1 to 256", "threads that compute",
     "Compute on so many threads; one for each processor unless told."},
    {"state", NULL, 0, OPTION_TEXT, MEET(state_file), 0, 0, COMMANDS_ALL, HINT_FILE, "FILE", NULL,
     "a file to go on from after an end",
     "Keep the messages that were told in this file, sealed with the passphrase, and go on from it "
     "when started again with the same message, telling no message twice. Whoever has the file can "
     "try passphrases on it, each at the cost of Argon2id."},
};
ROWS(ethernet_stay_rows, stay_array);

int ethernet_options_complete(struct options *shared,
                              char complaint[static OPTIONS_COMPLAINT_BYTES])
{
    struct ethernet_options *options = (struct ethernet_options *)shared;
    if (options->reveal_once + options->reveal_all + (options->meet.expect > 0) > 1)
        return options_complain(complaint, "give only one of --reveal-once, --reveal-all and "
                                           "--expect");
    if (options->reveal_all && options->meet.no_linger)
        return options_complain(complaint, "--reveal-all and --no-linger do not go together");
    if (options->interval_s == 0)
        options->interval_s = INTERVAL_S;
    if (options->meet.duration_s == 0)
        options->meet.duration_s = TIMEOUT_S;
    if (options->port == 0)
        options->port = PORT;
    if (!options->group)
        options->group = "224.3.29.71";
    if (!options->address)
        options->address = "0.0.0.0";
    options->meet.servers = (struct option_texts){{"the local network"}, 1};
    return rendezvous_options_check(&options->meet, complaint);
}
