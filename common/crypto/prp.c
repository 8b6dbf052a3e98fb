#include "crypto/prp.h"

#include <openssl/evp.h>
#include <string.h>

#include "base/secret.h"

enum { ENCRYPT = 1, DECRYPT = 0 };

static int prp(uint8_t out[static PRP_BYTES], const uint8_t key[static PRP_KEY_BYTES],
               const uint8_t in[static PRP_BYTES], int direction)
{
    uint8_t permuted[PRP_BYTES];
    int written, err = -ENOMEM;
    EVP_CIPHER_CTX *aes = EVP_CIPHER_CTX_new();
    if (aes && EVP_CipherInit_ex(aes, EVP_aes_256_ecb(), NULL, key, NULL, direction) == 1 &&
        EVP_CIPHER_CTX_set_padding(aes, 0) == 1 &&
        EVP_CipherUpdate(aes, permuted, &written, in, PRP_BYTES) == 1) {
        INVARIANT(written == PRP_BYTES);
        memcpy(out, permuted, PRP_BYTES);
        err = 0;
    }
    EVP_CIPHER_CTX_free(aes);
    secret_wipe(permuted, sizeof permuted);
    return err;
}

int prp_encrypt(uint8_t out[static PRP_BYTES], const uint8_t key[static PRP_KEY_BYTES],
                const uint8_t in[static PRP_BYTES])
{
    return prp(out, key, in, ENCRYPT);
}

int prp_decrypt(uint8_t out[static PRP_BYTES], const uint8_t key[static PRP_KEY_BYTES],
                const uint8_t in[static PRP_BYTES])
{
    return prp(out, key, in, DECRYPT);
}
