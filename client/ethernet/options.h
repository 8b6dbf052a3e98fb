/* The options of reunion-on-an-ethernet. */
#ifndef REUNION_ETHERNET_OPTIONS_H
#define REUNION_ETHERNET_OPTIONS_H

#include "run/options.h"

/* Where a member of run_options has a meaning here, it is the same. */
struct ethernet_options {
    struct run_options common;
    int64_t interval_s;
    const char *group, *address; /* texts of addresses */
    int64_t port;
    struct setting_strings interfaces; /* names; none: all */
    bool reveal_once, reveal_all;
    bool exact_size;
};

extern const struct setting_rows ethernet_message_rows, ethernet_network_rows, ethernet_stay_rows;

/* Fill in what was not given, and look at it all. Returns: 0, -EINVAL. */
MUST_CHECK int ethernet_options_complete(struct options *options,
                                         char complaint[static OPTIONS_COMPLAINT_BYTES]);

#endif
