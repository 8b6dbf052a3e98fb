/* Primitives, so that the known answers can be asked of the module that is delivered. */
#include <string.h>

#include "base/secret.h"
#include "crypto/aead.h"
#include "crypto/argon2i.h"
#include "crypto/elligator2.h"
#include "crypto/hidden_key.h"
#include "crypto/hkdf.h"
#include "crypto/prp.h"
#include "crypto/x25519.h"
#include "ctidh/ctidh.h"
#include "wasm/exports.h"
#include "wasm/preparation.h"

enum web_result web_argon2i(uint8_t *hash, const uint8_t *password, size_t bytes,
                            const uint8_t *salt)
{
    return web_result_of(argon2i(hash, password, bytes, salt));
}

enum web_result web_hkdf(uint8_t *out, size_t out_bytes, const uint8_t *key, size_t key_bytes,
                         const uint8_t *salt, size_t salt_bytes, const uint8_t *info,
                         size_t info_bytes)
{
    uint8_t prk[HKDF_PRK_BYTES];
    int err = hkdf_extract(prk, key, key_bytes, salt, salt_bytes);
    if (!err)
        err = hkdf_expand(out, out_bytes, prk, info, info_bytes);
    secret_wipe(prk, sizeof prk);
    return web_result_of(err);
}

void web_aead_seal(uint8_t *box, const uint8_t *key, const uint8_t *plaintext, size_t bytes,
                   const uint8_t *ad, size_t ad_bytes)
{
    aead_seal(box, key, plaintext, bytes, ad, ad_bytes);
}

enum web_result web_aead_open(uint8_t *plaintext, const uint8_t *key, const uint8_t *box,
                              size_t bytes, const uint8_t *ad, size_t ad_bytes)
{
    return web_result_of(aead_open(plaintext, key, box, bytes, ad, ad_bytes));
}

enum web_result web_prp_encrypt(uint8_t *out, const uint8_t *key, const uint8_t *in)
{
    return web_result_of(prp_encrypt(out, key, in));
}

enum web_result web_prp_decrypt(uint8_t *out, const uint8_t *key, const uint8_t *in)
{
    return web_result_of(prp_decrypt(out, key, in));
}

void web_hidden_key_pair(uint8_t *hidden, uint8_t *secret, const uint8_t *seed)
{
    hidden_key_pair(hidden, secret, seed);
}

void web_elligator2_map(uint8_t *u, const uint8_t *representative)
{
    elligator2_map(u, representative);
}

void web_x25519(uint8_t *shared, const uint8_t *secret, const uint8_t *public_key)
{
    x25519(shared, secret, public_key);
}

enum web_result web_ctidh_secret(uint8_t *secret, const uint8_t *seed)
{
    struct reunion_preparation *preparation;
    int err = preparation_open(&preparation, seed);
    if (err)
        return web_result_of(err);
    memcpy(secret, preparation_secret(preparation), CTIDH1024_SECRET_BYTES);
    reunion_preparation_free(preparation);
    return WEB_OK;
}

enum web_result web_ctidh_check(const uint8_t *public_key)
{
    return web_result_of(ctidh1024_public_check(public_key, &random_system));
}
