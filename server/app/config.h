/* The server's settings, from one table. */
#ifndef REUNION_APP_CONFIG_H
#define REUNION_APP_CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "base/limits.h"

enum { CONFIG_LISTENERS_MAX = 8, CONFIG_TEXT_BYTES = 1024, CONFIG_COMPLAINT_BYTES = 256 };

struct config_text {
    char text[CONFIG_TEXT_BYTES]; /* empty: not set */
};

struct config {
    struct config_text listen[CONFIG_LISTENERS_MAX];
    uint64_t listen_count;
    struct config_text database; /* ":memory:" is none */
    struct config_text address_file;
    uint64_t open_window_s, lifetime_s;
    uint8_t salt[SALT_BYTES];
    uint64_t log_level; /* enum log_level */
    uint64_t wait_s_max;
    uint64_t waiters_max;
    uint64_t connections_max;
    uint64_t idle_s_max;
    uint64_t stop_wait_s_max;
    uint64_t threads; /* that serve connections */
    uint64_t records_per_post_max;
    uint64_t reference_buckets;
    uint64_t reference_records_max;
    uint64_t reference_body_max;
    uint64_t feed_bytes_max;
    bool help, version;
};

/* Every setting's default. */
void config_defaults(struct config *config);

/* Read the command line into `config`, which has the defaults, and check the whole.
 * Gives: 0, -EINVAL and a sentence in `complaint`. */
MUST_CHECK int config_read(struct config *config, int argc, char *const *argv,
                           char complaint[static CONFIG_COMPLAINT_BYTES]);

/* Write the help text, made from the table. */
void config_help(FILE *to);

#endif
