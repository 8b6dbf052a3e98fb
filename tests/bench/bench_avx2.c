/* What a field multiplication would take in four lanes of AVX2, beside those of the engines.
 *
 * The best shape found: limbs of 29 bits in 64-bit lanes, products of four limbs by all others with
 * the four columns under way in registers, then four steps of Montgomery's reduction at a time. It
 * is a kernel to decide by and no engine; its result is checked. Prints nanoseconds a lane: "avx2
 * scalar". */
#include <immintrin.h>
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "ctidh/engine.h"
#include "ctidh/fp1024.h"
#include "lib/stopwatch.h"

enum { LIMB_BITS = 29, LIMBS = 36, TILE = 4, AVX2_LANES = 4 };
#define LIMB_MASK ((UINT64_C(1) << LIMB_BITS) - 1)
#ifdef __clang__
#define UNROLLED _Pragma("clang loop unroll(full)")
#else
#define UNROLLED _Pragma("GCC unroll 8")
#endif

struct lanes {
    __m256i limb[LIMBS];
};

static struct lanes prime;
static const uint64_t minus_prime_inverse = FP1024_MINUS_PRIME_INVERSE & LIMB_MASK;

/* column[k] += sum of factor[i]·limb[k-i] */
static inline __attribute__((always_inline)) void add_tile(__m256i *column, const __m256i *factor,
                                                           const struct lanes *b)
{
    __m256i f[TILE], sum[TILE];
    UNROLLED
    for (int i = 0; i < TILE; i++) {
        f[i] = factor[i];
        sum[i] = column[i];
    }
    for (int j = 0; j < LIMBS; j += TILE) {
        UNROLLED
        for (int i = 0; i < TILE; i++) { /* sum[(i + k) % TILE] is of column j + i + k */
            __m256i limb = b->limb[j + i];
            UNROLLED
            for (int k = 0; k < TILE; k++)
                sum[(i + k) % TILE] =
                    _mm256_add_epi64(sum[(i + k) % TILE], _mm256_mul_epu32(f[k], limb));
            column[j + i] = sum[i];
            sum[i] = column[j + i + TILE];
        }
    }
    UNROLLED
    for (int i = 0; i < TILE; i++)
        column[LIMBS + i] = sum[i];
}

/* Carry so that columns have LIMB_BITS again. */
static void carry(__m256i *column, int count)
{
    __m256i up = _mm256_setzero_si256(), mask = _mm256_set1_epi64x((long long)LIMB_MASK);
    for (int k = 0; k < count; k++) {
        up = _mm256_add_epi64(up, column[k]);
        column[k] = _mm256_and_si256(up, mask);
        up = _mm256_srli_epi64(up, LIMB_BITS);
    }
}

static void mul(struct lanes *out, const struct lanes *a, const struct lanes *b)
{
    const __m256i inverse = _mm256_set1_epi64x((long long)minus_prime_inverse);
    const __m256i mask = _mm256_set1_epi64x((long long)LIMB_MASK);
    __m256i column[2 * LIMBS + TILE];
    memset(column, 0, sizeof column);
    for (int i = 0; i < LIMBS; i += TILE)
        add_tile(column + i, a->limb + i, b);
    carry(column, 2 * LIMBS);
    for (int i = 0; i < LIMBS; i += TILE) {
        __m256i q[TILE], up = _mm256_setzero_si256();
        UNROLLED
        for (int k = 0; k < TILE; k++) { /* the multiples that clear the lowest columns */
            __m256i sum = _mm256_add_epi64(column[i + k], up);
            UNROLLED
            for (int l = 0; l < k; l++)
                sum = _mm256_add_epi64(sum, _mm256_mul_epu32(q[l], prime.limb[k - l]));
            q[k] = _mm256_and_si256(_mm256_mul_epu32(_mm256_and_si256(sum, mask), inverse), mask);
            sum = _mm256_add_epi64(sum, _mm256_mul_epu32(q[k], prime.limb[0]));
            up = _mm256_srli_epi64(sum, LIMB_BITS);
        }
        add_tile(column + i, q, &prime);
        column[i + TILE] = _mm256_add_epi64(column[i + TILE], up);
    }
    carry(column + LIMBS, LIMBS);
    memcpy(out, column + LIMBS, sizeof *out);
}

/* The same number in every lane, and back from the first. */
static void spread(struct lanes *out, const struct fp *a)
{
    for (unsigned i = 0; i < LIMBS; i++) {
        unsigned word = LIMB_BITS * i / 64, shift = LIMB_BITS * i % 64;
        uint64_t low = word < FP1024_LIMBS ? a->limb[word] >> shift : 0;
        uint64_t high = word + 1 < FP1024_LIMBS ? a->limb[word + 1] << 1 << (63 - shift) : 0;
        out->limb[i] = _mm256_set1_epi64x((long long)((low | high) & LIMB_MASK));
    }
}

static void gather(struct fp *out, const struct lanes *a)
{
    memset(out, 0, sizeof *out);
    for (unsigned i = 0; i < LIMBS; i++) {
        unsigned word = LIMB_BITS * i / 64, shift = LIMB_BITS * i % 64;
        uint64_t limb = (uint64_t)_mm256_extract_epi64(a->limb[i], 0);
        if (word < FP1024_LIMBS)
            out->limb[word] |= limb << shift;
        if (shift > 64 - LIMB_BITS && word + 1 < FP1024_LIMBS)
            out->limb[word + 1] |= limb >> (64 - shift);
    }
}

static struct fp a, b;
static struct lanes lanes_a, lanes_b;

/* The result times 2^(36·29) is a·b. */
static bool is_right(void)
{
    struct lanes product;
    struct fp found, expected, factor = fp_one;
    mul(&product, &lanes_a, &lanes_b);
    gather(&found, &product);
    for (int i = 1024; i < LIMB_BITS * LIMBS; i++)
        fp_add_tight(&factor, &factor, &factor);
    fp_mul(&found, &found, &factor);
    fp_mul(&expected, &a, &b);
    fp_sub_tight(&found, &found, &expected);
    return fp_zero_mask(&found) != 0;
}

static void multiply_lanes(void)
{
    mul(&lanes_a, &lanes_a, &lanes_b);
}

static void multiply_scalar(void)
{
    fp_mul(&a, &a, &b);
}

int main(void)
{
    const struct engine *scalar;
    if (secret_init())
        return 1;
    if (!__builtin_cpu_supports("avx2") || engine_find("scalar", &scalar)) {
        fprintf(stderr, "this processor has no AVX2 or no scalar engine\n");
        return 77;
    }
    spread(&prime, &fp_prime);
    for (int i = 0; i < 100; i++) {
        fp_random(&a, &random_system);
        fp_random(&b, &random_system);
        spread(&lanes_a, &a);
        spread(&lanes_b, &b);
        if (!is_right())
            return 1;
    }
    printf("%.1f %.1f\n", stopwatch_ns(multiply_lanes, 101, 500) / AVX2_LANES,
           stopwatch_ns(multiply_scalar, 101, 500));
    return 0;
}
