#include <stddef.h>
#include <string.h>

#include "daemon/socket.h"
#include "mix/config.h"
#include "json/net_file.h"

#define AT(member)         .offset = offsetof(struct mix_config, member)
#define RANGE(least, most) .min = (least), .max = (most)

enum { MILLION = 1000000, BATCH_MAX = 1024, INTERVAL_MS_MAX = 60000 };

#define LISTENING "Listening"
#define FILES     "Files"
#define MIXING    "Mixing"
#define LIMITS    "Limits"
#define RUNNING   "Running"
#define ACTIONS   "Instead of mixing"

static const char *place_fault(const char *text)
{
    return strncmp(text, SOCKET_UNIX_PREFIX, strlen(SOCKET_UNIX_PREFIX)) == 0
               ? "packets have no unix sockets"
               : socket_fault(text);
}

static const char *metrics_place_fault(const char *text)
{
    return strcmp(text, "none") == 0 ? NULL : socket_fault(text);
}

static const char *host_fault(const char *text)
{
    struct mix_endpoint unused;
    return net_address_parse(&unused, text) ? "" : NULL;
}

static const char *name_fault(const char *text)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
    if (strlen(text) >= NET_NAME_BYTES)
        return "it has more than 63 characters";
    return text[strspn(text, allowed)] ? "" : NULL;
}

_Static_assert(NET_NAME_BYTES == 64, "the text says otherwise");

/* clang-format off */
static const struct setting rows[] = {
    {LISTENING, "listen", FORM_TEXTS, AT(listen), "0.0.0.0:5444", "ADDRESS:PORT",
     "where packets (UDP) are received; may be repeated", .fault = place_fault,
     .takes = "ADDRESS:PORT"},
    {LISTENING, "metrics-listen", FORM_TEXT, AT(metrics_listen), "127.0.0.1:5445", "WHERE",
     "where to serve GET /metrics and GET /healthz: ADDRESS:PORT, unix:PATH or none",
     .fault = metrics_place_fault, .takes = "ADDRESS:PORT, unix:PATH or none"},

    {FILES, "net", FORM_TEXT, AT(net), NULL, "FILE",
     "the net file: the mixes and servers that this mix sends to"},
    {FILES, "state", FORM_TEXT, AT(state), NULL, "FOLDER",
     "where the tags of packets are kept (default $STATE_DIRECTORY or here)"},
    {FILES, "key", FORM_TEXT, AT(key_file), NULL, "FILE",
     "the mix's key (default reunion-mix.key in --state)"},

    {MIXING, "batch", FORM_NUMBER, AT(batch), "32", "N",
     "packets that leave together, in random order", RANGE(1, BATCH_MAX)},
    {MIXING, "interval", FORM_MS, AT(interval_ms), "250ms", "TIME",
     "after this time a batch leaves with fewer packets", RANGE(1, INTERVAL_MS_MAX)},
    {MIXING, "minimum", FORM_NUMBER, AT(minimum), "8", "N", "packets that a batch has at least",
     RANGE(0, BATCH_MAX)},
    {MIXING, "cover", FORM_NUMBER, AT(cover), "1", "0|1",
     "1: a batch leaves after each interval even if nothing came", RANGE(0, 1)},

    {LIMITS, "clients-max", FORM_NUMBER, AT(clients_max), "16384", "N",
     "senders that the mix remembers, for five minutes after their last packet",
     RANGE(16, MILLION)},
    {LIMITS, "requests-max", FORM_NUMBER, AT(requests_max), "8192", "N",
     "requests to servers that may wait for their answer, 75 s at most", RANGE(16, MILLION)},
    {LIMITS, "copies-max", FORM_NUMBER, AT(copies_max), "4096", "N",
     "copies for mailboxes of groups that may be on their way", RANGE(16, MILLION)},
    {LIMITS, "tags-max", FORM_NUMBER, AT(tags_max), "4194304", "N",
     "tags of packets that are kept, each for 20 to 30 minutes", RANGE(1024, 1 << 30)},
    {LIMITS, "rate-new-max", FORM_NUMBER, AT(rate_new_max), "600", "N",
     "new senders a minute of one address, and as many at once; 0: no limit", RANGE(0, MILLION)},
    {LIMITS, "rate-clients-max", FORM_NUMBER, AT(rate_clients_max), "65536", "N",
     "addresses that the mix tells apart", RANGE(8, 1 << 24)},

    {RUNNING, "log-level", FORM_LEVEL, AT(log_level), "info", "LEVEL",
     "error, warning, info or debug"},
    {RUNNING, "config", FORM_TEXT, AT(file), NULL, "FILE",
     "read settings from FILE, a JSON object", .from = ORIGIN_ENVIRONMENT},

    {ACTIONS, "check-config", FORM_SWITCH, AT(check), NULL, NULL,
     "say what is wrong with the settings and the files, or show the settings",
     .from = ORIGIN_FLAG},
    {ACTIONS, "probe", FORM_SWITCH, AT(probe), NULL, NULL,
     "ask the mix that runs with these settings whether it is well", .from = ORIGIN_FLAG},
    {ACTIONS, "name", FORM_TEXT, AT(name), NULL, "NAME",
     "after the word key: the mix's name in the line for the net file", .from = ORIGIN_FLAG,
     .fault = name_fault, .takes = "letters, digits, \".\", \"-\" and \"_\""},
    {ACTIONS, "host", FORM_TEXT, AT(host), NULL, "ADDRESS:PORT",
     "after the word key: where others reach this mix", .from = ORIGIN_FLAG, .fault = host_fault,
     .takes = "ADDRESS:PORT, the address numeric"},
    {ACTIONS, "help", FORM_SWITCH, AT(help), NULL, NULL, "show a summary of the flags",
     .from = ORIGIN_FLAG, .letter = 'h'},
    {ACTIONS, "version", FORM_SWITCH, AT(version), NULL, NULL, "show the version",
     .from = ORIGIN_FLAG, .letter = 'V'},
};
/* clang-format on */

static const char *const others[] = {NULL};

static SETTING_ROWS(all_rows, rows);
static const struct setting_section sections[] = {{&all_rows, 0}};

const struct setting_table mix_settings = {
    .sections = sections,
    .section_count = 1,
    .prefix = "REUNION_MIX_",
    .others = others,
};
_Static_assert(sizeof rows / sizeof rows[0] <= MIX_SETTINGS_MAX, "origins too short");
