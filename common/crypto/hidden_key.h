/* X25519 key pairs whose public half looks like random bytes. */
#ifndef REUNION_CRYPTO_HIDDEN_KEY_H
#define REUNION_CRYPTO_HIDDEN_KEY_H

#include <stdint.h>

enum { HIDDEN_KEY_SEED_BYTES = 32, HIDDEN_KEY_BYTES = 32 };

/* The key pair of a seed: `hidden` maps (elligator2_map) to a public key of `secret`, which is
 * stored unclamped. The public keys cover the whole curve, so `hidden` is uniform. How many tries
 * it takes depends on keys that are thrown away. Working state is wiped. Any thread. */
void hidden_key_pair(uint8_t hidden[static HIDDEN_KEY_BYTES],
                     uint8_t secret[static HIDDEN_KEY_BYTES],
                     const uint8_t seed[static HIDDEN_KEY_SEED_BYTES]);

#endif
