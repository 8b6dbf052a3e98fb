/* The permutation for builds without libcrypto. */
#include "crypto/aes256.h"
#include "crypto/prp.h"

_Static_assert((int)PRP_BYTES == (int)AES256_PAIR_BYTES, "two blocks");
_Static_assert((int)PRP_KEY_BYTES == (int)AES256_KEY_BYTES, "an AES-256 key");

int prp_encrypt(uint8_t out[static PRP_BYTES], const uint8_t key[static PRP_KEY_BYTES],
                const uint8_t in[static PRP_BYTES])
{
    aes256_encrypt_pair(out, key, in);
    return 0;
}

int prp_decrypt(uint8_t out[static PRP_BYTES], const uint8_t key[static PRP_KEY_BYTES],
                const uint8_t in[static PRP_BYTES])
{
    aes256_decrypt_pair(out, key, in);
    return 0;
}
