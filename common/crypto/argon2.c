#include "crypto/argon2.h"

#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "base/secret.h"
#include "crypto/blake2b.h"

enum {
    VERSION = 0x13,
    SLICES = 4,
    WORDS = ARGON2_BLOCK_BYTES / 8,
    START_BYTES = 64, /* H_0 */
    LONG_STEP = 32,   /* what a link of H' gives, but for the last */
};

static void put_le32(uint8_t out[static 4], uint32_t value)
{
    for (size_t i = 0; i < 4; i++)
        out[i] = (uint8_t)(value >> 8 * i);
}

/* H', section 3.3: a hash of any length. */
static void long_hash(uint8_t *out, size_t bytes, struct hash_part *parts, size_t count)
{
    uint8_t length[4], link[BLAKE2B_BYTES_MAX];
    put_le32(length, (uint32_t)bytes);
    parts[0] = (struct hash_part){length, sizeof length};
    size_t first = bytes < sizeof link ? bytes : sizeof link;
    blake2b(link, first, NULL, 0, parts, count);
    while (bytes > BLAKE2B_BYTES_MAX) {
        memcpy(out, link, LONG_STEP);
        out += LONG_STEP;
        bytes -= LONG_STEP;
        size_t next = bytes < sizeof link ? bytes : sizeof link;
        blake2b(link, next, NULL, 0, &(struct hash_part){link, sizeof link}, 1);
    }
    memcpy(out, link, bytes);
    secret_wipe(link, sizeof link);
}

static inline uint64_t rotated_right(uint64_t word, unsigned by)
{
    return word >> by | word << (64 - by);
}

/* Section 3.6: BLAKE2b's additions with a product of the lower halves. */
static inline uint64_t mixed(uint64_t a, uint64_t b)
{
    return a + b + 2 * (uint64_t)(uint32_t)a * (uint32_t)b;
}

#define QUARTER(a, b, c, d)                                                                        \
    do {                                                                                           \
        (a) = mixed(a, b);                                                                         \
        (d) = rotated_right((d) ^ (a), 32);                                                        \
        (c) = mixed(c, d);                                                                         \
        (b) = rotated_right((b) ^ (c), 24);                                                        \
        (a) = mixed(a, b);                                                                         \
        (d) = rotated_right((d) ^ (a), 16);                                                        \
        (c) = mixed(c, d);                                                                         \
        (b) = rotated_right((b) ^ (c), 63);                                                        \
    } while (0)

/* The permutation P of sixteen words: eight pairs, `stride` words from pair to pair. */
static inline void permute(uint64_t *word, size_t stride)
{
    uint64_t v[16];
    for (size_t i = 0; i < 16; i++)
        v[i] = word[i / 2 * stride + i % 2];
    QUARTER(v[0], v[4], v[8], v[12]);
    QUARTER(v[1], v[5], v[9], v[13]);
    QUARTER(v[2], v[6], v[10], v[14]);
    QUARTER(v[3], v[7], v[11], v[15]);
    QUARTER(v[0], v[5], v[10], v[15]);
    QUARTER(v[1], v[6], v[11], v[12]);
    QUARTER(v[2], v[7], v[8], v[13]);
    QUARTER(v[3], v[4], v[9], v[14]);
    for (size_t i = 0; i < 16; i++)
        word[i / 2 * stride + i % 2] = v[i];
}

/* out = G(a, b), section 3.5; added to what stands there if `onto`. */
static void compress(struct argon2_block *out, const struct argon2_block *a,
                     const struct argon2_block *b, bool onto)
{
    struct argon2_block sum, permuted;
    for (size_t i = 0; i < WORDS; i++)
        sum.word[i] = a->word[i] ^ b->word[i];
    permuted = sum;
    for (size_t row = 0; row < 8; row++)
        permute(permuted.word + 16 * row, 2);
    for (size_t column = 0; column < 8; column++)
        permute(permuted.word + 2 * column, 16);
    uint64_t kept = onto ? UINT64_MAX : 0;
    for (size_t i = 0; i < WORDS; i++)
        out->word[i] = (out->word[i] & kept) ^ sum.word[i] ^ permuted.word[i];
}

static void block_decode(struct argon2_block *block, const uint8_t bytes[ARGON2_BLOCK_BYTES])
{
    for (size_t i = 0; i < WORDS; i++) {
        block->word[i] = 0;
        for (size_t b = 0; b < 8; b++)
            block->word[i] |= (uint64_t)bytes[8 * i + b] << 8 * b;
    }
}

static void block_encode(uint8_t bytes[ARGON2_BLOCK_BYTES], const struct argon2_block *block)
{
    for (size_t i = 0; i < ARGON2_BLOCK_BYTES; i++)
        bytes[i] = (uint8_t)(block->word[i / 8] >> 8 * (i % 8));
}

