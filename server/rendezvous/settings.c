#include "rendezvous/settings.h"

#include <string.h>

#include "api/origin.h"
#include "daemon/client_address.h"
#include "daemon/socket.h"
#include "rendezvous/key_command.h"
#include "wire/bucket_id.h"

#define AT(member)         .offset = offsetof(struct config, member)
#define RANGE(least, most) .min = (least), .max = (most)

enum { YEAR_S = 31536000, DAY_S = 86400, HOUR_S = 3600, MILLION = 1000000, GIB = 1 << 30 };

#define TIB (UINT64_C(1) << 40)

#define LISTENING "Listening"
#define STORAGE   "Storage"
#define BUCKETS   "Buckets"
#define MAILBOXES "Mailboxes"
#define LIMITS    "Limits"
#define REFERENCE "Reference-compatible endpoints"
#define RUNNING   "Running"
#define ACTIONS   "Instead of serving"

static const char *metrics_place_fault(const char *text)
{
    return strcmp(text, "none") == 0 || strcmp(text, "main") == 0 ? NULL : socket_fault(text);
}

static const char *box_place_fault(const char *text)
{
    return strncmp(text, SOCKET_UNIX_PREFIX, strlen(SOCKET_UNIX_PREFIX)) == 0
               ? "the box transport has no unix sockets"
               : socket_fault(text);
}

static const char *page_fault(const char *text)
{
    return strcmp(text, "on") == 0 || strcmp(text, "off") == 0 ? NULL : "";
}

static const char *origin_fault(const char *text)
{
    return origin_is_good(text) ? NULL : "";
}

/* SQLite gives names of these two kinds a meaning of their own. */
static const char *database_fault(const char *text)
{
    if (strcmp(text, ":memory:") == 0)
        return NULL;
    if (strncmp(text, "file:", 5) == 0)
        return "it is a URI, and those are not taken: write ./file:… for a file of that name";
    return *text == ':' ? "only :memory: begins so: write ./:… for a file of that name" : NULL;
}

static const char *network_fault(const char *text)
{
    struct proxies unused = {.count = 0};
    return proxies_add(&unused, text) ? "" : NULL;
}

