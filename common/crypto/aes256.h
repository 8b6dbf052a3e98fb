/* AES-256 on two blocks, in plain C and constant time. */
#ifndef REUNION_CRYPTO_AES256_H
#define REUNION_CRYPTO_AES256_H

#include <stdint.h>

/* Source: FIPS 197. For builds without libcrypto; prp.h is what programs use. Neither key nor data
 * decides a branch or an address. Any thread; `out` may be `in`. */

enum {
    AES256_KEY_BYTES = 32,
    AES256_BLOCK_BYTES = 16,
    AES256_PAIR_BYTES = 2 * AES256_BLOCK_BYTES, /* two blocks that have nothing in common */
};

void aes256_encrypt_pair(uint8_t out[static AES256_PAIR_BYTES],
                         const uint8_t key[static AES256_KEY_BYTES],
                         const uint8_t in[static AES256_PAIR_BYTES]);
void aes256_decrypt_pair(uint8_t out[static AES256_PAIR_BYTES],
                         const uint8_t key[static AES256_KEY_BYTES],
                         const uint8_t in[static AES256_PAIR_BYTES]);

#endif
