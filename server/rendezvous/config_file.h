/* The configuration file. */
#ifndef REUNION_RENDEZVOUS_CONFIG_FILE_H
#define REUNION_RENDEZVOUS_CONFIG_FILE_H

#include "rendezvous/config.h"

enum { CONFIG_FILE_BYTES_MAX = 65536 };

/* Read a configuration file into `config`, as config_read_json does its text.
 * Returns: 0, -EINVAL (something is wrong, which may be that it cannot be read). */
MUST_CHECK int config_file_read(struct config *config, const char *path, FILE *complaints);

#endif