/* clang-format off */
static const struct setting rows[] = {
    {LISTENING, "listen", FORM_TEXTS, AT(listen), "127.0.0.1:5000", "WHERE",
     "ADDRESS:PORT (port 0: any free one) or unix:PATH; may be repeated", .fault = socket_fault,
     .takes = "ADDRESS:PORT or unix:PATH"},
    {LISTENING, "socket-mode", FORM_MODE, AT(socket_mode), "0660", "MODE",
     "who may connect to the file of a unix socket"},
    {LISTENING, "address-file", FORM_TEXT, AT(address_file), NULL, "FILE",
     "write the addresses that the server listens on to FILE, one a line"},
    {LISTENING, "page", FORM_TEXT, AT(page), "on", "on|off",
     "on: serve the page that meets in a browser; off: one that explains",
     .fault = page_fault, .takes = "on or off"},
    {LISTENING, "metrics-listen", FORM_TEXT, AT(metrics_listen), "127.0.0.1:5001", "WHERE",
     "where to serve GET /metrics: as with --listen; none; or main, with the rest",
     .fault = metrics_place_fault, .takes = "ADDRESS:PORT, unix:PATH, none or main"},
    {LISTENING, "box-listen", FORM_TEXTS, AT(box_listen), NULL, "ADDRESS:PORT",
     "serve the box transport there as well (usual port: 5443); may be repeated",
     .fault = box_place_fault, .takes = "ADDRESS:PORT"},
    {LISTENING, "box-packets", FORM_TEXTS, AT(box_packets), NULL, "ADDRESS:PORT",
     "answer packets of the box transport (UDP) there as well; may be repeated",
     .fault = box_place_fault, .takes = "ADDRESS:PORT"},
    {LISTENING, "box-key", FORM_TEXT, AT(box_key), NULL, "FILE",
     "key of the box transport (default reunion-box.key beside the database)"},
    {LISTENING, "box-clients", FORM_TEXT, AT(box_clients), NULL, "FILE",
     "serve over the box transport only clients whose public keys are in FILE"},

    {STORAGE, "db", FORM_TEXT, AT(database), NULL, "FILE",
     "database (default reunion.db in $STATE_DIRECTORY or here); :memory: forgets on exit",
     .fault = database_fault},
    {STORAGE, "cache-max", FORM_BYTES, AT(cache_bytes_max), "256M", "SIZE",
     "bytes of buckets kept in memory; others are read from disk when needed",
     RANGE(1 << 20, TIB)},
    {STORAGE, "stored-max", FORM_BYTES, AT(stored_bytes_max), "4G", "SIZE",
     "bytes of the database with its log; beyond them the server refuses posts",
     RANGE(1 << 20, TIB)},

    {BUCKETS, "open-window", FORM_SECONDS, AT(open_window_s), "1h", "TIME",
     "how long a bucket takes T1s: 10m, 20m, 30m or 1h", RANGE(600, HOUR_S),
     .takes = "of 10m, 20m, 30m or 1h", .allows = bucket_window_is_good},
    {BUCKETS, "lifetime", FORM_SECONDS, AT(lifetime_s), "24h", "TIME",
     "how long a bucket lives, from the beginning of its window", RANGE(2 * HOUR_S, YEAR_S)},
    {BUCKETS, "buckets-max", FORM_NUMBER, AT(buckets_max), "16384", "N",
     "buckets that may live at once", RANGE(1, MILLION)},
    {BUCKETS, "t1-free", FORM_NUMBER, AT(t1_free), "64", "N",
     "T1s that may come to a place before the server asks for work; 0: it never asks",
     RANGE(0, MILLION)},
    {BUCKETS, "link-buckets-max", FORM_NUMBER, AT(link_buckets_max), "16", "N",
     "buckets of private links that may be opened in an hour", RANGE(1, MILLION)},
    {BUCKETS, "places-max", FORM_NUMBER, AT(places_max), "4096", "N",
     "places that may live at once, besides the common one", RANGE(0, MILLION)},
    {BUCKETS, "salt", FORM_HEX, AT(salt), NULL, "HEX",
     "32 bytes that clients mix into their keys (default zeros, as the reference has)",
     RANGE(SALT_BYTES, SALT_BYTES)},

    {MAILBOXES, "mailboxes", FORM_NUMBER, AT(mailboxes_max), "0", "N",
     "serve mailboxes of groups, as many as N at once; 0: none", RANGE(0, MILLION)},
    {MAILBOXES, "mailbox-copies-max", FORM_NUMBER, AT(mailbox_copies_max), "4096", "N",
     "copies in one mailbox, of 544 bytes each", RANGE(1, MILLION)},
    {MAILBOXES, "mailbox-bytes-max", FORM_BYTES, AT(mailbox_bytes_max), "256M", "SIZE",
     "memory for the copies of all mailboxes together", RANGE(65536, TIB)},
    {MAILBOXES, "mailbox-copy-life", FORM_SECONDS, AT(mailbox_copy_life_s), "7d", "TIME",
     "how long a copy stays that nobody removes, up to an hour more", RANGE(HOUR_S, YEAR_S)},
    {MAILBOXES, "mailbox-life", FORM_SECONDS, AT(mailbox_life_s), "30d", "TIME",
     "how long a mailbox stays that its owner does not open again, up to an hour more",
     RANGE(DAY_S, YEAR_S)},
    {MAILBOXES, "rate-mailbox-max", FORM_NUMBER, AT(rate_mailbox_max), "60", "N",
     "mailboxes that one client address may open a minute, and at once; 0: no limit",
     RANGE(0, MILLION)},
    {MAILBOXES, "rate-delivery-max", FORM_NUMBER, AT(rate_delivery_max), "6000", "N",
     "copies that one client address may send a minute, and at once; 0: no limit",
     RANGE(0, MILLION)},
    {MAILBOXES, "rate-all-mailbox-max", FORM_NUMBER, AT(rate_all_mailbox_max), "6000", "N",
     "mailboxes opened a minute by all clients, this machine's as well; 0: no limit",
     RANGE(0, 60 * MILLION)},
    {MAILBOXES, "rate-all-delivery-max", FORM_NUMBER, AT(rate_all_delivery_max), "60000", "N",
     "copies sent a minute by all clients, this machine's as well; 0: no limit",
     RANGE(0, 60 * MILLION)},

    {LIMITS, "wait-max", FORM_SECONDS, AT(wait_s_max), "60", "TIME",
     "the longest a feed request may wait", RANGE(0, HOUR_S)},
    {LIMITS, "waiters-max", FORM_NUMBER, AT(waiters_max), "10000", "N",
     "feed requests that may wait at once", RANGE(0, MILLION)},
    {LIMITS, "connections-max", FORM_NUMBER, AT(connections_max), "12000", "N",
     "connections at once", RANGE(1, MILLION)},
    {LIMITS, "client-connections-max", FORM_NUMBER, AT(client_connections_max), "512", "N",
     "connections at once of one client address; 0: no limit", RANGE(0, MILLION)},
    {LIMITS, "client-waiters-max", FORM_NUMBER, AT(client_waiters_max), "256", "N",
     "feed requests of one client address that may wait at once; 0: no limit", RANGE(0, MILLION)},
    {LIMITS, "idle-max", FORM_SECONDS, AT(idle_s_max), "30", "TIME",
     "how long a connection may be silent", RANGE(1, HOUR_S)},
    {LIMITS, "request-time-max", FORM_SECONDS, AT(request_s_max), "30", "TIME",
     "how long a request may take to arrive whole", RANGE(1, HOUR_S)},
    {LIMITS, "box-handshakes-max", FORM_NUMBER, AT(box_handshakes_max), "1024", "N",
     "handshakes of the box transport at once", RANGE(1, MILLION)},
    {LIMITS, "box-handshake-time-max", FORM_SECONDS, AT(box_handshake_s_max), "10", "TIME",
     "how long a handshake of the box transport may take", RANGE(1, HOUR_S)},
    {LIMITS, "answer-time-max", FORM_SECONDS, AT(answer_s_max), "10m", "TIME",
     "how long a client may take to read an answer", RANGE(1, HOUR_S)},
    {LIMITS, "bodies-max", FORM_BYTES, AT(bodies_bytes_max), "64M", "SIZE",
     "bytes of requests that are being received or committed", RANGE(65536, UINT64_C(1) << 40)},
    {LIMITS, "answers-max", FORM_BYTES, AT(answers_bytes_max), "64M", "SIZE",
     "bytes of answers that are being sent", RANGE(4 << 20, UINT64_C(1) << 40)},
    {LIMITS, "rate-max", FORM_NUMBER, AT(rate_max), "50", "N",
     "requests a second of one client address, except T1s and links; 0: no limit",
     RANGE(0, 100000)},
    {LIMITS, "rate-burst", FORM_NUMBER, AT(rate_burst), "500", "N",
     "requests that a client address may make at once", RANGE(1, MILLION)},
    {LIMITS, "rate-t1-max", FORM_NUMBER, AT(rate_t1_max), "600", "N",
     "T1s a minute of one client address, and as many at once; 0: no limit", RANGE(0, MILLION)},
    {LIMITS, "rate-link-max", FORM_NUMBER, AT(rate_link_max), "60", "N",
     "private links a minute of one client address, and as many at once; 0: no limit",
     RANGE(0, MILLION)},
    {LIMITS, "rate-list-max", FORM_NUMBER, AT(rate_list_max), "10", "N",
     "GET /t2 and GET /t3 a second of one client address, and 4 N at once; 0: no limit",
     RANGE(0, 100000)},
    {LIMITS, "rate-all-max", FORM_NUMBER, AT(rate_all_max), "0", "N",
     "requests a minute of all clients, this machine's as well, except T1s and links; 0: no "
     "limit",
     RANGE(0, 60 * MILLION)},
    {LIMITS, "rate-all-t1-max", FORM_NUMBER, AT(rate_all_t1_max), "60000", "N",
     "T1s a minute of all clients, this machine's as well; 0: no limit", RANGE(0, 60 * MILLION)},
    {LIMITS, "rate-all-link-max", FORM_NUMBER, AT(rate_all_link_max), "6000", "N",
     "private links a minute of all clients, this machine's as well; 0: no limit",
     RANGE(0, 60 * MILLION)},
    {LIMITS, "rate-clients-max", FORM_NUMBER, AT(rate_clients_max), "65536", "N",
     "client addresses that the server tells apart", RANGE(8, 1 << 24)},
    {LIMITS, "trusted-proxy", FORM_TEXTS, AT(trusted_proxies), NULL, "ADDRESS[/BITS]",
     "believe what this proxy says about who its clients are; may be repeated",
     .fault = network_fault, .takes = "ADDRESS[/BITS]"},
    {LIMITS, "page-origin", FORM_TEXTS, AT(page_origins), NULL, "ORIGIN",
     "let pages of this origin (https://example.org, or null) post here; may be repeated",
     .fault = origin_fault,
     .takes = "https://HOST or http://HOST, with :PORT where it is not the usual one, in lower "
     "case and without a path, or null for pages that are files"},
    {LIMITS, "records-per-post-max", FORM_NUMBER, AT(records_per_post_max), "256", "N",
     "T2s or T3s in one request", RANGE(1, 65536)},
    {LIMITS, "records-per-sender-max", FORM_NUMBER, AT(records_per_sender_max), "16384", "N",
     "T2s and T3s in the name of one T1, in all buckets together", RANGE(1, MILLION)},
    {LIMITS, "feed-answer-max", FORM_BYTES, AT(feed_bytes_max), "256K", "SIZE",
     "bytes of one answer of a feed, or of a list of T2s or T3s", RANGE(1024, GIB)},

    {REFERENCE, "reference-buckets", FORM_NUMBER, AT(reference_buckets), "8", "N",
     "newest live buckets that /t1, /t2 and /t3 show", RANGE(1, 1024)},
    {REFERENCE, "reference-records-max", FORM_NUMBER, AT(reference_records_max), "4096", "N",
     "T2s, and T3s, of one sender that are kept from there", RANGE(1, MILLION)},
    {REFERENCE, "reference-body-max", FORM_BYTES, AT(reference_body_max), "4M", "SIZE",
     "bytes of a request there", RANGE(1024, GIB)},
    {REFERENCE, "reference-answer-max", FORM_BYTES, AT(reference_answer_max), "1M", "SIZE",
     "bytes of T2s or T3s in one answer there", RANGE(65536, GIB)},

    {REFERENCE, "reference-unpaid", FORM_NUMBER, AT(reference_unpaid), "0", "0|1",
     "1: take T1s from there even while work is asked for", RANGE(0, 1)},

    {RUNNING, "threads", FORM_NUMBER, AT(threads), "2", "N", "threads that serve connections",
     RANGE(1, 64)},
    {RUNNING, "stop-wait-max", FORM_SECONDS, AT(stop_wait_s_max), "5", "TIME",
     "how long a stop waits for requests under way", RANGE(0, HOUR_S)},
    {RUNNING, "log-level", FORM_LEVEL, AT(log_level), "info", "LEVEL",
     "error, warning, info or debug"},
    {RUNNING, "config", FORM_TEXT, AT(file), NULL, "FILE",
     "read settings from FILE, a JSON object", .from = ORIGIN_ENVIRONMENT},

    {ACTIONS, "check-config", FORM_SWITCH, AT(check), NULL, NULL,
     "say what is wrong with the settings, or show them and where each came from",
     .from = ORIGIN_FLAG},
    {ACTIONS, "probe", FORM_SWITCH, AT(probe), NULL, NULL,
     "ask the server that runs with these settings whether it is well; exit code 0 if it is",
     .from = ORIGIN_FLAG},
    {ACTIONS, "page-hashes", FORM_SWITCH, AT(page_hashes), NULL, NULL,
     "print SHA-256 of the page's files, and of the page as one file", .from = ORIGIN_FLAG},
    {ACTIONS, "host", FORM_TEXTS, AT(hosts), NULL, "HOST[:PORT]",
     "after the word key: print the box address for clients that reach the server there; may be "
     "repeated",
     .from = ORIGIN_FLAG, .fault = key_command_host_fault, .takes = "HOST or HOST:PORT"},
    {ACTIONS, "qr", FORM_SWITCH, AT(qr), NULL, NULL,
     "after the word key: show each address as a QR code, too", .from = ORIGIN_FLAG},
    {ACTIONS, "help", FORM_SWITCH, AT(help), NULL, NULL, "show a summary of the flags",
     .from = ORIGIN_FLAG, .letter = 'h'},
    {ACTIONS, "version", FORM_SWITCH, AT(version), NULL, NULL, "show the version",
     .from = ORIGIN_FLAG, .letter = 'V'},
};
/* clang-format on */

/* Variables of the project's other programs, which a server may find in its environment. */
static const char *const others[] = {
    "REUNION_CTIDH",     "REUNION_PASSPHRASE", "REUNION_SERVER",
    "REUNION_BUILD",     "REUNION_VENV",       "REUNION_SOURCE",
    "REUNION_TEST_SEED", "REUNION_MIX_",       NULL,
};

static SETTING_ROWS(all_rows, rows);
static const struct setting_section sections[] = {{&all_rows, 0}};

const struct setting_table server_settings = {
    .sections = sections,
    .section_count = 1,
    .prefix = "REUNION_",
    .others = others,
};
_Static_assert(sizeof rows / sizeof rows[0] <= CONFIG_SETTINGS_MAX, "origins too short");
