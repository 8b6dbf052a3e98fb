#include "link/seal.h"

#include <sodium.h>
#include <string.h>

#include "base/secret.h"
#include "crypto/aead.h"

enum {
    LENGTH_BYTES = 2, /* big-endian, before the text */
    PLAINTEXT_BYTES = LENGTH_BYTES + LINK_TEXT_BYTES_MAX,
};

_Static_assert(AEAD_TAG_BYTES + PLAINTEXT_BYTES == LINK_BLOB_BYTES, "a blob is full");
_Static_assert(LINK_SALT_BYTES == crypto_pwhash_argon2id_SALTBYTES, "libsodium's salt");
_Static_assert((int)LINK_KEY_BYTES == (int)AEAD_KEY_BYTES, "the key is the AEAD's");

static const uint8_t associated_data[] = {'r', 'e', 'u', 'n', 'i', 'o', 'n', '-',
                                          'l', 'i', 'n', 'k', '-', 'v', '1'};

int link_key(uint8_t key[static LINK_KEY_BYTES], const uint8_t *passphrase, size_t passphrase_bytes,
             const uint8_t salt[static LINK_SALT_BYTES])
{
    uint8_t derived[LINK_KEY_BYTES];
    if (passphrase_bytes == 0 || passphrase_bytes > crypto_pwhash_argon2id_PASSWD_MAX)
        return -EINVAL;
    /* The bytes are only read, whatever their type. */
    int failed = crypto_pwhash_argon2id(
        derived, sizeof derived, (const char *)passphrase, passphrase_bytes, salt,
        crypto_pwhash_argon2id_OPSLIMIT_MODERATE, crypto_pwhash_argon2id_MEMLIMIT_MODERATE,
        crypto_pwhash_argon2id_ALG_ARGON2ID13);
    if (!failed)
        memcpy(key, derived, sizeof derived);
    secret_wipe(derived, sizeof derived);
    /* With every parameter in range, only the memory can be missing. */
    return failed ? -ENOMEM : 0;
}

int link_seal(uint8_t blob[static LINK_BLOB_BYTES], const uint8_t key[static LINK_KEY_BYTES],
              const uint8_t *text, size_t bytes)
{
    uint8_t plaintext[PLAINTEXT_BYTES] = {0};
    if (bytes == 0 || bytes > LINK_TEXT_BYTES_MAX)
        return -EMSGSIZE;
    plaintext[1] = (uint8_t)bytes; /* one byte is enough for 238 */
    memcpy(plaintext + LENGTH_BYTES, text, bytes);
    aead_seal(blob, key, plaintext, sizeof plaintext, associated_data, sizeof associated_data);
    secret_wipe(plaintext, sizeof plaintext);
    return 0;
}

/* The length that a plaintext states, or 0 if it is not in the form that link_seal gives. */
static size_t stated_length(const uint8_t plaintext[static PLAINTEXT_BYTES])
{
    size_t bytes = (size_t)plaintext[0] << 8 | plaintext[1];
    if (bytes > LINK_TEXT_BYTES_MAX)
        return 0;
    return sodium_is_zero(plaintext + LENGTH_BYTES + bytes, LINK_TEXT_BYTES_MAX - bytes) ? bytes
                                                                                         : 0;
}

int link_open(uint8_t text[static LINK_TEXT_BYTES_MAX], size_t *bytes,
              const uint8_t key[static LINK_KEY_BYTES], const uint8_t blob[static LINK_BLOB_BYTES])
{
    uint8_t plaintext[PLAINTEXT_BYTES];
    size_t length = 0;
    if (!aead_open(plaintext, key, blob, LINK_BLOB_BYTES, associated_data, sizeof associated_data))
        length = stated_length(plaintext);
    if (length > 0) {
        memcpy(text, plaintext + LENGTH_BYTES, length);
        *bytes = length;
    }
    secret_wipe(plaintext, sizeof plaintext);
    return length > 0 ? 0 : -EBADMSG;
}

int link_open_any(uint8_t text[static LINK_TEXT_BYTES_MAX], size_t *bytes,
                  const uint8_t key[static LINK_KEY_BYTES], const uint8_t *blobs, size_t count)
{
    uint8_t opened[LINK_TEXT_BYTES_MAX];
    size_t length = 0, met = 0;
    for (size_t i = 0; i < count; i++)
        if (!link_open(opened, &length, key, blobs + i * LINK_BLOB_BYTES))
            met++;
    if (met == 1) {
        memcpy(text, opened, length);
        *bytes = length;
    }
    secret_wipe(opened, sizeof opened);
    if (met == 0)
        return -ENOENT;
    return met == 1 ? 0 : -EBADMSG;
}
