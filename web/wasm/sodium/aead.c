/* ChaCha20, and XChaCha20-Poly1305 (RFC 8439, draft-irtf-cfrg-xchacha-03). */
#include <sodium.h>
#include <string.h>

enum { BLOCK_BYTES = 64, TAG_BYTES = 16, KEY_BYTES = 32 };

static uint32_t load_le32(const uint8_t bytes[static 4])
{
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static void store_le32(uint8_t bytes[static 4], uint32_t word)
{
    for (size_t i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(word >> 8 * i);
}

static uint32_t rotated(uint32_t word, unsigned by)
{
    return word << by | word >> (32 - by);
}

static void quarter(uint32_t *a, uint32_t *b, uint32_t *c, uint32_t *d)
{
    *a += *b;
    *d = rotated(*d ^ *a, 16);
    *c += *d;
    *b = rotated(*b ^ *c, 12);
    *a += *b;
    *d = rotated(*d ^ *a, 8);
    *c += *d;
    *b = rotated(*b ^ *c, 7);
}

static void rounds(uint32_t word[static 16])
{
    for (size_t i = 0; i < 10; i++) {
        for (size_t c = 0; c < 4; c++)
            quarter(&word[c], &word[4 + c], &word[8 + c], &word[12 + c]);
        for (size_t c = 0; c < 4; c++)
            quarter(&word[c], &word[4 + (c + 1) % 4], &word[8 + (c + 2) % 4],
                    &word[12 + (c + 3) % 4]);
    }
}

/* Constants, a key, and 16 bytes: a counter and a nonce. */
static void state_open(uint32_t word[static 16], const uint8_t key[static KEY_BYTES],
                       const uint8_t rest[static 16])
{
    static const uint8_t constants[16] = {'e', 'x', 'p', 'a', 'n', 'd', ' ', '3',
                                          '2', '-', 'b', 'y', 't', 'e', ' ', 'k'};
    for (size_t i = 0; i < 4; i++) {
        word[i] = load_le32(constants + 4 * i);
        word[4 + i] = load_le32(key + 4 * i);
        word[8 + i] = load_le32(key + 16 + 4 * i);
        word[12 + i] = load_le32(rest + 4 * i);
    }
}

static void stream_block(uint8_t out[static BLOCK_BYTES], const uint8_t key[static KEY_BYTES],
                         const uint8_t nonce[static 8], uint64_t counter)
{
    uint32_t before[16], word[16];
    uint8_t rest[16];
    store_le32(rest, (uint32_t)counter);
    store_le32(rest + 4, (uint32_t)(counter >> 32));
    memcpy(rest + 8, nonce, 8);
    state_open(before, key, rest);
    memcpy(word, before, sizeof word);
    rounds(word);
    for (size_t i = 0; i < 16; i++)
        store_le32(out + 4 * i, word[i] + before[i]);
    sodium_memzero(before, sizeof before);
    sodium_memzero(word, sizeof word);
}

int crypto_stream_chacha20(unsigned char *out, unsigned long long bytes, const unsigned char *nonce,
                           const unsigned char *key)
{
    uint8_t block[BLOCK_BYTES];
    for (uint64_t counter = 0; bytes > 0; counter++) {
        size_t taken = bytes < sizeof block ? (size_t)bytes : sizeof block;
        stream_block(block, key, nonce, counter);
        memcpy(out, block, taken);
        out += taken;
        bytes -= taken;
    }
    sodium_memzero(block, sizeof block);
    return 0;
}

static void stream_xor(uint8_t *out, const uint8_t *in, size_t bytes, const uint8_t nonce[static 8],
                       const uint8_t key[static KEY_BYTES])
{
    uint8_t block[BLOCK_BYTES];
    for (size_t i = 0; i < bytes; i++) {
        if (i % sizeof block == 0)
            stream_block(block, key, nonce, 1 + i / sizeof block);
        out[i] = in[i] ^ block[i % sizeof block];
    }
    sodium_memzero(block, sizeof block);
}

static void hchacha20(uint8_t out[static KEY_BYTES], const uint8_t key[static KEY_BYTES],
                      const uint8_t in[static 16])
{
    uint32_t word[16];
    state_open(word, key, in);
    rounds(word);
    for (size_t i = 0; i < 4; i++) {
        store_le32(out + 4 * i, word[i]);
        store_le32(out + 16 + 4 * i, word[12 + i]);
    }
    sodium_memzero(word, sizeof word);
}

/* Poly1305: numbers modulo 2^130 - 5 in five limbs of 26 bits. */
enum { LIMBS = 5, LIMB_BITS = 26, LIMB_MASK = (1 << LIMB_BITS) - 1 };

struct poly1305 {
    uint32_t r[LIMBS], sum[LIMBS];
    uint8_t s[16];
};

static void limbs_of(uint32_t limb[static LIMBS], const uint8_t bytes[static 16])
{
    for (size_t i = 0; i < LIMBS; i++) {
        size_t bit = LIMB_BITS * i, at = bit / 8;
        uint64_t word = 0;
        for (size_t b = 0; b < 5 && at + b < 16; b++)
            word |= (uint64_t)bytes[at + b] << 8 * b;
        limb[i] = (uint32_t)(word >> bit % 8) & LIMB_MASK;
    }
}

static void poly1305_open(struct poly1305 *poly, const uint8_t key[static 32])
{
    uint8_t r[16];
    memcpy(r, key, sizeof r);
    for (size_t i = 3; i < 16; i += 4)
        r[i] &= 0x0f;
    for (size_t i = 4; i < 16; i += 4)
        r[i] &= 0xfc;
    limbs_of(poly->r, r);
    memset(poly->sum, 0, sizeof poly->sum);
    memcpy(poly->s, key + 16, sizeof poly->s);
    sodium_memzero(r, sizeof r);
}

/* sum = (sum + block + 2^128) · r; limbs stay below 2^27. */
static void poly1305_block(struct poly1305 *poly, const uint8_t block[static 16])
{
    uint32_t limb[LIMBS];
    uint64_t column[LIMBS] = {0}, carry = 0;
    limbs_of(limb, block);
    limb[4] |= 1 << 24;
    for (size_t i = 0; i < LIMBS; i++)
        for (size_t j = 0; j < LIMBS; j++) {
            uint64_t wrapped = i + j < LIMBS ? 1 : 5;
            column[(i + j) % LIMBS] +=
                wrapped * poly->r[j] * (uint64_t)(poly->sum[i] + limb[i]);
        }
    for (size_t i = 0; i < LIMBS; i++) {
        carry += column[i];
        poly->sum[i] = (uint32_t)carry & LIMB_MASK;
        carry >>= LIMB_BITS;
    }
    carry = poly->sum[0] + 5 * carry;
    poly->sum[0] = (uint32_t)carry & LIMB_MASK;
    poly->sum[1] += (uint32_t)(carry >> LIMB_BITS);
}

/* Whole blocks; the last is filled with zeros. */
static void poly1305_padded(struct poly1305 *poly, const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i += 16) {
        uint8_t block[16] = {0};
        memcpy(block, bytes + i, count - i < 16 ? count - i : 16);
        poly1305_block(poly, block);
    }
}

/* tag = (sum mod 2^130 - 5) + s modulo 2^128 */
static void poly1305_close(struct poly1305 *poly, uint8_t tag[static TAG_BYTES])
{
    uint32_t minus[LIMBS], carry = 0, above = 5;
    for (size_t i = 0; i < 2 * LIMBS; i++) { /* the second time nothing is carried out of the top */
        carry += poly->sum[i % LIMBS];
        poly->sum[i % LIMBS] = carry & LIMB_MASK;
        carry >>= LIMB_BITS;
        if (i % LIMBS == LIMBS - 1)
            carry *= 5;
    }
    poly->sum[0] += carry;
    for (size_t i = 0; i < LIMBS; i++) { /* sum + 5, whose bit 130 says whether sum >= 2^130 - 5 */
        above += poly->sum[i];
        minus[i] = above & LIMB_MASK;
        above >>= LIMB_BITS;
    }
    uint32_t mask = 0 - above;
    uint64_t bits = 0, word = 0;
    size_t at = 0;
    unsigned added = 0;
    for (size_t i = 0; i < LIMBS; i++) {
        word |= (uint64_t)((minus[i] & mask) | (poly->sum[i] & ~mask)) << bits;
        for (bits += LIMB_BITS; bits >= 8 && at < TAG_BYTES; bits -= 8) {
            added += (uint8_t)word + (unsigned)poly->s[at];
            tag[at++] = (uint8_t)added;
            added >>= 8;
            word >>= 8;
        }
    }
    sodium_memzero(poly, sizeof *poly);
    sodium_memzero(minus, sizeof minus);
}

struct keys {
    uint8_t stream[KEY_BYTES];
    uint8_t nonce[8];
    uint8_t first[BLOCK_BYTES]; /* begins with Poly1305's key */
};

static void keys_open(struct keys *keys, const uint8_t *nonce, const uint8_t *key)
{
    hchacha20(keys->stream, key, nonce);
    memcpy(keys->nonce, nonce + 16, sizeof keys->nonce);
    stream_block(keys->first, keys->stream, keys->nonce, 0);
}

static void make_tag(uint8_t tag[static TAG_BYTES], const struct keys *keys, const uint8_t *ad,
                     size_t ad_bytes, const uint8_t *ciphertext, size_t bytes)
{
    struct poly1305 poly;
    uint8_t lengths[16] = {0};
    store_le32(lengths, (uint32_t)ad_bytes);
    store_le32(lengths + 8, (uint32_t)bytes);
    poly1305_open(&poly, keys->first);
    poly1305_padded(&poly, ad, ad_bytes);
    poly1305_padded(&poly, ciphertext, bytes);
    poly1305_padded(&poly, lengths, sizeof lengths);
    poly1305_close(&poly, tag);
}

int crypto_aead_xchacha20poly1305_ietf_encrypt_detached(
    unsigned char *ciphertext, unsigned char *tag, unsigned long long *tag_bytes,
    const unsigned char *plaintext, unsigned long long bytes, const unsigned char *ad,
    unsigned long long ad_bytes, const unsigned char *none, const unsigned char *nonce,
    const unsigned char *key)
{
    struct keys keys;
    (void)none;
    keys_open(&keys, nonce, key);
    stream_xor(ciphertext, plaintext, (size_t)bytes, keys.nonce, keys.stream);
    make_tag(tag, &keys, ad, (size_t)ad_bytes, ciphertext, (size_t)bytes);
    if (tag_bytes)
        *tag_bytes = TAG_BYTES;
    sodium_memzero(&keys, sizeof keys);
    return 0;
}

int crypto_aead_xchacha20poly1305_ietf_decrypt_detached(
    unsigned char *plaintext, unsigned char *none, const unsigned char *ciphertext,
    unsigned long long bytes, const unsigned char *tag, const unsigned char *ad,
    unsigned long long ad_bytes, const unsigned char *nonce, const unsigned char *key)
{
    struct keys keys;
    uint8_t expected[TAG_BYTES];
    (void)none;
    keys_open(&keys, nonce, key);
    make_tag(expected, &keys, ad, (size_t)ad_bytes, ciphertext, (size_t)bytes);
    int failed = sodium_memcmp(expected, tag, sizeof expected);
    if (!failed)
        stream_xor(plaintext, ciphertext, (size_t)bytes, keys.nonce, keys.stream);
    else if (plaintext)
        memset(plaintext, 0, (size_t)bytes);
    sodium_memzero(&keys, sizeof keys);
    sodium_memzero(expected, sizeof expected);
    return failed;
}
