/* X25519 (RFC 7748), the stretching of links' passphrases, and hexadecimal digits. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/argon2.h"
#include "crypto/ladder25519.h"

int crypto_scalarmult_curve25519(unsigned char *product, const unsigned char *scalar,
                                 const unsigned char *point)
{
    uint8_t clamped[crypto_scalarmult_curve25519_BYTES];
    memcpy(clamped, scalar, sizeof clamped);
    clamped[0] &= 0xf8;
    clamped[31] = (uint8_t)((clamped[31] & 0x7f) | 0x40);
    ladder25519(product, clamped, fe25519_decode(point));
    sodium_memzero(clamped, sizeof clamped);
    return sodium_is_zero(product, crypto_scalarmult_curve25519_BYTES) ? -1 : 0;
}

int crypto_pwhash_argon2id(unsigned char *out, unsigned long long out_bytes, const char *password,
                           unsigned long long password_bytes, const unsigned char *salt,
                           unsigned long long passes, size_t memory_bytes, int algorithm)
{
    (void)algorithm;
    const struct argon2_cost cost = {.passes = (uint32_t)passes,
                                     .memory_kib = (uint32_t)(memory_bytes / ARGON2_BLOCK_BYTES)};
    struct argon2_block *memory = malloc(memory_bytes);
    if (!memory)
        return -1;
    argon2_hash(out, (size_t)out_bytes, ARGON2_KIND_ID, &cost, memory, (const uint8_t *)password,
                (size_t)password_bytes, salt, crypto_pwhash_argon2id_SALTBYTES);
    sodium_memzero(memory, memory_bytes);
    free(memory);
    return 0;
}

char *sodium_bin2hex(char *hex, size_t hex_bytes, const unsigned char *bytes, size_t count)
{
    static const char digits[16] = "0123456789abcdef";
    (void)hex_bytes;
    for (size_t i = 0; i < count; i++) {
        hex[2 * i] = digits[bytes[i] >> 4];
        hex[2 * i + 1] = digits[bytes[i] & 15];
    }
    hex[2 * count] = '\0';
    return hex;
}

/* Digits of either case, as many as there are, and all of them in pairs. */
int sodium_hex2bin(unsigned char *bytes, size_t bytes_max, const char *hex, size_t hex_bytes,
                   const char *ignored, size_t *count, const char **end)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    (void)ignored;
    (void)count;
    (void)end;
    if (hex_bytes % 2 != 0 || hex_bytes / 2 > bytes_max)
        return -1;
    for (size_t i = 0; i < hex_bytes; i++) {
        const char *digit = hex[i] ? strchr(digits, hex[i]) : NULL;
        if (!digit)
            return -1;
        bytes[i / 2] = (uint8_t)(bytes[i / 2] << 4 | ((digit - digits) & 15));
    }
    return 0;
}
