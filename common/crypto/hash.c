#include "crypto/hash.h"

#include <sodium.h>
#include <string.h>

#include "base/secret.h"

enum { BLAKE2B_512_BYTES = 64 };

void hash_parts(uint8_t digest[static HASH_BYTES], const struct hash_part *parts, size_t count)
{
    crypto_generichash_blake2b_state state;
    uint8_t whole[BLAKE2B_512_BYTES];

    crypto_generichash_blake2b_init(&state, NULL, 0, sizeof whole);
    for (size_t i = 0; i < count; i++)
        crypto_generichash_blake2b_update(&state, parts[i].data, parts[i].bytes);
    crypto_generichash_blake2b_final(&state, whole, sizeof whole);
    memcpy(digest, whole, HASH_BYTES);
    secret_wipe(whole, sizeof whole);
    secret_wipe(&state, sizeof state);
}

void hash_bytes(uint8_t digest[static HASH_BYTES], const void *data, size_t bytes)
{
    hash_parts(digest, &(struct hash_part){data, bytes}, 1);
}
