/* BLAKE2b (RFC 7693) and SipHash-2-4. */
#include <sodium.h>
#include <string.h>

enum { BLOCK_BYTES = 128, HASH_WORDS = 8, ROUNDS = 12 };

static const uint64_t start_words[HASH_WORDS] = {
    0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
    0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};

/* The order of message words in each of ten rounds; the last two are as the first two. */
static const uint8_t order[10][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
    {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
    {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
    {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
    {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
};

static uint64_t load_le64(const uint8_t bytes[static 8])
{
    uint64_t word = 0;
    for (size_t i = 8; i-- > 0;)
        word = word << 8 | bytes[i];
    return word;
}

static void store_le64(uint8_t bytes[static 8], uint64_t word)
{
    for (size_t i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(word >> 8 * i);
}

static uint64_t rotated_right(uint64_t word, unsigned by)
{
    return word >> by | word << (64 - by);
}

static void mix(uint64_t v[static 16], const size_t at[static 4], uint64_t x, uint64_t y)
{
    uint64_t *a = &v[at[0]], *b = &v[at[1]], *c = &v[at[2]], *d = &v[at[3]];
    *a += *b + x;
    *d = rotated_right(*d ^ *a, 32);
    *c += *d;
    *b = rotated_right(*b ^ *c, 24);
    *a += *b + y;
    *d = rotated_right(*d ^ *a, 16);
    *c += *d;
    *b = rotated_right(*b ^ *c, 63);
}

static void compress(crypto_generichash_blake2b_state *state, uint64_t last)
{
    static const size_t at[8][4] = {{0, 4, 8, 12},  {1, 5, 9, 13},  {2, 6, 10, 14}, {3, 7, 11, 15},
                                    {0, 5, 10, 15}, {1, 6, 11, 12}, {2, 7, 8, 13},  {3, 4, 9, 14}};
    uint64_t v[16], message[16];
    for (size_t i = 0; i < 16; i++)
        message[i] = load_le64(state->block + 8 * i);
    memcpy(v, state->hash, sizeof state->hash);
    memcpy(v + HASH_WORDS, start_words, sizeof start_words);
    v[12] ^= state->count;
    v[14] ^= last;
    for (size_t round = 0; round < ROUNDS; round++)
        for (size_t i = 0; i < 8; i++)
            mix(v, at[i], message[order[round % 10][2 * i]],
                message[order[round % 10][2 * i + 1]]);
    for (size_t i = 0; i < HASH_WORDS; i++)
        state->hash[i] ^= v[i] ^ v[i + HASH_WORDS];
    sodium_memzero(v, sizeof v);
    sodium_memzero(message, sizeof message);
}

int crypto_generichash_blake2b_init(crypto_generichash_blake2b_state *state,
                                    const unsigned char *key, size_t key_bytes, size_t bytes)
{
    if (bytes < 1 || bytes > crypto_generichash_blake2b_BYTES_MAX ||
        key_bytes > crypto_generichash_blake2b_KEYBYTES_MAX)
        return -1;
    *state = (crypto_generichash_blake2b_state){.held = 0};
    memcpy(state->hash, start_words, sizeof start_words);
    state->hash[0] ^= 0x01010000 ^ (uint64_t)key_bytes << 8 ^ bytes;
    if (key_bytes > 0) {
        memcpy(state->block, key, key_bytes);
        state->held = BLOCK_BYTES;
    }
    return 0;
}

/* A full block waits until more comes: the last one is compressed in another way. */
int crypto_generichash_blake2b_update(crypto_generichash_blake2b_state *state,
                                      const unsigned char *in, unsigned long long bytes)
{
    while (bytes > 0) {
        if (state->held == BLOCK_BYTES) {
            state->count += BLOCK_BYTES;
            compress(state, 0);
            state->held = 0;
        }
        size_t room = BLOCK_BYTES - state->held, taken = bytes < room ? (size_t)bytes : room;
        memcpy(state->block + state->held, in, taken);
        state->held += taken;
        in += taken;
        bytes -= taken;
    }
    return 0;
}

int crypto_generichash_blake2b_final(crypto_generichash_blake2b_state *state, unsigned char *out,
                                     size_t bytes)
{
    uint8_t whole[crypto_generichash_blake2b_BYTES_MAX];
    state->count += state->held;
    memset(state->block + state->held, 0, BLOCK_BYTES - state->held);
    compress(state, UINT64_MAX);
    for (size_t i = 0; i < HASH_WORDS; i++)
        store_le64(whole + 8 * i, state->hash[i]);
    memcpy(out, whole, bytes);
    sodium_memzero(whole, sizeof whole);
    return 0;
}

int crypto_generichash(unsigned char *out, size_t out_bytes, const unsigned char *in,
                       unsigned long long bytes, const unsigned char *key, size_t key_bytes)
{
    crypto_generichash_blake2b_state state;
    if (crypto_generichash_blake2b_init(&state, key, key_bytes, out_bytes) != 0)
        return -1;
    crypto_generichash_blake2b_update(&state, in, bytes);
    crypto_generichash_blake2b_final(&state, out, out_bytes);
    sodium_memzero(&state, sizeof state);
    return 0;
}

void crypto_shorthash_keygen(unsigned char key[static crypto_shorthash_KEYBYTES])
{
    randombytes_buf(key, crypto_shorthash_KEYBYTES);
}

static uint64_t rotated(uint64_t word, unsigned by)
{
    return word << by | word >> (64 - by);
}

static void sip_rounds(uint64_t v[static 4], unsigned rounds)
{
    for (unsigned i = 0; i < rounds; i++) {
        v[0] += v[1];
        v[2] += v[3];
        v[1] = rotated(v[1], 13) ^ v[0];
        v[3] = rotated(v[3], 16) ^ v[2];
        v[0] = rotated(v[0], 32) + v[3];
        v[2] += v[1];
        v[1] = rotated(v[1], 17) ^ v[2];
        v[3] = rotated(v[3], 21) ^ v[0];
        v[2] = rotated(v[2], 32);
    }
}

static void sip_word(uint64_t v[static 4], uint64_t word)
{
    v[3] ^= word;
    sip_rounds(v, 2);
    v[0] ^= word;
}

int crypto_shorthash(unsigned char *out, const unsigned char *in, unsigned long long bytes,
                     const unsigned char *key)
{
    uint64_t k0 = load_le64(key), k1 = load_le64(key + 8);
    uint64_t v[4] = {k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261,
                     k1 ^ 0x7465646279746573};
    uint8_t last[8] = {0};
    size_t whole = (size_t)bytes / 8;
    for (size_t i = 0; i < whole; i++)
        sip_word(v, load_le64(in + 8 * i));
    memcpy(last, in + 8 * whole, (size_t)bytes % 8);
    last[7] = (uint8_t)bytes;
    sip_word(v, load_le64(last));
    v[2] ^= 0xff;
    sip_rounds(v, 4);
    store_le64(out, v[0] ^ v[1] ^ v[2] ^ v[3]);
    return 0;
}
