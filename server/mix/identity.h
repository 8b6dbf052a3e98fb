/* A mix's key, and the state that a new mix begins with. */
#ifndef REUNION_SERVER_MIX_IDENTITY_H
#define REUNION_SERVER_MIX_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/random.h"
#include "box/handshake.h"
#include "mix/config.h"

enum { BOOT_ID_BYTES = 64 }; /* with the terminating zero */

/* The boot id of the running system; empty if it is not known. */
void identity_boot_id(char boot_id[static BOOT_ID_BYTES]);

/* Read the mix's key into `identity`, which is in guarded memory; make it if there is none, with
 * the state of a mix that has taken no packet. `*made` is whether it was. Returns: 0, or what
 * key_file_read, key_file_make and tag_log_begin give. */
MUST_CHECK int identity_take(struct box_identity *identity, const struct mix_config *config,
                             const struct random_source *random, bool *made);

/* What can be done about a key file that cannot be used. */
const char *identity_advice(int err);

#endif
