#include "crypto/aes256.h"

#include <stddef.h>
#include <string.h>

#include "base/secret.h"

/* DESIGN: a table of the S-box would be read at addresses that depend on secrets. Here up to 32
 * bytes are turned into eight planes, plane i with bit i of every byte, and the S-box is computed
 * on all of them at once with AND and XOR: the inverse in GF(2^8) as a power, then the affine map.
 * That is a few times slower than the shortest circuits known, and short enough to be checked by
 * eye. */

enum { ROUNDS = 14, PLANES = 8, KEY_WORDS = AES256_KEY_BYTES / 4 };

struct planes {
    uint32_t bit[PLANES];
};

struct round_keys {
    uint8_t bytes[ROUNDS + 1][AES256_BLOCK_BYTES];
};

static struct planes planes_of(const uint8_t *bytes, size_t count)
{
    struct planes planes = {{0}};
    for (size_t i = 0; i < count; i++)
        for (size_t bit = 0; bit < PLANES; bit++)
            planes.bit[bit] |= (uint32_t)(bytes[i] >> bit & 1) << i;
    return planes;
}

static void bytes_of(uint8_t *bytes, size_t count, const struct planes *planes)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t byte = 0;
        for (size_t bit = 0; bit < PLANES; bit++)
            byte |= (planes->bit[bit] >> i & 1) << bit;
        bytes[i] = (uint8_t)byte;
    }
}

/* A polynomial of degree 14 modulo x^8 + x^4 + x^3 + x + 1. */
static struct planes field_reduced(uint32_t coefficient[2 * PLANES - 1])
{
    struct planes reduced;
    for (size_t k = 2 * PLANES - 2; k >= PLANES; k--) {
        coefficient[k - 4] ^= coefficient[k];
        coefficient[k - 5] ^= coefficient[k];
        coefficient[k - 7] ^= coefficient[k];
        coefficient[k - 8] ^= coefficient[k];
    }
    memcpy(reduced.bit, coefficient, sizeof reduced.bit);
    return reduced;
}

static struct planes field_mul(const struct planes *a, const struct planes *b)
{
    uint32_t coefficient[2 * PLANES - 1] = {0};
    for (size_t i = 0; i < PLANES; i++)
        for (size_t j = 0; j < PLANES; j++)
            coefficient[i + j] ^= a->bit[i] & b->bit[j];
    return field_reduced(coefficient);
}

/* a^(2^times) */
static struct planes field_square(const struct planes *a, unsigned times)
{
    struct planes square = *a;
    for (unsigned n = 0; n < times; n++) {
        uint32_t coefficient[2 * PLANES - 1] = {0};
        for (size_t i = 0; i < PLANES; i++)
            coefficient[2 * i] = square.bit[i];
        square = field_reduced(coefficient);
    }
    return square;
}

/* a^254: 1/a, and 0 for 0. */
static struct planes field_invert(const struct planes *a)
{
    struct planes a2 = field_square(a, 1), a3 = field_mul(&a2, a), a12 = field_square(&a3, 2);
    struct planes a15 = field_mul(&a12, &a3), a240 = field_square(&a15, 4);
    struct planes a252 = field_mul(&a240, &a12);
    return field_mul(&a252, &a2);
}

static void sub_bytes(uint8_t *bytes, size_t count)
{
    static const uint8_t constant = 0x63;
    struct planes in = planes_of(bytes, count), out;
    in = field_invert(&in);
    for (size_t i = 0; i < PLANES; i++)
        out.bit[i] = in.bit[i] ^ in.bit[(i + 4) % 8] ^ in.bit[(i + 5) % 8] ^ in.bit[(i + 6) % 8] ^
                     in.bit[(i + 7) % 8] ^ (0 - (uint32_t)(constant >> i & 1));
    bytes_of(bytes, count, &out);
}

static void sub_bytes_back(uint8_t *bytes, size_t count)
{
    static const uint8_t constant = 0x05;
    struct planes in = planes_of(bytes, count), out;
    for (size_t i = 0; i < PLANES; i++)
        out.bit[i] = in.bit[(i + 2) % 8] ^ in.bit[(i + 5) % 8] ^ in.bit[(i + 7) % 8] ^
                     (0 - (uint32_t)(constant >> i & 1));
    out = field_invert(&out);
    bytes_of(bytes, count, &out);
}

