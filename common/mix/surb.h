/* SURBs (single-use reply blocks): an answer for somebody who is not known. */
#ifndef REUNION_MIX_SURB_H
#define REUNION_MIX_SURB_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/random.h"
#include "mix/packet.h"

enum {
    MIX_SURB_KEY_BYTES = 32,
    MIX_SURB_BYTES = MIX_ADDRESS_BYTES + 2 + MIX_HEADER_BYTES + MIX_SURB_KEY_BYTES,
    MIX_HANDLE_BYTES = MIX_ADDRESS_BYTES,
    MIX_REQUEST_BYTES = 578, /* a request of the box transport without its filling */
};

/* Where a mix or a server listens. */
struct mix_endpoint {
    uint8_t address[MIX_ADDRESS_BYTES];
    uint16_t port;
};

/* What a client keeps of a SURB that it made: what opens the answer, and what it is found by.
 * Secret; wipe it when the answer came. */
struct mix_surb_secrets {
    uint8_t last_alpha[MIX_ALPHA_BYTES]; /* stands in the answer's delivery */
    uint8_t key[MIX_SURB_KEY_BYTES];
    size_t count;
    uint8_t payload_keys[MIX_HOPS_MAX][MIX_WIDE_KEY_BYTES];
};

/* Make a SURB over `count` mixes, of which the first is at `first`. The last hop's command is of
 * kind 2 and has the client's handle. Draws from `random` as mix_header_make, and then 32 bytes.
 * `secrets` are the caller's to wipe. Any thread.
 * Returns: 0, -EINVAL (as mix_header_make; nothing is written then). */
MUST_CHECK int mix_surb_make(uint8_t surb[static MIX_SURB_BYTES], struct mix_surb_secrets *secrets,
                             const struct mix_endpoint *first, const struct mix_hop *hops,
                             size_t count, const struct random_source *random);

/* Make the packet that answers by a SURB, and say where it is sent. Any thread.
 * Returns: 0, -EMSGSIZE (more than MIX_CONTENT_BYTES_MAX; nothing is written then). */
MUST_CHECK int mix_surb_use(uint8_t packet[static MIX_PACKET_BYTES], struct mix_endpoint *first,
                            const uint8_t surb[static MIX_SURB_BYTES], const uint8_t *content,
                            size_t bytes);

/* Open what was delivered for a SURB; `content` has room for MIX_CONTENT_BYTES_MAX. Any thread.
 * Returns: 0, -EBADMSG (altered, or for another SURB; nothing is written then). */
MUST_CHECK int mix_surb_open(uint8_t content[static MIX_CONTENT_BYTES_MAX], size_t *bytes,
                             const struct mix_surb_secrets *secrets,
                             const uint8_t payload[static MIX_PAYLOAD_BYTES]);

/* K of a SURB from its k. */
void mix_surb_key(uint8_t key[static MIX_WIDE_KEY_BYTES],
                  const uint8_t k[static MIX_SURB_KEY_BYTES]);

/* A client's handle from the session key (EC of the box transport) that it sends to its last mix
 * with. */
void mix_handle(uint8_t handle[static MIX_HANDLE_BYTES],
                const uint8_t session_public[static MIX_KEY_BYTES]);

/* Content of kind 1, MIX_EXIT_BYTES: whom to ask what, and how the answer comes back. */
struct mix_exit {
    uint8_t surb[MIX_SURB_BYTES];
    struct mix_endpoint server;
    uint8_t request[MIX_REQUEST_BYTES];
};

void mix_exit_write(uint8_t content[static MIX_EXIT_BYTES], const struct mix_exit *exit);
void mix_exit_read(struct mix_exit *exit, const uint8_t content[static MIX_EXIT_BYTES]);

#endif
