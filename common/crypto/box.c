#include "crypto/box.h"

#include <sodium.h>

#include "base/declassify.h"
#include "base/secret.h"

_Static_assert(BOX_KEY_BYTES == crypto_scalarmult_curve25519_BYTES, "a key is an X25519 key");
_Static_assert(BOX_SHARED_BYTES == crypto_box_BEFORENMBYTES, "a shared key is libsodium's");
_Static_assert(BOX_NONCE_BYTES == crypto_box_NONCEBYTES, "a nonce is XSalsa20's");
_Static_assert(BOX_TAG_BYTES == crypto_box_MACBYTES, "a tag is Poly1305's");

void box_public(uint8_t public_key[static BOX_KEY_BYTES],
                const uint8_t secret[static BOX_KEY_BYTES])
{
    int err = crypto_scalarmult_curve25519_base(public_key, secret);
    INVARIANT(!err);
}

void box_pair(uint8_t public_key[static BOX_KEY_BYTES], uint8_t secret[static BOX_KEY_BYTES],
              const struct random_source *random)
{
    random_fill(random, secret, BOX_KEY_BYTES);
    box_public(public_key, secret);
}

/* Not crypto_box_beforenm, which leaves the product on the stack. */
int box_agree(uint8_t shared[static BOX_SHARED_BYTES], const uint8_t secret[static BOX_KEY_BYTES],
              const uint8_t public_key[static BOX_KEY_BYTES])
{
    static const uint8_t zeros[crypto_core_hsalsa20_INPUTBYTES];
    uint8_t product[BOX_KEY_BYTES];
    int refused = crypto_scalarmult_curve25519(product, secret, public_key);
    /* Public: it depends on the other side's key alone, as clamping clears the cofactor. */
    declassify(&refused, sizeof refused);
    if (!refused)
        crypto_core_hsalsa20(shared, zeros, product, NULL);
    secret_wipe(product, sizeof product);
    return refused ? -EBADMSG : 0;
}

void box_seal(uint8_t *box, const uint8_t shared[static BOX_SHARED_BYTES],
              const uint8_t nonce[static BOX_NONCE_BYTES], const uint8_t *plaintext,
              size_t plaintext_bytes)
{
    int err = crypto_secretbox_easy(box, plaintext, plaintext_bytes, nonce, shared);
    INVARIANT(!err);
}

int box_open(uint8_t *plaintext, const uint8_t shared[static BOX_SHARED_BYTES],
             const uint8_t nonce[static BOX_NONCE_BYTES], const uint8_t *box, size_t box_bytes)
{
    if (box_bytes < BOX_TAG_BYTES)
        return -EBADMSG;
    int refused = crypto_secretbox_open_easy(plaintext, box, box_bytes, nonce, shared);
    /* Public: it decides whether it goes on. */
    declassify(&refused, sizeof refused);
    return refused ? -EBADMSG : 0;
}
