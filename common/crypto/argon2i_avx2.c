#include "crypto/argon2i_avx2.h"

#include <string.h>
#include <sys/mman.h>

#include "base/secret.h"

/* DESIGN: RFC 9106 with one lane. The memory is a row of blocks in four segments; each block is
 * mixed (G, section 3.5) from its predecessor and from one that a counter selects, never from
 * secrets: all addresses here are public.
 *
 * A third of the time of a plain implementation goes into page faults and missed translations of
 * addresses, hence large pages where the system has them. */

#ifdef ARGON2I_HAVE_AVX2

#include <immintrin.h>
#include <sodium.h>

enum {
    BLOCK_BYTES = 1024,
    BLOCK_WORDS = 128,
    BLOCK_VECTORS = 32,
    SEGMENTS = 4,
    SEGMENT_BLOCKS = ARGON2I_MEMORY_KIB / SEGMENTS,
    BLOCKS = SEGMENT_BLOCKS * SEGMENTS,
    VERSION = 0x13,
    TYPE = 1, /* Argon2i */
    LONG_HASH_BYTES = 64,
};

_Static_assert((int)BLOCKS == (int)ARGON2I_MEMORY_KIB, "segments of equal length");

struct block {
    union {
        __m256i vector[BLOCK_VECTORS];
        uint64_t word[BLOCK_WORDS];
    };
};

/* Where in the memory the work is. */
struct place {
    uint64_t pass;
    uint64_t segment;
    uint64_t index; /* of the block within the segment */
};

enum { LARGE_PAGE_BYTES = 2 * 1024 * 1024 };
#define MEMORY_BYTES                                                                               \
    ((BLOCKS * sizeof(struct block) + LARGE_PAGE_BYTES - 1) / LARGE_PAGE_BYTES * LARGE_PAGE_BYTES)

