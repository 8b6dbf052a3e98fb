/* Mix packets: a header and a payload, made by a client and unwrapped by each mix. */
#ifndef REUNION_MIX_PACKET_H
#define REUNION_MIX_PACKET_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/random.h"
#include "mix/header.h"
#include "mix/keys.h"
#include "mix/replay.h"

enum {
    MIX_PAYLOAD_BYTES = 912,
    MIX_ZEROS_BYTES = 16, /* before each content: they show that a payload came unaltered */
    MIX_CONTENT_BYTES_MAX = 894,
    MIX_EXIT_BYTES = 894,   /* content of kind 1 */
    MIX_DIVIDE_BYTES = 866, /* content of kind 4 */
    MIX_PACKET_BYTES = MIX_HEADER_BYTES + MIX_PAYLOAD_BYTES,
};

/* payload = 16 zeros || length || content || zeros.
 * Returns: 0, -EMSGSIZE (more than MIX_CONTENT_BYTES_MAX; `payload` is untouched then). */
MUST_CHECK int mix_content_put(uint8_t payload[static MIX_PAYLOAD_BYTES], const uint8_t *content,
                               size_t bytes);

/* Find the content of a decrypted payload. What stands behind it is not looked at. `content` points
 * into `payload`. Constant time but for the result.
 * Returns: 0, -EBADMSG (altered, or a wrong length; `content` and `bytes` are untouched then). */
MUST_CHECK int mix_content_find(const uint8_t **content, size_t *bytes,
                                const uint8_t payload[static MIX_PAYLOAD_BYTES]);

/* Make a packet for a route of `count` (1 to MIX_HOPS_MAX) mixes; the last hop's command says of
 * which kind it is. Draws from `random` as mix_header_make. Any thread.
 * Returns: 0, -EINVAL (as mix_header_make), -EMSGSIZE (the content is too long); `packet` is
 * untouched then. */
MUST_CHECK int mix_packet_make(uint8_t packet[static MIX_PACKET_BYTES], const struct mix_hop *hops,
                               size_t count, const uint8_t *content, size_t bytes,
                               const struct random_source *random);

/* A packet with one layer taken off. Wipe it when done: a last hop's content is in it. */
struct mix_unwrapped {
    struct mix_command command;
    uint8_t alpha[MIX_ALPHA_BYTES];   /* as received: a client finds the SURB by it */
    uint8_t tag[MIX_TAG_BYTES];       /* the same for each packet with this header */
    uint8_t packet[MIX_PACKET_BYTES]; /* for the next mix */
    const uint8_t *content;           /* of kinds 1 and 4: within `packet`, else NULL */
    size_t content_bytes;
};

/* Take one layer off a packet. Neither window, replay nor content are checked; `content` is NULL.
 * Any thread.
 * Returns: 0, -EBADMSG (the header is not for this key, or altered; `out` is untouched then). */
MUST_CHECK int mix_packet_unwrap(struct mix_unwrapped *out,
                                 const uint8_t secret[static MIX_KEY_BYTES],
                                 const uint8_t packet[static MIX_PACKET_BYTES]);

/* What is left to check of an unwrapped packet, in this order: its window, that its tag is new
 * (which is kept then), its kind, and for kinds 1 and 4 the content, which is found. `replay` has
 * one thread at a time.
 * Returns: 0; -EKEYEXPIRED (a window that is not taken); -EEXIST (a replay); -ENOSPC (the table of
 * tags is full), -ENOMEM; -ENOTSUP (another kind); -EBADMSG (an altered payload, or the wrong
 * length). All of these packets are dropped; after the last two the tag is kept. */
MUST_CHECK int mix_packet_accept(struct mix_unwrapped *unwrapped, struct mix_replay *replay,
                                 int64_t unix_s);

/* The payload as it leaves: of kind 2 what goes to the client. */
const uint8_t *mix_unwrapped_payload(const struct mix_unwrapped *unwrapped);

#endif