static void keys_expand(struct round_keys *keys, const uint8_t key[static AES256_KEY_BYTES])
{
    uint8_t *word = keys->bytes[0], round_constant = 1;
    memcpy(word, key, AES256_KEY_BYTES);
    for (size_t i = KEY_WORDS; i < 4 * (ROUNDS + 1); i++) {
        uint8_t mixed[4];
        memcpy(mixed, word + 4 * (i - 1), sizeof mixed);
        if (i % KEY_WORDS == 0) {
            uint8_t first = mixed[0];
            memmove(mixed, mixed + 1, sizeof mixed - 1);
            mixed[3] = first;
        }
        if (i % (KEY_WORDS / 2) == 0)
            sub_bytes(mixed, sizeof mixed);
        if (i % KEY_WORDS == 0) {
            mixed[0] ^= round_constant;
            round_constant = (uint8_t)(round_constant << 1);
        }
        for (size_t b = 0; b < sizeof mixed; b++)
            word[4 * i + b] = word[4 * (i - KEY_WORDS) + b] ^ mixed[b];
    }
}

static void add_key(uint8_t pair[static AES256_PAIR_BYTES], const struct round_keys *keys,
                    size_t round)
{
    for (size_t i = 0; i < AES256_PAIR_BYTES; i++)
        pair[i] ^= keys->bytes[round][i % AES256_BLOCK_BYTES];
}

/* Byte 4c + r, of row r and column c, comes from column c + r·step. */
static void shift_rows(uint8_t pair[static AES256_PAIR_BYTES], size_t step)
{
    uint8_t before[AES256_PAIR_BYTES];
    memcpy(before, pair, sizeof before);
    for (size_t i = 0; i < AES256_PAIR_BYTES; i++) {
        size_t block = i & ~(size_t)15, row = i % 4, column = i / 4 % 4;
        pair[i] = before[block + 4 * ((column + step * row) % 4) + row];
    }
    secret_wipe(before, sizeof before);
}

/* x·a in GF(2^8) */
static uint8_t times_x(uint8_t a)
{
    return (uint8_t)(a << 1 ^ (0x1b & (0 - (a >> 7))));
}

static void mix_columns(uint8_t pair[static AES256_PAIR_BYTES])
{
    for (uint8_t *c = pair; c < pair + AES256_PAIR_BYTES; c += 4) {
        uint8_t sum = c[0] ^ c[1] ^ c[2] ^ c[3], first = c[0];
        for (size_t r = 0; r < 3; r++)
            c[r] ^= sum ^ times_x(c[r] ^ c[r + 1]);
        c[3] ^= sum ^ times_x(c[3] ^ first);
    }
}

/* The inverse is mix_columns after a multiplication with {04}·x^2 + {05}. */
static void mix_columns_back(uint8_t pair[static AES256_PAIR_BYTES])
{
    for (uint8_t *c = pair; c < pair + AES256_PAIR_BYTES; c += 4) {
        uint8_t even = times_x(times_x(c[0] ^ c[2])), odd = times_x(times_x(c[1] ^ c[3]));
        c[0] ^= even;
        c[1] ^= odd;
        c[2] ^= even;
        c[3] ^= odd;
    }
    mix_columns(pair);
}

void aes256_encrypt_pair(uint8_t out[static AES256_PAIR_BYTES],
                         const uint8_t key[static AES256_KEY_BYTES],
                         const uint8_t in[static AES256_PAIR_BYTES])
{
    struct round_keys keys;
    uint8_t pair[AES256_PAIR_BYTES];
    keys_expand(&keys, key);
    memcpy(pair, in, sizeof pair);
    add_key(pair, &keys, 0);
    for (size_t round = 1; round <= ROUNDS; round++) {
        sub_bytes(pair, sizeof pair);
        shift_rows(pair, 1);
        if (round < ROUNDS)
            mix_columns(pair);
        add_key(pair, &keys, round);
    }
    memcpy(out, pair, sizeof pair);
    secret_wipe(&keys, sizeof keys);
    secret_wipe(pair, sizeof pair);
}

void aes256_decrypt_pair(uint8_t out[static AES256_PAIR_BYTES],
                         const uint8_t key[static AES256_KEY_BYTES],
                         const uint8_t in[static AES256_PAIR_BYTES])
{
    struct round_keys keys;
    uint8_t pair[AES256_PAIR_BYTES];
    keys_expand(&keys, key);
    memcpy(pair, in, sizeof pair);
    add_key(pair, &keys, ROUNDS);
    for (size_t round = ROUNDS; round-- > 0;) {
        shift_rows(pair, 3);
        sub_bytes_back(pair, sizeof pair);
        add_key(pair, &keys, round);
        if (round > 0)
            mix_columns_back(pair);
    }
    memcpy(out, pair, sizeof pair);
    secret_wipe(&keys, sizeof keys);
    secret_wipe(pair, sizeof pair);
}