/* Advice that the kernel does not take costs nothing but time. */
static struct block *memory_open(void)
{
    void *memory =
        mmap(NULL, MEMORY_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return NULL;
    (void)madvise(memory, MEMORY_BYTES, MADV_DONTDUMP);
    (void)madvise(memory, MEMORY_BYTES, MADV_HUGEPAGE);
#ifdef MADV_POPULATE_WRITE
    (void)madvise(memory, MEMORY_BYTES, MADV_POPULATE_WRITE);
#endif
    return memory;
}

static void memory_close(struct block *memory)
{
    secret_wipe(memory, BLOCKS * sizeof(struct block));
    (void)munmap(memory, MEMORY_BYTES);
}

#define INLINE static inline __attribute__((always_inline))

/* a + b + 2·low(a)·low(b), the addition of section 3.6 */
INLINE __m256i add_mul(__m256i a, __m256i b)
{
    __m256i product = _mm256_mul_epu32(a, b);
    return _mm256_add_epi64(_mm256_add_epi64(a, b), _mm256_add_epi64(product, product));
}

INLINE __m256i rotate_32(__m256i a)
{
    return _mm256_shuffle_epi32(a, _MM_SHUFFLE(2, 3, 0, 1));
}

INLINE __m256i rotate_24(__m256i a)
{
    return _mm256_shuffle_epi8(a, _mm256_setr_epi8(3, 4, 5, 6, 7, 0, 1, 2, 11, 12, 13, 14, 15, 8, 9,
                                                   10, 3, 4, 5, 6, 7, 0, 1, 2, 11, 12, 13, 14, 15,
                                                   8, 9, 10));
}

INLINE __m256i rotate_16(__m256i a)
{
    return _mm256_shuffle_epi8(a, _mm256_setr_epi8(2, 3, 4, 5, 6, 7, 0, 1, 10, 11, 12, 13, 14, 15,
                                                   8, 9, 2, 3, 4, 5, 6, 7, 0, 1, 10, 11, 12, 13, 14,
                                                   15, 8, 9));
}

INLINE __m256i rotate_63(__m256i a)
{
    return _mm256_xor_si256(_mm256_srli_epi64(a, 63), _mm256_add_epi64(a, a));
}

/* Four quarter rounds side by side in each of two states of 16 words. */
INLINE void mix_columns(__m256i s[2][4])
{
    for (int i = 0; i < 2; i++)
        s[i][0] = add_mul(s[i][0], s[i][1]);
    for (int i = 0; i < 2; i++)
        s[i][3] = rotate_32(_mm256_xor_si256(s[i][3], s[i][0]));
    for (int i = 0; i < 2; i++)
        s[i][2] = add_mul(s[i][2], s[i][3]);
    for (int i = 0; i < 2; i++)
        s[i][1] = rotate_24(_mm256_xor_si256(s[i][1], s[i][2]));
    for (int i = 0; i < 2; i++)
        s[i][0] = add_mul(s[i][0], s[i][1]);
    for (int i = 0; i < 2; i++)
        s[i][3] = rotate_16(_mm256_xor_si256(s[i][3], s[i][0]));
    for (int i = 0; i < 2; i++)
        s[i][2] = add_mul(s[i][2], s[i][3]);
    for (int i = 0; i < 2; i++)
        s[i][1] = rotate_63(_mm256_xor_si256(s[i][1], s[i][2]));
}

/* P of section 3.6: columns, then diagonals. */
INLINE void permute(__m256i s[2][4])
{
    mix_columns(s);
    for (int i = 0; i < 2; i++) {
        s[i][1] = _mm256_permute4x64_epi64(s[i][1], _MM_SHUFFLE(0, 3, 2, 1));
        s[i][2] = _mm256_permute4x64_epi64(s[i][2], _MM_SHUFFLE(1, 0, 3, 2));
        s[i][3] = _mm256_permute4x64_epi64(s[i][3], _MM_SHUFFLE(2, 1, 0, 3));
    }
    mix_columns(s);
    for (int i = 0; i < 2; i++) {
        s[i][1] = _mm256_permute4x64_epi64(s[i][1], _MM_SHUFFLE(2, 1, 0, 3));
        s[i][2] = _mm256_permute4x64_epi64(s[i][2], _MM_SHUFFLE(1, 0, 3, 2));
        s[i][3] = _mm256_permute4x64_epi64(s[i][3], _MM_SHUFFLE(0, 3, 2, 1));
    }
}

/* Rows 2k and 2k+1 of the block's eight, each four vectors. */
INLINE void permute_rows(__m256i *block, int k)
{
    __m256i s[2][4];
    for (int i = 0; i < 8; i++)
        s[i / 4][i % 4] = block[8 * k + i];
    permute(s);
    for (int i = 0; i < 8; i++)
        block[8 * k + i] = s[i / 4][i % 4];
}

/* Columns 2k and 2k+1: the halves of vector k of every row. */
INLINE void permute_columns(__m256i *block, int k)
{
    __m256i s[2][4];
    for (int i = 0; i < 4; i++) {
        __m256i even = block[8 * i + k], odd = block[8 * i + 4 + k];
        s[0][i] = _mm256_permute2x128_si256(even, odd, 0x20);
        s[1][i] = _mm256_permute2x128_si256(even, odd, 0x31);
    }
    permute(s);
    for (int i = 0; i < 4; i++) {
        block[8 * i + k] = _mm256_permute2x128_si256(s[0][i], s[1][i], 0x20);
        block[8 * i + 4 + k] = _mm256_permute2x128_si256(s[0][i], s[1][i], 0x31);
    }
}

/* out = G(a, b), onto what is there if `add`: from the second pass on. `out` may be a or b. */
static void mix_blocks(struct block *out, const struct block *a, const struct block *b, bool add)
{
    __m256i mixed[BLOCK_VECTORS], kept[BLOCK_VECTORS];
    for (int i = 0; i < BLOCK_VECTORS; i++) {
        mixed[i] = _mm256_xor_si256(a->vector[i], b->vector[i]);
        kept[i] = add ? _mm256_xor_si256(mixed[i], out->vector[i]) : mixed[i];
    }
    for (int k = 0; k < 4; k++)
        permute_rows(mixed, k);
    for (int k = 0; k < 4; k++)
        permute_columns(mixed, k);
    for (int i = 0; i < BLOCK_VECTORS; i++)
        out->vector[i] = _mm256_xor_si256(mixed[i], kept[i]);
}

static void hash_word(crypto_generichash_state *state, size_t word)
{
    const uint8_t bytes[4] = {(uint8_t)word, (uint8_t)(word >> 8), (uint8_t)(word >> 16),
                              (uint8_t)(word >> 24)};
    crypto_generichash_update(state, bytes, sizeof bytes);
}

/* H0 of section 3.2 */
static void hash_inputs(uint8_t out[static LONG_HASH_BYTES], const uint8_t *password,
                        size_t password_bytes, const uint8_t salt[static ARGON2I_SALT_BYTES])
{
    const size_t parameters[] = {
        1, ARGON2I_HASH_BYTES, ARGON2I_MEMORY_KIB, ARGON2I_PASSES, VERSION, TYPE};
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, LONG_HASH_BYTES);
    for (size_t i = 0; i < sizeof parameters / sizeof parameters[0]; i++)
        hash_word(&state, parameters[i]);
    hash_word(&state, password_bytes);
    crypto_generichash_update(&state, password, password_bytes);
    hash_word(&state, ARGON2I_SALT_BYTES);
    crypto_generichash_update(&state, salt, ARGON2I_SALT_BYTES);
    hash_word(&state, 0); /* no secret */
    hash_word(&state, 0); /* no associated data */
    crypto_generichash_final(&state, out, LONG_HASH_BYTES);
    secret_wipe(&state, sizeof state);
}

