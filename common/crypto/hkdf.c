#include "crypto/hkdf.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "base/secret.h"

static OSSL_PARAM octets(const char *name, const uint8_t *data, size_t bytes)
{
    /* libcrypto reads the buffer only; its constructor just lacks the const. An empty value still
     * needs an address. */
    static uint8_t nothing;
    union {
        const uint8_t *constant;
        uint8_t *plain;
    } address = {.constant = bytes > 0 ? data : &nothing};
    return OSSL_PARAM_construct_octet_string(name, address.plain, bytes);
}

/* One of RFC 5869's two halves; `context` is the salt of the first or the info of the second. */
static int hkdf_half(uint8_t *out, size_t out_bytes, int mode, const uint8_t *key, size_t key_bytes,
                     OSSL_PARAM context)
{
    char digest[] = "BLAKE2B-512";
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
        octets(OSSL_KDF_PARAM_KEY, key, key_bytes),
        context,
        OSSL_PARAM_construct_end(),
    };
    int err = -ENOMEM;
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *working = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
    if (working && EVP_KDF_derive(working, out, out_bytes, parameters) == 1)
        err = 0;
    EVP_KDF_CTX_free(working);
    EVP_KDF_free(kdf);
    return err;
}

int hkdf_extract(uint8_t prk[static HKDF_PRK_BYTES], const uint8_t *key, size_t key_bytes,
                 const uint8_t *salt, size_t salt_bytes)
{
    uint8_t derived[HKDF_PRK_BYTES];
    int err = hkdf_half(derived, sizeof derived, EVP_KDF_HKDF_MODE_EXTRACT_ONLY, key, key_bytes,
                        octets(OSSL_KDF_PARAM_SALT, salt, salt_bytes));
    if (!err)
        for (size_t i = 0; i < sizeof derived; i++)
            prk[i] = derived[i];
    secret_wipe(derived, sizeof derived);
    return err;
}

int hkdf_expand(uint8_t *out, size_t out_bytes, const uint8_t prk[static HKDF_PRK_BYTES],
                const uint8_t *info, size_t info_bytes)
{
    int err = hkdf_half(out, out_bytes, EVP_KDF_HKDF_MODE_EXPAND_ONLY, prk, HKDF_PRK_BYTES,
                        octets(OSSL_KDF_PARAM_INFO, info, info_bytes));
    if (err)
        secret_wipe(out, out_bytes);
    return err;
}
