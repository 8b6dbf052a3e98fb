/* HKDF for builds without libcrypto. */
#include <string.h>

#include "base/secret.h"
#include "crypto/blake2b.h"
#include "crypto/hkdf.h"

enum { BLOCK_BYTES = 128, DIGEST_BYTES = 64 };

/* HMAC (RFC 2104) of all parts in order. The first part is this function's to fill. */
static void hmac(uint8_t digest[static DIGEST_BYTES], const uint8_t *key, size_t key_bytes,
                 struct hash_part *parts, size_t count)
{
    uint8_t inner[BLOCK_BYTES] = {0}, outer[BLOCK_BYTES], inside[DIGEST_BYTES];
    if (key_bytes > BLOCK_BYTES)
        blake2b(inner, DIGEST_BYTES, NULL, 0, &(struct hash_part){key, key_bytes}, 1);
    else if (key_bytes > 0)
        memcpy(inner, key, key_bytes);
    for (size_t i = 0; i < BLOCK_BYTES; i++) {
        outer[i] = inner[i] ^ 0x5c;
        inner[i] ^= 0x36;
    }
    parts[0] = (struct hash_part){inner, sizeof inner};
    blake2b(inside, sizeof inside, NULL, 0, parts, count);
    blake2b(digest, DIGEST_BYTES, NULL, 0,
            (struct hash_part[]){{outer, sizeof outer}, {inside, sizeof inside}}, 2);
    secret_wipe(inner, sizeof inner);
    secret_wipe(outer, sizeof outer);
    secret_wipe(inside, sizeof inside);
}

int hkdf_extract(uint8_t prk[static HKDF_PRK_BYTES], const uint8_t *key, size_t key_bytes,
                 const uint8_t *salt, size_t salt_bytes)
{
    hmac(prk, salt, salt_bytes, (struct hash_part[]){{NULL, 0}, {key, key_bytes}}, 2);
    return 0;
}

int hkdf_expand(uint8_t *out, size_t out_bytes, const uint8_t prk[static HKDF_PRK_BYTES],
                const uint8_t *info, size_t info_bytes)
{
    uint8_t block[DIGEST_BYTES], number = 0;
    for (size_t done = 0; done < out_bytes; done += DIGEST_BYTES) {
        size_t before = number == 0 ? 0 : sizeof block;
        size_t taken = out_bytes - done < DIGEST_BYTES ? out_bytes - done : DIGEST_BYTES;
        number++;
        struct hash_part parts[] = {{NULL, 0}, {block, before}, {info, info_bytes}, {&number, 1}};
        hmac(block, prk, HKDF_PRK_BYTES, parts, 4);
        memcpy(out + done, block, taken);
    }
    secret_wipe(block, sizeof block);
    return 0;
}
