#include "ethernet/options.h"

#define AT(member)     .offset = offsetof(struct ethernet_options, member)
#define COMMON(member) AT(common.member)

enum {
    INTERVAL_S_MAX = 86400,
    TIMEOUT_S_MAX = 1000000000,
    EXPECT_MAX = 4096,
    JOBS_MAX = 256,
    PORT_MAX = 65535,
};

static const struct setting message_array[] = {
    {"Message", "message", FORM_TAKEN, COMMON(message), NULL, "TEXT",
     "the message for those you meet", .alias = "msg", .max = SECRET_TEXT_BYTES_MAX,
     .take = option_take_secret},
    {"Message", "msg-file", FORM_STRING, COMMON(message_file), NULL, "FILE",
     "read the message from a file", .is_input = true},
    {"Message", "exact-size", FORM_SWITCH, AT(exact_size), NULL, NULL,
     "show how long the message is"},
};
SETTING_ROWS(ethernet_message_rows, message_array);

static const struct setting network_array[] = {
    {"The network", "bind-addr", FORM_STRING, AT(address), "0.0.0.0", "ADDRESS",
     "use only the interface with this address"},
    {"The network", "bind-mask", FORM_STRINGS, AT(interfaces), NULL, "NAME", "use this interface",
     .alias = "interface"},
    {"The network", "multicast-group", FORM_STRING, AT(group), "224.3.29.71", "ADDRESS",
     "the address of the group"},
    {"The network", "port", FORM_NUMBER, AT(port), "9005", "N", "the port of the group",
     .alias = "multicast-port", .min = 1, .max = PORT_MAX},
};
SETTING_ROWS(ethernet_network_rows, network_array);

static const struct setting stay_array[] = {
    {"Time and work", "timeout", FORM_SECONDS, COMMON(duration_s), "1m", "TIME", "how long to stay",
     .alias = "duration", .letter = 't', .min = 1, .max = TIMEOUT_S_MAX},
    {"Time and work", "interval", FORM_SECONDS, AT(interval_s), "1m", "TIME",
     "how long a session lasts", .letter = 'I', .min = 1, .max = INTERVAL_S_MAX},
    {"Time and work", "reveal-once", FORM_SWITCH, AT(reveal_once), NULL, NULL,
     "expect one message"},
    {"Time and work", "reveal-all", FORM_SWITCH, AT(reveal_all), NULL, NULL,
     "meet everybody who comes"},
    {"Time and work", "expect", FORM_NUMBER, COMMON(expect), NULL, "N",
     "how many messages to expect", .min = 1, .max = EXPECT_MAX},
    {"Time and work", "background", FORM_SWITCH, COMMON(background), NULL, NULL,
     "return when enough have come"},
    {"Time and work", "no-linger", FORM_SWITCH, COMMON(no_linger), NULL, NULL,
     "end as soon as enough have come"},
    {"Time and work", "jobs", FORM_NUMBER, COMMON(jobs), NULL, "N", "threads that compute",
     .min = 1, .max = JOBS_MAX},
    {"Time and work", "state", FORM_STRING, COMMON(state_file), NULL, "FILE",
     "a file to go on from in a later run"},
};
SETTING_ROWS(ethernet_stay_rows, stay_array);

int ethernet_options_complete(struct options *shared,
                              char complaint[static OPTIONS_COMPLAINT_BYTES])
{
    struct ethernet_options *options = (struct ethernet_options *)shared;
    if (options->reveal_once + options->reveal_all + (options->common.expect > 0) > 1)
        return options_complain(complaint, "give only one of --reveal-once, --reveal-all and "
                                           "--expect");
    if (options->reveal_all && options->common.no_linger)
        return options_complain(complaint, "--reveal-all and --no-linger do not go together");
    options->common.servers = (struct setting_strings){{NULL}, 1}; /* the local network */
    return run_options_check(&options->common, complaint);
}
