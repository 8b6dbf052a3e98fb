#include "crypto/aead.h"

#include <sodium.h>

static const uint8_t zero_nonce[crypto_aead_xchacha20poly1305_ietf_NPUBBYTES];

void aead_seal(uint8_t *box, const uint8_t key[static AEAD_KEY_BYTES], const uint8_t *plaintext,
               size_t plaintext_bytes, const uint8_t *ad, size_t ad_bytes)
{
    crypto_aead_xchacha20poly1305_ietf_encrypt_detached(box + AEAD_TAG_BYTES, box, NULL, plaintext,
                                                        plaintext_bytes, ad, ad_bytes, NULL,
                                                        zero_nonce, key);
}

int aead_open(uint8_t *plaintext, const uint8_t key[static AEAD_KEY_BYTES], const uint8_t *box,
              size_t box_bytes, const uint8_t *ad, size_t ad_bytes)
{
    if (box_bytes < AEAD_TAG_BYTES)
        return -EBADMSG;
    int failed = crypto_aead_xchacha20poly1305_ietf_decrypt_detached(
        plaintext, NULL, box + AEAD_TAG_BYTES, box_bytes - AEAD_TAG_BYTES, box, ad, ad_bytes,
        zero_nonce, key);
    return failed ? -EBADMSG : 0;
}
