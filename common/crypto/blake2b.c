#include "crypto/blake2b.h"

#include <sodium.h>

#include "base/err.h"
#include "base/secret.h"

_Static_assert((int)BLAKE2B_BYTES_MAX == (int)crypto_generichash_blake2b_BYTES_MAX &&
                   (int)BLAKE2B_KEY_BYTES_MAX == (int)crypto_generichash_blake2b_KEYBYTES_MAX,
               "RFC 7693");

void blake2b(uint8_t *digest, size_t bytes, const uint8_t *key, size_t key_bytes,
             const struct hash_part *parts, size_t count)
{
    crypto_generichash_blake2b_state state;
    int failed = crypto_generichash_blake2b_init(&state, key, key_bytes, bytes);
    INVARIANT(!failed); /* lengths are the program's own */
    for (size_t i = 0; i < count; i++)
        crypto_generichash_blake2b_update(&state, parts[i].data, parts[i].bytes);
    crypto_generichash_blake2b_final(&state, digest, bytes);
    secret_wipe(&state, sizeof state);
}
