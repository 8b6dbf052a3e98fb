/* Packets of the box transport: one request or one answer in one datagram. */
#ifndef REUNION_BOX_PACKET_H
#define REUNION_BOX_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/random.h"
#include "crypto/box.h"

/* Source: box.md of the specification, "Packets". A request carries q, an answer p, which
 * wire/request.h is about. Datagrams have one of two sizes, an answer that of its request:
 *
 *   request   EC (32) || a (16) || box of q || filling
 *   answer    a (16) || b (16) || box of p
 *
 * Functions here keep nothing. Any thread. */

enum {
    BOX_PACKET_A_BYTES = 16, /* of a, which an answer has in common with its request; and of b */

    BOX_PACKET_BYTES = 1232,
    BOX_PACKET_Q_BYTES_MAX = 1166,
    BOX_PACKET_P_BYTES_MAX = 1182,

    /* The short one, from the last mix of a chain. Its filling is random and never read. */
    BOX_PACKET_SHORT_BYTES = 894,
    BOX_PACKET_SHORT_Q_BYTES_MAX = 512,
    BOX_PACKET_SHORT_P_BYTES_MAX = 844,
    BOX_PACKET_FILLING_BYTES = 316,
    BOX_PACKET_UNFILLED_BYTES = BOX_PACKET_SHORT_BYTES - BOX_PACKET_FILLING_BYTES,
};

/* What a client's session and a server have in common: EC and the key of its boxes. It is a secret:
 * whoever keeps one does so in guarded memory (secret.h), and wipes it. */
struct box_packet_key {
    uint8_t client_session[BOX_KEY_BYTES]; /* EC */
    uint8_t shared[BOX_SHARED_BYTES];
};

/* The client's: a fresh EC, from 32 bytes of `random`; ECs is forgotten at once.
 * Returns: 0, -EBADMSG (the server's key has small order; `key` is untouched). */
MUST_CHECK int box_packet_key_make(struct box_packet_key *key,
                                   const uint8_t server_public[static BOX_KEY_BYTES],
                                   const struct random_source *random);

/* The server's, for the EC of a request (box_request_session).
 * Returns: 0, -EBADMSG (EC has small order: the request counts as one that does not open; `key` is
 * untouched). */
MUST_CHECK int box_packet_key_of(struct box_packet_key *key,
                                 const uint8_t server_secret[static BOX_KEY_BYTES],
                                 const uint8_t client_session[static BOX_KEY_BYTES]);

/* Make a request with a new a, which the answer will have. `datagram_bytes` is BOX_PACKET_BYTES,
 * BOX_PACKET_SHORT_BYTES, or, for an exit that adds the filling, BOX_PACKET_UNFILLED_BYTES. Asks
 * `random` for a (16), and for the filling where there is one.
 * Returns: 0, -EINVAL (another size), -EMSGSIZE (no q, or more than fits); both outputs are
 * untouched then. */
MUST_CHECK int box_request_seal(const struct box_packet_key *key, uint8_t *datagram,
                                size_t datagram_bytes, uint8_t a[static BOX_PACKET_A_BYTES],
                                const uint8_t *q, size_t q_bytes,
                                const struct random_source *random);

/* Write the filling behind a request of BOX_PACKET_UNFILLED_BYTES. */
void box_request_fill(uint8_t datagram[static BOX_PACKET_SHORT_BYTES],
                      const struct random_source *random);

/* The EC of a datagram that may be a request, so that its key can be looked up or made; NULL if it
 * has another size. It stays the datagram's. */
const uint8_t *box_request_session(const uint8_t *datagram, size_t datagram_bytes);

/* Open a request into `q`, at most BOX_PACKET_Q_BYTES_MAX and at least 1 byte.
 * Returns: 0, -EMSGSIZE (a datagram of another size), -EBADMSG (of another EC than `key`, does not
 * open, or its q has no length that it may have). Either is dropped without an answer, and `q` and
 * `a` are untouched. */
MUST_CHECK int box_request_open(const struct box_packet_key *key,
                                uint8_t q[static BOX_PACKET_Q_BYTES_MAX], size_t *q_bytes,
                                uint8_t a[static BOX_PACKET_A_BYTES], const uint8_t *datagram,
                                size_t datagram_bytes);

/* The most that an answer of so many bytes carries; 0 if answers do not have that size. */
size_t box_answer_p_bytes_max(size_t datagram_bytes);

/* Make an answer to the request with this a, of that request's size. Asks `random` for b (16).
 * Returns: 0, -EINVAL (neither size), -EMSGSIZE (no p, or more than fits); `datagram` is untouched
 * then. */
MUST_CHECK int box_answer_seal(const struct box_packet_key *key, uint8_t *datagram,
                               size_t datagram_bytes, const uint8_t a[static BOX_PACKET_A_BYTES],
                               const uint8_t *p, size_t p_bytes,
                               const struct random_source *random);

/* The a of a datagram that may be an answer, by which its request is found; NULL if it has another
 * size. It stays the datagram's. */
const uint8_t *box_answer_a(const uint8_t *datagram, size_t datagram_bytes);

/* Open the answer to the request of `request_bytes` bytes with this a, into `p`, at most
 * BOX_PACKET_P_BYTES_MAX and at least 1 byte. a is compared in constant time.
 * Returns: 0, -EMSGSIZE (not of the request's size), -EBADMSG (another a, does not open, or its p
 * has no length that it may have). Either is ignored, and `p` is untouched. */
MUST_CHECK int box_answer_open(const struct box_packet_key *key,
                               uint8_t p[static BOX_PACKET_P_BYTES_MAX], size_t *p_bytes,
                               const uint8_t a[static BOX_PACKET_A_BYTES], size_t request_bytes,
                               const uint8_t *datagram, size_t datagram_bytes);

#endif