/* H' of section 3.3 with a block's length, of H0 || number || lane 0: halves of a chain of hashes,
 * and all of the last. */
static void first_block(struct block *out, const uint8_t seed[static LONG_HASH_BYTES],
                        size_t number)
{
    uint8_t hash[LONG_HASH_BYTES], *to = (uint8_t *)out;
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, sizeof hash);
    hash_word(&state, BLOCK_BYTES);
    crypto_generichash_update(&state, seed, LONG_HASH_BYTES);
    hash_word(&state, number);
    hash_word(&state, 0);
    crypto_generichash_final(&state, hash, sizeof hash);
    for (size_t left = BLOCK_BYTES; left > sizeof hash; left -= sizeof hash / 2) {
        memcpy(to, hash, sizeof hash / 2);
        to += sizeof hash / 2;
        crypto_generichash(hash, sizeof hash, hash, sizeof hash, NULL, 0);
    }
    memcpy(to, hash, sizeof hash);
    secret_wipe(&state, sizeof state);
    secret_wipe(hash, sizeof hash);
}

/* The next 128 pseudo-random words that select blocks, section 3.4.1.2. */
static void next_addresses(struct block *addresses, const struct place *place)
{
    static const struct block zero;
    struct block input = {.word = {place->pass, 0, place->segment, BLOCKS, ARGON2I_PASSES, TYPE,
                                   place->index / BLOCK_WORDS + 1}};
    mix_blocks(addresses, &zero, &input, false);
    mix_blocks(addresses, &zero, addresses, false);
}

/* The block that a word selects: of those that are ready, but the last, the newer the likelier;
 * section 3.4.2. */
static size_t selected(const struct place *place, uint64_t word)
{
    uint64_t ready = (place->pass == 0 ? place->segment : SEGMENTS - 1) * SEGMENT_BLOCKS;
    uint64_t first = place->pass == 0 ? 0 : (place->segment + 1) * SEGMENT_BLOCKS;
    uint64_t candidates = ready + place->index - 1;
    uint64_t x = word & UINT32_MAX;
    uint64_t back = candidates * (x * x >> 32) >> 32;
    return (first + candidates - 1 - back) % BLOCKS;
}

static void fill_segment(struct block *memory, uint64_t pass, uint64_t segment)
{
    struct block addresses;
    bool at_start = pass == 0 && segment == 0; /* where two blocks are given */
    struct place place = {pass, segment, at_start ? 2 : 0};
    if (at_start)
        next_addresses(&addresses, &place);
    for (; place.index < SEGMENT_BLOCKS; place.index++) {
        if (place.index % BLOCK_WORDS == 0)
            next_addresses(&addresses, &place);
        size_t here = segment * SEGMENT_BLOCKS + place.index;
        size_t before = (here + BLOCKS - 1) % BLOCKS;
        size_t other = selected(&place, addresses.word[place.index % BLOCK_WORDS]);
        mix_blocks(&memory[here], &memory[before], &memory[other], pass > 0);
    }
}

int argon2i_avx2(uint8_t hash[static ARGON2I_HASH_BYTES], const uint8_t *password,
                 size_t password_bytes, const uint8_t salt[static ARGON2I_SALT_BYTES])
{
    struct block *memory = memory_open();
    if (!memory)
        return -ENOMEM;
    uint8_t seed[LONG_HASH_BYTES];
    hash_inputs(seed, password, password_bytes, salt);
    first_block(&memory[0], seed, 0);
    first_block(&memory[1], seed, 1);
    for (uint64_t pass = 0; pass < ARGON2I_PASSES; pass++)
        for (uint64_t segment = 0; segment < SEGMENTS; segment++)
            fill_segment(memory, pass, segment);

    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, ARGON2I_HASH_BYTES);
    hash_word(&state, ARGON2I_HASH_BYTES);
    crypto_generichash_update(&state, (const uint8_t *)&memory[BLOCKS - 1], BLOCK_BYTES);
    crypto_generichash_final(&state, hash, ARGON2I_HASH_BYTES);
    secret_wipe(&state, sizeof state);
    secret_wipe(seed, sizeof seed);
    memory_close(memory);
    return 0;
}

bool argon2i_avx2_available(void)
{
    return __builtin_cpu_supports("avx2");
}

#else

bool argon2i_avx2_available(void)
{
    return false;
}

int argon2i_avx2(uint8_t hash[static ARGON2I_HASH_BYTES], const uint8_t *password,
                 size_t password_bytes, const uint8_t salt[static ARGON2I_SALT_BYTES])
{
    (void)hash, (void)password, (void)password_bytes, (void)salt;
    return -EINVAL;
}

#endif