/* What a computation is made of, and where it is. */
struct filling {
    enum argon2_kind kind;
    const struct argon2_cost *cost;
    struct argon2_block *memory;
    uint32_t segment; /* blocks in a slice */
    uint32_t pass, slice;
    struct argon2_block input, addresses; /* of segments that no password decides on */
};

/* The next 128 addresses, section 3.4.1.2. */
static void addresses_next(struct filling *filling)
{
    static const struct argon2_block zero;
    filling->input.word[6]++;
    compress(&filling->addresses, &zero, &filling->input, false);
    compress(&filling->addresses, &zero, &filling->addresses, false);
}

/* The block that `random` stands for, section 3.4.2, for the block `at` of the slice. */
static uint32_t reference_of(const struct filling *filling, uint32_t at, uint32_t random)
{
    uint32_t lane = SLICES * filling->segment, before = filling->slice * filling->segment;
    uint32_t area = (filling->pass == 0 ? before : lane - filling->segment) + at - 1;
    uint64_t square = (uint64_t)random * random >> 32;
    uint32_t relative = area - 1 - (uint32_t)((uint64_t)area * square >> 32);
    uint32_t start = filling->pass == 0 ? 0 : (before + filling->segment) % lane;
    return (start + relative) % lane;
}

static void fill_slice(struct filling *filling)
{
    bool known = filling->kind == ARGON2_KIND_I || (filling->pass == 0 && filling->slice < 2);
    uint32_t lane = SLICES * filling->segment;
    uint32_t first = filling->pass == 0 && filling->slice == 0 ? 2 : 0;
    filling->input = (struct argon2_block){
        {filling->pass, 0, filling->slice, lane, filling->cost->passes, (uint64_t)filling->kind}};
    if (known && first > 0)
        addresses_next(filling);
    for (uint32_t at = first; at < filling->segment; at++) {
        uint32_t here = filling->slice * filling->segment + at;
        const struct argon2_block *previous = &filling->memory[(here + lane - 1) % lane];
        if (known && at % WORDS == 0)
            addresses_next(filling);
        uint64_t random = known ? filling->addresses.word[at % WORDS] : previous->word[0];
        uint32_t reference = reference_of(filling, at, (uint32_t)random);
        compress(&filling->memory[here], previous, &filling->memory[reference], filling->pass > 0);
    }
}

/* H_0, section 3.2. */
static void start(uint8_t digest[static START_BYTES], size_t hash_bytes, enum argon2_kind kind,
                  const struct argon2_cost *cost, struct hash_part password, struct hash_part salt)
{
    uint8_t head[24], password_bytes[4], salt_bytes[4], nothing[8] = {0};
    const uint32_t numbers[] = {1,       (uint32_t)hash_bytes, cost->memory_kib, cost->passes,
                                VERSION, (uint32_t)kind};
    for (size_t i = 0; i < 6; i++)
        put_le32(head + 4 * i, numbers[i]);
    put_le32(password_bytes, (uint32_t)password.bytes);
    put_le32(salt_bytes, (uint32_t)salt.bytes);
    const struct hash_part parts[] = {
        {head, sizeof head}, {password_bytes, 4}, password, {salt_bytes, 4}, salt, {nothing, 8}};
    blake2b(digest, START_BYTES, NULL, 0, parts, 6);
}

void argon2_hash(uint8_t *hash, size_t hash_bytes, enum argon2_kind kind,
                 const struct argon2_cost *cost, struct argon2_block *memory,
                 const uint8_t *password, size_t password_bytes, const uint8_t *salt,
                 size_t salt_bytes)
{
    uint8_t digest[START_BYTES], number[8] = {0}, bytes[ARGON2_BLOCK_BYTES];
    INVARIANT(cost->memory_kib >= ARGON2_MEMORY_KIB_MIN && cost->memory_kib % SLICES == 0);
    INVARIANT(cost->passes >= 1 && hash_bytes >= 4 && hash_bytes <= BLAKE2B_BYTES_MAX);
    start(digest, hash_bytes, kind, cost, (struct hash_part){password, password_bytes},
          (struct hash_part){salt, salt_bytes});
    for (uint8_t i = 0; i < 2; i++) {
        number[0] = i;
        struct hash_part parts[] = {{NULL, 0}, {digest, sizeof digest}, {number, sizeof number}};
        long_hash(bytes, sizeof bytes, parts, 3);
        block_decode(&memory[i], bytes);
    }
    struct filling filling = {
        .kind = kind, .cost = cost, .memory = memory, .segment = cost->memory_kib / SLICES};
    for (filling.pass = 0; filling.pass < cost->passes; filling.pass++)
        for (filling.slice = 0; filling.slice < SLICES; filling.slice++)
            fill_slice(&filling);
    block_encode(bytes, &memory[cost->memory_kib - 1]);
    struct hash_part parts[] = {{NULL, 0}, {bytes, sizeof bytes}};
    long_hash(hash, hash_bytes, parts, 2);
    secret_wipe(digest, sizeof digest);
    secret_wipe(bytes, sizeof bytes);
}
