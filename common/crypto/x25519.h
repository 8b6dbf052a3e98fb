/* X25519 (RFC 7748), all-zero results included. */
#ifndef REUNION_CRYPTO_X25519_H
#define REUNION_CRYPTO_X25519_H

#include <stdint.h>

enum { X25519_BYTES = 32 };

/* shared = X25519(secret, public), with clamping. A public key of small order gives zeros, which
 * is no error here: the other half of the key exchange decides. Constant time. Any thread. */
void x25519(uint8_t shared[static X25519_BYTES], const uint8_t secret[static X25519_BYTES],
            const uint8_t public_key[static X25519_BYTES]);

#endif
