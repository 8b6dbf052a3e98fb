/* Nonces of the box stream: a label, and a counter or random bytes. */
#ifndef REUNION_BOX_NONCE_H
#define REUNION_BOX_NONCE_H

#include <stdbool.h>
#include <stdint.h>

#include "crypto/box.h"

/* Source: box.md of the specification, "Stream". Any thread. */

enum { BOX_NONCE_RANDOM_BYTES = 16 };

/* Of the Hello, whose key serves it alone. */
void box_nonce_hello(uint8_t nonce[static BOX_NONCE_BYTES]);

/* Of the Cookie and of V, with the random bytes that are sent before them. */
void box_nonce_cookie(uint8_t nonce[static BOX_NONCE_BYTES],
                      const uint8_t r[static BOX_NONCE_RANDOM_BYTES]);
void box_nonce_vouch(uint8_t nonce[static BOX_NONCE_BYTES],
                     const uint8_t v[static BOX_NONCE_RANDOM_BYTES]);

/* Of message `counter` of the client or of the server; the client's Vouch has 0. */
void box_nonce_counter(uint8_t nonce[static BOX_NONCE_BYTES], bool of_client, uint64_t counter);

#endif
