/* The lasting key of a client, by which a server that has a list of clients knows it. */
#ifndef REUNION_CLI_CLIENT_KEY_H
#define REUNION_CLI_CLIENT_KEY_H

#include "base/stop.h"
#include "box/handshake.h"
#include "cli/outcome.h"

/* Source: box.md of the specification, "Keys and addresses". */

/* Read the file of --box-client-key: 32 bytes in base64, one line, which nobody else may read; "-"
 * is standard input. What is wrong is reported.
 * Returns: OUTCOME_DONE and the key pair in guarded memory, for secret_free; OUTCOME_USAGE,
 * OUTCOME_INTERRUPTED (by `stop`), OUTCOME_FAILED. */
enum outcome client_key_load(struct box_identity **identity, const char *path,
                             const struct stop_source *stop);

#endif
