/* The settings in force, and where each came from. */
#ifndef REUNION_RENDEZVOUS_CONFIG_H
#define REUNION_RENDEZVOUS_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "daemon/settings_file.h"
#include "option/settings.h"
#include "wire/sizes.h"

/* DESIGN: a new setting is a member here and a row in settings.c; nothing else knows settings by
 * name. */

enum { CONFIG_SETTINGS_MAX = 96 };

struct config {
    struct setting_texts listen;
    uint64_t socket_mode;
    struct setting_text address_file;
    struct setting_text metrics_listen; /* "none", "main", or as one of `listen` */
    struct setting_texts box_listen, box_packets;
    struct setting_text box_key, box_clients;
    struct setting_text database; /* ":memory:" is none */
    uint64_t open_window_s, lifetime_s;
    uint8_t salt[SALT_BYTES];
    uint64_t wait_s_max;
    uint64_t waiters_max;
    uint64_t connections_max;
    uint64_t idle_s_max;
    uint64_t request_s_max;
    uint64_t box_handshakes_max, box_handshake_s_max;
    uint64_t answer_s_max;
    uint64_t bodies_bytes_max, answers_bytes_max;
    uint64_t client_connections_max, client_waiters_max;
    uint64_t rate_max, rate_burst, rate_clients_max;
    uint64_t rate_t1_max, rate_link_max, rate_list_max;
    uint64_t rate_all_max, rate_all_t1_max, rate_all_link_max;
    uint64_t rate_mailbox_max, rate_delivery_max, rate_all_mailbox_max, rate_all_delivery_max;
    uint64_t mailboxes_max, mailbox_copies_max, mailbox_bytes_max;
    uint64_t mailbox_life_s, mailbox_copy_life_s;
    struct setting_texts trusted_proxies;
    struct setting_texts page_origins;
    struct setting_text page;
    uint64_t stop_wait_s_max;
    uint64_t threads; /* that serve connections */
    uint64_t records_per_post_max;
    uint64_t feed_bytes_max;
    uint64_t cache_bytes_max, stored_bytes_max;
    uint64_t buckets_max, link_buckets_max, places_max, t1_free, reference_unpaid;
    uint64_t records_per_sender_max;
    uint64_t reference_buckets;
    uint64_t reference_records_max;
    uint64_t reference_body_max, reference_answer_max;
    uint64_t log_level; /* enum log_level */
    struct setting_text file;
    struct setting_texts hosts; /* for `key` */
    bool qr;                    /* likewise */
    bool key, check, page_hashes, probe, help, version;

    enum setting_origin origins[CONFIG_SETTINGS_MAX]; /* by the setting's place in the table */
};

/* Every setting's default. */
void config_defaults(struct config *config);

/* Read the defaults, the flags, the variables named REUNION_… and the file that one of them names,
 * and check the whole. Each thing wrong becomes a line in `complaints`, which says where it stands.
 * Returns: 0, -EINVAL (something is wrong; the switches among the flags are set nevertheless). */
MUST_CHECK int config_read(struct config *config, const struct settings_sources *sources,
                           FILE *complaints);

/* The config by its table, for as long as it is there. */
struct settings config_settings(struct config *config);

/* Whether nobody has given the setting of that name a value. */
bool config_is_default(const struct config *config, const char *name);

#endif
