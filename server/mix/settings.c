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
     "where packets (UDP) are received; may be repeated",
     "The address is numeric; write an IPv6 address in brackets. Packets for other mixes and for "
     "servers leave from the first address of their version of IP. The mix also receives on "
     "UDP sockets that a service manager hands over; these replace the default.",
     RANGE(0, 0), 0, place_fault, "ADDRESS:PORT"},
    {LISTENING, "metrics-listen", FORM_TEXT, AT(metrics_listen), "127.0.0.1:5445", "WHERE",
     "where to serve GET /metrics and GET /healthz: ADDRESS:PORT, unix:PATH or none",
     "The mix updates metrics at most once a minute and rounds counts down to multiples of 16, so "
     "that they do not show which packet went where. They are for the operator all the same. If "
     "nothing is set and the default address is in use, there are none, and the log says so.",
     RANGE(0, 0), 0, metrics_place_fault, "ADDRESS:PORT, unix:PATH or none"},

    {FILES, "net", FORM_TEXT, AT(net), NULL, "FILE",
     "the net file: the mixes and servers that this mix sends to",
     "JSON, the same file for all mixes and clients of a net. The mix reads it again on SIGHUP; a "
     "file that is not good leaves the net as it was. Without one the mix sends to nobody.",
     RANGE(0, 0), 0},
    {FILES, "state", FORM_TEXT, AT(state), NULL, "FOLDER",
     "where the tags of packets are kept (default $STATE_DIRECTORY or here)",
     "By them the mix takes no packet twice, also after it was stopped or killed. If the machine "
     "ended without stopping the mix, or the folder is empty, the mix refuses packets for ten to "
     "twenty minutes. Never put an older copy of the folder back.", RANGE(0, 0), 0},
    {FILES, "key", FORM_TEXT, AT(key_file), NULL, "FILE",
     "the mix's key (default reunion-mix.key in --state)",
     "The mix makes it on the first start: 32 bytes in base64, which only its owner may read.",
     RANGE(0, 0), 0},

    {MIXING, "batch", FORM_NUMBER, AT(batch), "32", "N",
     "packets that leave together, in random order", NULL, RANGE(1, BATCH_MAX), 0},
    {MIXING, "interval", FORM_MS, AT(interval_ms), "250ms", "TIME",
     "after this time a batch leaves with fewer packets",
     "A packet waits this long at most in each mix: longer mixes better and takes longer.",
     RANGE(1, INTERVAL_MS_MAX), 0},
    {MIXING, "minimum", FORM_NUMBER, AT(minimum), "8", "N",
     "packets that a batch has at least",
     "The mix adds packets of its own, which other mixes drop. It may not be above --batch.",
     RANGE(0, BATCH_MAX), 0},
    {MIXING, "cover", FORM_NUMBER, AT(cover), "1", "0|1",
     "1: a batch leaves after each interval even if nothing came",
     "With 0 it shows when a packet ends at this mix, as packets of cover do. With 1 each mix "
     "sends --minimum packets of 1232 bytes in each interval: 8 in 250ms are 40 kB a second.",
     RANGE(0, 1), 0},

    {LIMITS, "clients-max", FORM_NUMBER, AT(clients_max), "16384", "N",
     "senders that the mix remembers, for five minutes after their last packet",
     "If there are more, it forgets the one that has been silent longest, and cannot deliver to "
     "it until it sends again.", RANGE(16, MILLION), 0},
    {LIMITS, "requests-max", FORM_NUMBER, AT(requests_max), "8192", "N",
     "requests to servers that may wait for their answer, 75 s at most",
     "If there are more, the mix forgets the oldest.", RANGE(16, MILLION), 0},
    {LIMITS, "tags-max", FORM_NUMBER, AT(tags_max), "4194304", "N",
     "tags of packets that are kept, each for 20 to 30 minutes",
     "Each packet has one, of up to 32 bytes of memory and 16 on the disk. If there are more, the "
     "mix refuses packets. The default is for 2000 packets a second.",
     RANGE(1024, 1 << 30), 0},
    {LIMITS, "rate-new-max", FORM_NUMBER, AT(rate_new_max), "600", "N",
     "new senders a minute of one address, and as many at once; 0: no limit",
     "An IPv6 address counts as its network of 64 bits. The addresses of mixes in the net file, "
     "and this machine, have no limit.", RANGE(0, MILLION), 0},
    {LIMITS, "rate-clients-max", FORM_NUMBER, AT(rate_clients_max), "65536", "N",
     "addresses that the mix tells apart",
     "Beyond that some addresses share a limit. Each takes 16 bytes.", RANGE(8, 1 << 24), 0},

    {RUNNING, "log-level", FORM_LEVEL, AT(log_level), "info", "LEVEL",
     "error, warning, info or debug",
     "No line at any level names a client or a packet.", RANGE(0, 0), 0},
    {RUNNING, "config", FORM_TEXT, AT(file), NULL, "FILE",
     "read settings from FILE, a JSON object", NULL, RANGE(0, 0), ORIGIN_ENVIRONMENT},

    {ACTIONS, "check-config", FORM_ACTION, AT(check), NULL, NULL,
     "say what is wrong with the settings and the files, or show the settings",
     NULL, RANGE(0, 0), ORIGIN_FLAG},
    {ACTIONS, "probe", FORM_ACTION, AT(probe), NULL, NULL,
     "ask the mix that runs with these settings whether it is well",
     "It is asked at --metrics-listen. The exit code is 1 if it cannot write tags, or nobody "
     "answers.", RANGE(0, 0), ORIGIN_FLAG},
    {ACTIONS, "name", FORM_TEXT, AT(name), NULL, "NAME",
     "after the word key: the mix's name in the line for the net file",
     "reunion-mix key prints an object for the list \"mixes\" of the net file. Give it the "
     "settings that the mix has. It makes the key if there is none yet, unless the folder is "
     "another user's.",
     RANGE(0, 0), ORIGIN_FLAG, name_fault, "letters, digits, \".\", \"-\" and \"_\""},
    {ACTIONS, "host", FORM_TEXT, AT(host), NULL, "ADDRESS:PORT",
     "after the word key: where others reach this mix",
     "Without it, it is the first --listen that names one address.",
     RANGE(0, 0), ORIGIN_FLAG, host_fault, "ADDRESS:PORT, the address numeric"},
    {ACTIONS, "help", FORM_ACTION, AT(help), NULL, NULL,
     "show a summary of the flags; also -h", NULL, RANGE(0, 0), ORIGIN_FLAG},
    {ACTIONS, "manual", FORM_ACTION, AT(manual), NULL, NULL,
     "write the manual page, for man -l -", NULL, RANGE(0, 0), ORIGIN_FLAG},
    {ACTIONS, "version", FORM_ACTION, AT(version), NULL, NULL,
     "show the version; also -V", NULL, RANGE(0, 0), ORIGIN_FLAG},
};
/* clang-format on */

static const char *const others[] = {NULL};

const struct setting_table mix_settings = {
    .rows = rows,
    .count = sizeof rows / sizeof rows[0],
    .prefix = "REUNION_MIX_",
    .others = others,
};
_Static_assert(sizeof rows / sizeof rows[0] <= MIX_SETTINGS_MAX, "origins too short");
