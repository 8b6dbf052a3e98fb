/* The settings of reunion-mix in force, and where each came from. */
#ifndef REUNION_SERVER_MIX_CONFIG_H
#define REUNION_SERVER_MIX_CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "daemon/settings_file.h"
#include "option/settings.h"

enum { MIX_SETTINGS_MAX = 32 };

struct mix_config {
    struct setting_texts listen;
    struct setting_text metrics_listen; /* "none", or as socket_listen takes it */
    struct setting_text net, key_file, state;
    uint64_t batch, minimum, cover, interval_ms;
    uint64_t clients_max, requests_max, copies_max, tags_max;
    uint64_t rate_new_max, rate_clients_max;
    uint64_t log_level; /* enum log_level */
    struct setting_text file;
    struct setting_text name, host; /* for `key` */
    bool key, check, probe, help, version;

    enum setting_origin origins[MIX_SETTINGS_MAX]; /* by the setting's place in the table */
};

/* The table, whose values are a struct mix_config. */
extern const struct setting_table mix_settings;

/* Read the defaults, the flags, the variables named REUNION_MIX_… and the file that one of them
 * names, and check the whole. Each thing wrong becomes a line in `complaints`, which says where it
 * stands.
 * Returns: 0, -EINVAL (something is wrong; the switches among the flags are set nevertheless). */
MUST_CHECK int mix_config_read(struct mix_config *config, const struct settings_sources *sources,
                               FILE *complaints);

/* Whether nobody has given the setting of that name a value. */
bool mix_config_is_default(const struct mix_config *config, const char *name);

#endif
