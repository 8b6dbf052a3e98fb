#include <stdbool.h>
#include <string.h>

#include "base/declassify.h"
#include "base/secret.h"
#include "ctidh/ctidh.h"
#include "ctidh/mask.h"
#include "ctidh/primes.h"

/* DESIGN: for a batch of n primes with bound m, n + m random words are sorted, n of them marked in
 * the lowest bit; the runs of unmarked words before each marked one are a uniform composition, the
 * magnitudes of the exponents. One more word decides on signs and rejects part of the vectors with
 * zeros, which have fewer signs. Canonical: the number and length of draws, the order and what is
 * rejected fix the key of a seed. Restarts become public, nothing else. */

enum { WORDS_MAX = BATCH_PRIMES_MAX + BATCH_STEPS_MAX };

struct draw {
    const struct batch *batch;
    uint32_t word[WORDS_MAX]; /* sorted as signed numbers: their top bits are flipped */
    uint32_t signs;
    uint8_t magnitude[BATCH_PRIMES_MAX];
};

static uint32_t get_le32(const uint8_t in[static 4])
{
    return (uint32_t)in[0] | (uint32_t)in[1] << 8 | (uint32_t)in[2] << 16 | (uint32_t)in[3] << 24;
}

/* Odd-even transposition: `count` rounds sort any input. */
static void sort_words(uint32_t *word, size_t count)
{
    for (size_t round = 0; round < count; round++)
        for (size_t i = round % 2; i + 1 < count; i += 2) {
            uint32_t swap = (uint32_t)mask_less(word[i + 1], word[i]);
            uint32_t difference = (word[i] ^ word[i + 1]) & swap;
            word[i] ^= difference;
            word[i + 1] ^= difference;
        }
}

/* Returns: whether two of the first `count` words agree but for the mark, which would bias the
 * order of marked and unmarked words; only these are compared, canonically. */
static bool draw_words(struct draw *draw, const struct random_source *random)
{
    uint8_t bytes[4 * WORDS_MAX];
    size_t marked = draw->batch->count;
    size_t words = marked + draw->batch->bound;
    random_fill(random, bytes, 4 * words);
    for (size_t i = 0; i < words; i++)
        draw->word[i] = ((get_le32(bytes + 4 * i) & ~UINT32_C(1)) | (i < marked)) ^ 0x80000000;
    secret_wipe(bytes, sizeof bytes);
    sort_words(draw->word, words);
    uint64_t collision = 0;
    for (size_t i = 1; i < marked; i++)
        collision |= mask_equal(draw->word[i - 1] >> 1, draw->word[i] >> 1);
    declassify(&collision, sizeof collision); /* these words are not used if it is set */
    return collision != 0;
}

/* magnitude[i] = the number of unmarked words with exactly i marked ones before them */
static void count_runs(struct draw *draw)
{
    size_t words = (size_t)draw->batch->count + draw->batch->bound;
    memset(draw->magnitude, 0, sizeof draw->magnitude);
    uint64_t marked_before = 0;
    for (size_t k = 0; k < words; k++) {
        uint64_t marked = draw->word[k] & 1;
        for (size_t i = 0; i < draw->batch->count; i++)
            draw->magnitude[i] += (uint8_t)(mask_equal(i, marked_before) & (marked ^ 1));
        marked_before += marked;
    }
}

/* Returns: whether the vector is rejected, by the sign bit of a zero beyond the unavoidable ones.
 */
static bool draw_signs(struct draw *draw, const struct random_source *random)
{
    uint8_t bytes[4];
    random_fill(random, bytes, sizeof bytes);
    draw->signs = get_le32(bytes);
    secret_wipe(bytes, sizeof bytes);
    uint64_t spare = (uint64_t)draw->batch->count - draw->batch->bound; /* may wrap below zero */
    uint64_t rejected = 0;
    for (size_t i = 0; i < draw->batch->count; i++) {
        uint64_t zero = ~mask_nonzero(draw->magnitude[i]);
        spare -= zero & 1;
        rejected |= zero & mask_bit(spare >> 63) & mask_bit(draw->signs >> i);
    }
    declassify(&rejected, sizeof rejected); /* this vector is not used if it is set */
    return rejected != 0;
}

static void draw_batch(struct draw *draw, uint8_t *exponent, const struct random_source *random)
{
    for (bool again = true; again;) {
        if (draw_words(draw, random))
            continue;
        count_runs(draw);
        again = draw_signs(draw, random);
    }
    for (size_t i = 0; i < draw->batch->count; i++) {
        uint64_t negative = draw->signs >> i & 1;
        exponent[i] = (uint8_t)((draw->magnitude[i] ^ mask_bit(negative)) + negative);
    }
}

void ctidh1024_secret_sample(uint8_t secret[static CTIDH1024_SECRET_BYTES],
                             const struct random_source *random)
{
    struct draw draw;
    for (size_t b = 0; b < BATCHES; b++) {
        draw.batch = &batch_table[b];
        draw_batch(&draw, secret + draw.batch->first, random);
    }
    secret_wipe(&draw, sizeof draw);
}
