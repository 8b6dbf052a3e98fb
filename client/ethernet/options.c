#include "ethernet/options.h"

#define AT(member)     .offset = offsetof(struct ethernet_options, member)
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
    {"message", OPTION_SECRET, COMMON(message), "TEXT", "the message for those you meet",
     .alias = "msg"},
    {"msg-file", OPTION_INPUT, COMMON(message_file), "FILE", "read the message from a file"},
    {"exact-size", OPTION_SWITCH, AT(exact_size), NULL, "show how long the message is"},
};
ROWS(ethernet_message_rows, message_array);

static const struct option_row network_array[] = {
    {"bind-addr", OPTION_TEXT, AT(address), "ADDRESS", "use only the interface with this address"},
    {"bind-mask", OPTION_TEXTS, AT(interfaces), "NAME", "use this interface", .alias = "interface",
     .max = OPTIONS_TEXTS_MAX},
    {"multicast-group", OPTION_TEXT, AT(group), "ADDRESS", "the address of the group"},
    {"port", OPTION_NUMBER, AT(port), "N", "the port of the group", .alias = "multicast-port",
     .min = 1, .max = PORT_MAX, .wants = "a number from 1 to 65535"},
};
ROWS(ethernet_network_rows, network_array);

static const struct option_row stay_array[] = {
    {"timeout", OPTION_SECONDS, COMMON(duration_s), "TIME", "how long to stay", .alias = "duration",
     .letter = 't', .min = 1, .max = TIMEOUT_S_MAX,
     .wants = "a time from 1 to 1000000000 seconds, such as 90, 10m or 2h"},
    {"interval", OPTION_SECONDS, AT(interval_s), "TIME", "how long a session lasts", .letter = 'I',
     .min = 1, .max = INTERVAL_S_MAX,
     .wants = "a time from 1 to 86400 seconds, such as 90, 10m or 2h"},
    {"reveal-once", OPTION_SWITCH, AT(reveal_once), NULL, "expect one message"},
    {"reveal-all", OPTION_SWITCH, AT(reveal_all), NULL, "meet everybody who comes"},
    {"expect", OPTION_NUMBER, COMMON(expect), "N", "how many messages to expect", .min = 1,
     .max = EXPECT_MAX, .wants = "a number from 1 to 4096"},
    {"background", OPTION_SWITCH, COMMON(background), NULL, "return when enough have come"},
    {"no-linger", OPTION_SWITCH, COMMON(no_linger), NULL, "end as soon as enough have come"},
    {"jobs", OPTION_NUMBER, COMMON(jobs), "N", "threads that compute", .min = 1, .max = JOBS_MAX,
     .wants = "a number from 1 to 256"},
    {"state", OPTION_TEXT, COMMON(state_file), "FILE", "a file to go on from in a later run"},
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
