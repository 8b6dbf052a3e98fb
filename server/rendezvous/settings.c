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
     "ADDRESS:PORT (port 0: any free one) or unix:PATH; may be repeated",
     "The address is numeric; write an IPv6 address in brackets. The server replaces the file of "
     "a unix socket on which nobody listens any more. It also listens on sockets that a service "
     "manager hands over; these replace the default.", RANGE(0, 0), 0, socket_fault,
     "ADDRESS:PORT or unix:PATH"},
    {LISTENING, "socket-mode", FORM_MODE, AT(socket_mode), "0660", "MODE",
     "who may connect to the file of a unix socket", NULL, RANGE(0, 0), 0},
    {LISTENING, "address-file", FORM_TEXT, AT(address_file), NULL, "FILE",
     "write the addresses that the server listens on to FILE, one a line",
     "The file appears as a whole, once the server listens on all of them. It replaces only a "
     "regular file: where there is anything else, a symbolic link included, the server does not "
     "start.", RANGE(0, 0), 0},
    {LISTENING, "metrics-listen", FORM_TEXT, AT(metrics_listen), "127.0.0.1:5001", "WHERE",
     "where to serve GET /metrics: as with --listen; none; or main, with the rest",
     "The server updates metrics at most once a minute and rounds counts down to multiples of 16 "
     "and sizes to 64 KiB, so that nobody who asks often sees the moment at which somebody came. "
     "They are for the operator all the same. If nothing is set and the default address is in "
     "use, perhaps by a second server, there are no metrics, and the log says so.",
     RANGE(0, 0), 0, metrics_place_fault,
     "ADDRESS:PORT, unix:PATH, none or main"},
    {LISTENING, "box-listen", FORM_TEXTS, AT(box_listen), NULL, "ADDRESS:PORT",
     "serve the box transport there as well (usual port: 5443); may be repeated",
     "Clients that know the server's address and key (box://HOST:PORT#KEY) need no domain and no "
     "certificate. What is inside is the same API; what it says about other clients "
     "(X-Forwarded-For) is not believed. A socket that a service manager hands over under the "
     "name box (FileDescriptorName=box) is for this, too.", RANGE(0, 0), 0, box_place_fault,
     "ADDRESS:PORT"},
    {LISTENING, "box-packets", FORM_TEXTS, AT(box_packets), NULL, "ADDRESS:PORT",
     "answer packets of the box transport (UDP) there as well; may be repeated",
     "Clients that know the server's address and key (box+udp://HOST:PORT#KEY) send each request "
     "in a packet of its own, and an answer is never longer than its request. The port may be that "
     "of --box-listen. It does not go together with --box-clients: a packet does not say whose it "
     "is. A UDP socket that a service manager hands over under the name box is for this, too.",
     RANGE(0, 0), 0, box_place_fault, "ADDRESS:PORT"},
    {LISTENING, "box-key", FORM_TEXT, AT(box_key), NULL, "FILE",
     "key of the box transport (default reunion-box.key beside the database)",
     "The server makes it on the first start with --box-listen or --box-packets: 32 bytes in "
     "base64, which only its owner may read. Keep a copy: it is the server's identity, and without "
     "it clients find nobody at the address that they know.", RANGE(0, 0), 0},
    {LISTENING, "box-clients", FORM_TEXT, AT(box_clients), NULL, "FILE",
     "serve over the box transport only clients whose public keys are in FILE",
     "A line has one key, 43 characters, which the check of reunion-client shows where it is given "
     "--box-client-key; # begins a comment. The server reads FILE again on SIGHUP, which stops it "
     "otherwise. A file that is not good leaves the list as it was. Connections that are open "
     "stay.", RANGE(0, 0), 0},

    {STORAGE, "db", FORM_TEXT, AT(database), NULL, "FILE",
     "database (default reunion.db in $STATE_DIRECTORY or here); :memory: forgets on exit",
     NULL, RANGE(0, 0), 0, database_fault},
    {STORAGE, "cache-max", FORM_BYTES, AT(cache_bytes_max), "256M", "SIZE",
     "bytes of buckets kept in memory; others are read from disk when needed",
     "The server keeps about 40 more bytes for each T1 and 600 for each bucket. With :memory: "
     "everything stays in memory.", RANGE(1 << 20, TIB), 0},
    {STORAGE, "stored-max", FORM_BYTES, AT(stored_bytes_max), "4G", "SIZE",
     "bytes of the database with its log; beyond them the server refuses posts",
     "It takes posts again when enough has expired.", RANGE(1 << 20, TIB), 0},

    {BUCKETS, "open-window", FORM_SECONDS, AT(open_window_s), "1h", "TIME",
     "how long a bucket takes T1s: 10m, 20m, 30m or 1h",
     "Windows begin at multiples of this time in unix time; clients refuse others. The windows of "
     "private links always last an hour.",
     RANGE(600, HOUR_S), 0, NULL, "of 10m, 20m, 30m or 1h", bucket_window_is_good},
    {BUCKETS, "lifetime", FORM_SECONDS, AT(lifetime_s), "24h", "TIME",
     "how long a bucket lives, from the beginning of its window",
     "After that everything in it is gone, from disk as well.", RANGE(2 * HOUR_S, YEAR_S), 0},
    {BUCKETS, "buckets-max", FORM_NUMBER, AT(buckets_max), "16384", "N",
     "buckets that may live at once",
     "The server refuses what needs one more. A quarter is kept for the common place and for "
     "private links. The more T1s live, the longer a start takes.",
     RANGE(1, MILLION), 0},
    {BUCKETS, "t1-free", FORM_NUMBER, AT(t1_free), "64", "N",
     "T1s that may come to a place before the server asks for work; 0: it never asks",
     "A T1 counts half as much after every 40 minutes. Beyond N a client must show work before "
     "the server takes its T1, and more work the more T1s come. The same holds for private links "
     "beyond 64 in a window. Only a flood gets there; honest people then do seconds of work.",
     RANGE(0, MILLION), 0},
    {BUCKETS, "link-buckets-max", FORM_NUMBER, AT(link_buckets_max), "16", "N",
     "buckets of private links that may be opened in an hour",
     "Each has room for 64. By default clients refuse the 18th of an hour.", RANGE(1, MILLION), 0},
    {BUCKETS, "places-max", FORM_NUMBER, AT(places_max), "4096", "N",
     "places that may live at once, besides the common one",
     "A place lives as long as one of its buckets. The server refuses what needs one more.",
     RANGE(0, MILLION), 0},
    {BUCKETS, "salt", FORM_HEX, AT(salt), NULL, "HEX",
     "32 bytes that clients mix into their keys (default zeros, as the reference has)",
     "Somebody who tries passphrases has to try them for each salt anew.",
     RANGE(SALT_BYTES, SALT_BYTES), 0},

    {MAILBOXES, "mailboxes", FORM_NUMBER, AT(mailboxes_max), "0", "N",
     "serve mailboxes of groups, as many as N at once; 0: none",
     "Whoever has a mailbox's read key opens and reads it; messages come to it in copies that the "
     "server cannot open, and it does not learn from whom. What is sent to a mailbox is sealed to "
     "the key at --box-key, which the server makes for this, too. Their content is in memory as "
     "well as in the database. Without this setting mailboxes that the database has from before "
     "end with their time.",
     RANGE(0, MILLION), 0},
    {MAILBOXES, "mailbox-copies-max", FORM_NUMBER, AT(mailbox_copies_max), "4096", "N",
     "copies in one mailbox, of 544 bytes each",
     "A mailbox that is full takes no more until its owner removes some; nobody who sends to it "
     "learns that. It remembers 16 times as many that were removed, so that none comes twice.",
     RANGE(1, MILLION), 0},
    {MAILBOXES, "mailbox-bytes-max", FORM_BYTES, AT(mailbox_bytes_max), "256M", "SIZE",
     "memory for the copies of all mailboxes together",
     "A copy takes 720 bytes; when it is removed, 160 until it would have expired. If there is no "
     "room, mailboxes are full.",
     RANGE(65536, TIB), 0},
    {MAILBOXES, "mailbox-copy-life", FORM_SECONDS, AT(mailbox_copy_life_s), "7d", "TIME",
     "how long a copy stays that nobody removes, up to an hour more", NULL,
     RANGE(HOUR_S, YEAR_S), 0},
    {MAILBOXES, "mailbox-life", FORM_SECONDS, AT(mailbox_life_s), "30d", "TIME",
     "how long a mailbox stays that its owner does not open again, up to an hour more",
     "After that everything in it is gone, from disk as well.", RANGE(DAY_S, YEAR_S), 0},
    {MAILBOXES, "rate-mailbox-max", FORM_NUMBER, AT(rate_mailbox_max), "60", "N",
     "mailboxes that one client address may open a minute, and at once; 0: no limit", NULL,
     RANGE(0, MILLION), 0},
    {MAILBOXES, "rate-delivery-max", FORM_NUMBER, AT(rate_delivery_max), "6000", "N",
     "copies that one client address may send a minute, and at once; 0: no limit",
     "A mix sends those of many people.", RANGE(0, MILLION), 0},
    {MAILBOXES, "rate-all-mailbox-max", FORM_NUMBER, AT(rate_all_mailbox_max), "6000", "N",
     "mailboxes opened a minute by all clients, this machine's as well; 0: no limit", NULL,
     RANGE(0, 60 * MILLION), 0},
    {MAILBOXES, "rate-all-delivery-max", FORM_NUMBER, AT(rate_all_delivery_max), "60000", "N",
     "copies sent a minute by all clients, this machine's as well; 0: no limit", NULL,
     RANGE(0, 60 * MILLION), 0},

    {LIMITS, "wait-max", FORM_SECONDS, AT(wait_s_max), "60", "TIME",
     "the longest a feed request may wait", NULL, RANGE(0, HOUR_S), 0},
    {LIMITS, "waiters-max", FORM_NUMBER, AT(waiters_max), "10000", "N",
     "feed requests that may wait at once", "Those that come in packets are counted apart.",
     RANGE(0, MILLION), 0},
    {LIMITS, "connections-max", FORM_NUMBER, AT(connections_max), "12000", "N",
     "connections at once", NULL, RANGE(1, MILLION), 0},
    {LIMITS, "client-connections-max", FORM_NUMBER, AT(client_connections_max), "512", "N",
     "connections at once of one client address; 0: no limit",
     "An IPv6 address counts as its network of 64 bits; a network of 48 bits may have four times "
     "as many. Connections from this machine and from listed proxies do not count.",
     RANGE(0, MILLION), 0},
    {LIMITS, "client-waiters-max", FORM_NUMBER, AT(client_waiters_max), "256", "N",
     "feed requests of one client address that may wait at once; 0: no limit",
     "Addresses count as with connections, and as a listed proxy names them.",
     RANGE(0, MILLION), 0},
    {LIMITS, "idle-max", FORM_SECONDS, AT(idle_s_max), "30", "TIME",
     "how long a connection may be silent", NULL, RANGE(1, HOUR_S), 0},
    {LIMITS, "request-time-max", FORM_SECONDS, AT(request_s_max), "30", "TIME",
     "how long a request may take to arrive whole",
     "The time counts from the opening of the connection or from the end of the last answer; "
     "bytes that trickle in do not extend it.", RANGE(1, HOUR_S), 0},
    {LIMITS, "box-handshakes-max", FORM_NUMBER, AT(box_handshakes_max), "1024", "N",
     "handshakes of the box transport at once",
     "One client address may have an eighth, and the server closes connections beyond that. "
     "Where as many are under way as may be, each new one ends the oldest.",
     RANGE(1, MILLION), 0},
    {LIMITS, "box-handshake-time-max", FORM_SECONDS, AT(box_handshake_s_max), "10", "TIME",
     "how long a handshake of the box transport may take",
     "A connection whose handshake fails gets no answer and is closed after this time, so that "
     "nobody learns why.",
     RANGE(1, HOUR_S), 0},
    {LIMITS, "answer-time-max", FORM_SECONDS, AT(answer_s_max), "10m", "TIME",
     "how long a client may take to read an answer", NULL, RANGE(1, HOUR_S), 0},
    {LIMITS, "bodies-max", FORM_BYTES, AT(bodies_bytes_max), "64M", "SIZE",
     "bytes of requests that are being received or committed",
     "A request that finds no room gets 503.", RANGE(65536, UINT64_C(1) << 40), 0},
    {LIMITS, "answers-max", FORM_BYTES, AT(answers_bytes_max), "64M", "SIZE",
     "bytes of answers that are being sent",
     "An answer of more than 4 KiB that finds no room becomes 503. One client address may have an "
     "eighth, or one answer; addresses count as with connections, and as a listed proxy names "
     "them. Those of /t1, /t2 and /t3 may have half, and the last quarter is for answers up to "
     "32 KiB of the version 1 API.",
     RANGE(4 << 20, UINT64_C(1) << 40), 0},
    {LIMITS, "rate-max", FORM_NUMBER, AT(rate_max), "50", "N",
     "requests a second of one client address, except T1s and links; 0: no limit",
     "An IPv6 address counts as its network of 64 bits; a network of 48 bits may ask four times "
     "as often. Requests from this machine have no limit, unless a listed proxy says for whom "
     "they are.",
     RANGE(0, 100000), 0},
    {LIMITS, "rate-burst", FORM_NUMBER, AT(rate_burst), "500", "N",
     "requests that a client address may make at once", NULL, RANGE(1, MILLION), 0},
    {LIMITS, "rate-t1-max", FORM_NUMBER, AT(rate_t1_max), "600", "N",
     "T1s a minute of one client address, and as many at once; 0: no limit",
     "T1s of the reference's clients count, too, each time they post them again.",
     RANGE(0, MILLION), 0},
    {LIMITS, "rate-link-max", FORM_NUMBER, AT(rate_link_max), "60", "N",
     "private links a minute of one client address, and as many at once; 0: no limit", NULL,
     RANGE(0, MILLION), 0},
    {LIMITS, "rate-list-max", FORM_NUMBER, AT(rate_list_max), "10", "N",
     "GET /t2 and GET /t3 a second of one client address, and 4 N at once; 0: no limit",
     "They count for --rate-max, too.",
     RANGE(0, 100000), 0},
    {LIMITS, "rate-all-max", FORM_NUMBER, AT(rate_all_max), "0", "N",
     "requests a minute of all clients, this machine's as well, except T1s and links; 0: no limit",
     NULL, RANGE(0, 60 * MILLION), 0},
    {LIMITS, "rate-all-t1-max", FORM_NUMBER, AT(rate_all_t1_max), "60000", "N",
     "T1s a minute of all clients, this machine's as well; 0: no limit", NULL,
     RANGE(0, 60 * MILLION), 0},
    {LIMITS, "rate-all-link-max", FORM_NUMBER, AT(rate_all_link_max), "6000", "N",
     "private links a minute of all clients, this machine's as well; 0: no limit", NULL,
     RANGE(0, 60 * MILLION), 0},
    {LIMITS, "rate-clients-max", FORM_NUMBER, AT(rate_clients_max), "65536", "N",
     "client addresses that the server tells apart",
     "Beyond that some addresses share a limit. Each takes 64 bytes.",
     RANGE(8, 1 << 24), 0},
    {LIMITS, "trusted-proxy", FORM_TEXTS, AT(trusted_proxies), NULL, "ADDRESS[/BITS]",
     "believe what this proxy says about who its clients are; may be repeated",
     "The client is the last address in X-Forwarded-For or Forwarded that is no trusted proxy's. "
     "The server trusts everybody who connects to a unix socket.", RANGE(0, 0), 0, network_fault,
     "ADDRESS[/BITS]"},
    {LIMITS, "page-origin", FORM_TEXTS, AT(page_origins), NULL, "ORIGIN",
     "let pages of this origin (https://example.org) post here; may be repeated",
     "Browsers say for which page they post (Origin, Sec-Fetch-Site, Referer). The server refuses "
     "a post when one of these names another origin than Host and these, or comes twice, so no "
     "page can make its visitors fill this server. Host itself is believed.",
     RANGE(0, 0), 0, origin_fault,
     "https://HOST or http://HOST, with :PORT where it is not the usual one, in lower case and "
     "without a path"},
    {LIMITS, "records-per-post-max", FORM_NUMBER, AT(records_per_post_max), "256", "N",
     "T2s or T3s in one request", NULL, RANGE(1, 65536), 0},
    {LIMITS, "records-per-sender-max", FORM_NUMBER, AT(records_per_sender_max), "16384", "N",
     "T2s and T3s in the name of one T1, in all buckets together",
     "The server refuses what comes after that.", RANGE(1, MILLION), 0},
    {LIMITS, "feed-answer-max", FORM_BYTES, AT(feed_bytes_max), "256K", "SIZE",
     "bytes of one answer of a feed, or of a list of T2s or T3s",
     "The rest comes with the next answer. It has to fit into three quarters of --answers-max.",
     RANGE(1024, GIB), 0},

    {REFERENCE, "reference-buckets", FORM_NUMBER, AT(reference_buckets), "8", "N",
     "newest live buckets that /t1, /t2 and /t3 show", NULL, RANGE(1, 1024), 0},
    {REFERENCE, "reference-records-max", FORM_NUMBER, AT(reference_records_max), "4096", "N",
     "T2s, and T3s, of one sender that are kept from there",
     "The server drops and counts what comes after that.", RANGE(1, MILLION), 0},
    {REFERENCE, "reference-body-max", FORM_BYTES, AT(reference_body_max), "4M", "SIZE",
     "bytes of a request there", NULL, RANGE(1024, GIB), 0},
    {REFERENCE, "reference-answer-max", FORM_BYTES, AT(reference_answer_max), "1M", "SIZE",
     "bytes of T2s or T3s in one answer there",
     "If there are more, the selection changes every two seconds. It has to fit into half of "
     "--answers-max.",
     RANGE(65536, GIB), 0},

    {REFERENCE, "reference-unpaid", FORM_NUMBER, AT(reference_unpaid), "0", "0|1",
     "1: take T1s from there even while work is asked for",
     "The reference's clients can show no work. With 0 the server refuses their new T1s meanwhile.",
     RANGE(0, 1), 0},

    {RUNNING, "threads", FORM_NUMBER, AT(threads), "2", "N",
     "threads that serve connections", NULL, RANGE(1, 64), 0},
    {RUNNING, "stop-wait-max", FORM_SECONDS, AT(stop_wait_s_max), "5", "TIME",
     "how long a stop waits for requests under way", NULL, RANGE(0, HOUR_S), 0},
    {RUNNING, "log-level", FORM_LEVEL, AT(log_level), "info", "LEVEL",
     "error, warning, info or debug",
     "No line at any level names a client, a bucket or a record.", RANGE(0, 0), 0},
    {RUNNING, "config", FORM_TEXT, AT(file), NULL, "FILE",
     "read settings from FILE, a JSON object", NULL, RANGE(0, 0), ORIGIN_ENVIRONMENT},

    {ACTIONS, "check-config", FORM_ACTION, AT(check), NULL, NULL,
     "say what is wrong with the settings, or show them and where each came from",
     NULL, RANGE(0, 0), ORIGIN_FLAG},
    {ACTIONS, "probe", FORM_ACTION, AT(probe), NULL, NULL,
     "ask the server that runs with these settings whether it is well; exit code 0 if it is",
     "It is asked at the first address in --address-file, or, if none is set, of --listen. The "
     "exit code is 1 if a write to its database fails, or nobody answers.",
     RANGE(0, 0), ORIGIN_FLAG},
    {ACTIONS, "host", FORM_TEXTS, AT(hosts), NULL, "HOST[:PORT]",
     "after the word key: print the box address for clients that reach the server there; may be "
     "repeated",
     "reunion-server key prints an address, box://HOST:PORT#KEY, for each --host, or, without one, "
     "for each --box-listen that names one address. Give it the settings that the server has, as "
     "it reads the key at --box-key. Without PORT it is that of the first --box-listen. With "
     "--box-packets it prints box+udp://HOST:PORT#KEY likewise.",
     RANGE(0, 0), ORIGIN_FLAG, key_command_host_fault, "HOST or HOST:PORT"},
    {ACTIONS, "qr", FORM_ACTION, AT(qr), NULL, NULL,
     "after the word key: show each address as a QR code, too", NULL, RANGE(0, 0), ORIGIN_FLAG},
    {ACTIONS, "help", FORM_ACTION, AT(help), NULL, NULL,
     "show a summary of the flags; also -h", NULL, RANGE(0, 0), ORIGIN_FLAG},
    {ACTIONS, "manual", FORM_ACTION, AT(manual), NULL, NULL,
     "write the manual page, for man -l -", NULL, RANGE(0, 0), ORIGIN_FLAG},
    {ACTIONS, "version", FORM_ACTION, AT(version), NULL, NULL,
     "show the version; also -V", NULL, RANGE(0, 0), ORIGIN_FLAG},
};
/* clang-format on */

/* Variables of the project's other programs, which a server may find in its environment. */
static const char *const others[] = {
    "REUNION_CTIDH",     "REUNION_PASSPHRASE", "REUNION_SERVER",
    "REUNION_BUILD",     "REUNION_VENV",       "REUNION_SOURCE",
    "REUNION_TEST_SEED", "REUNION_MIX_",       NULL,
};

const struct setting_table server_settings = {
    .rows = rows,
    .count = sizeof rows / sizeof rows[0],
    .prefix = "REUNION_",
    .others = others,
};
_Static_assert(sizeof rows / sizeof rows[0] <= CONFIG_SETTINGS_MAX, "origins too short");
