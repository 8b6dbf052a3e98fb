/* All-ones and all-zeros words, for choosing without a branch. */
#ifndef REUNION_CTIDH_MASK_H
#define REUNION_CTIDH_MASK_H

#include <stdint.h>

#ifndef MARK_SECRETS_MSAN

/* Hides from the optimiser that `value` is only 0 or 1, lest it turn a selection into a jump. */
static inline uint64_t mask_opaque(uint64_t value)
{
    __asm__("" : "+r"(value));
    return value;
}

/* All ones if the lowest bit of `bit` is set, else zero. */
static inline uint64_t mask_bit(uint64_t bit)
{
    return 0 - mask_opaque(bit & 1);
}

static inline uint64_t mask_nonzero(uint64_t value)
{
    return mask_bit((value | (0 - value)) >> 63);
}

/* a < b, for numbers below 2^63. */
static inline uint64_t mask_less(uint64_t a, uint64_t b)
{
    return mask_bit((a - b) >> 63);
}

#else /* MemorySanitizer follows comparisons and selections, but not marks through borrows */

static inline uint64_t mask_bit(uint64_t bit)
{
    return (bit & 1) != 0 ? UINT64_MAX : 0;
}

static inline uint64_t mask_nonzero(uint64_t value)
{
    return value != 0 ? UINT64_MAX : 0;
}

static inline uint64_t mask_less(uint64_t a, uint64_t b)
{
    return a < b ? UINT64_MAX : 0;
}

#endif

static inline uint64_t mask_equal(uint64_t a, uint64_t b)
{
    return ~mask_nonzero(a ^ b);
}

static inline uint64_t mask_select(uint64_t mask, uint64_t when_set, uint64_t when_clear)
{
    return when_clear ^ (mask & (when_set ^ when_clear));
}

#endif
