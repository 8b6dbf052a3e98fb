#include "ctidh/schedule.h"

#include <stdbool.h>

#include "base/declassify.h"
#include "base/secret.h"
#include "ctidh/mask.h"

__extension__ typedef unsigned __int128 u128;

int schedule_open(struct schedule *schedule, const uint8_t secret[static CTIDH1024_SECRET_BYTES])
{
    uint64_t excess = 0;
    for (size_t b = 0; b < BATCHES; b++) {
        uint64_t sum = 0;
        for (size_t i = batch_table[b].first; i < batch_table[b].first + batch_table[b].count;
             i++) {
            uint64_t negative = secret[i] >> 7;
            uint64_t magnitude = (secret[i] ^ mask_bit(negative)) + negative;
            schedule->negative[i] = (uint8_t)negative;
            schedule->todo[i] = (uint8_t)magnitude;
            sum += magnitude & 0xff;
        }
        excess |= mask_less(batch_table[b].bound, sum);
    }
    declassify(&excess, sizeof excess); /* a refused key is not used */
    if (!excess)
        return 0;
    secret_wipe(schedule, sizeof *schedule);
    return -EINVAL;
}

struct target schedule_target(const struct schedule *schedule, const struct batch *batch)
{
    struct target target = {.batch = batch, .dummy = ~UINT64_C(0)};
    for (size_t i = 0; i < batch->count; i++) { /* the first with something to do stays */
        uint64_t take = target.dummy & mask_nonzero(schedule->todo[batch->first + i]);
        target.position = mask_select(take, i, target.position);
        target.negative = mask_select(take, schedule->negative[batch->first + i], target.negative);
        target.dummy &= ~take;
    }
    target.negative = mask_bit(target.negative);
    for (size_t i = 0; i < batch->count; i++) {
        uint64_t here = mask_equal(i, target.position);
        struct chain chain = prime_chain[batch->first + i];
        target.degree |= here & small_prime[batch->first + i];
        target.chain.bits |= (uint16_t)(here & chain.bits);
        target.chain.steps |= (uint8_t)(here & chain.steps);
    }
    return target;
}

void schedule_advance(struct schedule *schedule, const struct target *target)
{
    for (size_t i = 0; i < target->batch->count; i++) {
        uint64_t taken = mask_equal(i, target->position) & ~target->dummy;
        uint8_t *todo = &schedule->todo[target->batch->first + i];
        *todo = (uint8_t)(*todo - (taken & 1));
    }
}

struct chain target_other_chain(const struct target *target, size_t index)
{
    const struct chain *chain = &prime_chain[target->batch->first + index];
    uint64_t before = mask_less(index, target->position);
    return (struct chain){
        .bits = (uint16_t)mask_select(before, chain[0].bits, chain[1].bits),
        .steps = (uint8_t)mask_select(before, chain[0].steps, chain[1].steps),
    };
}

unsigned target_other_steps_max(const struct target *target, size_t index)
{
    const struct chain *chain = &prime_chain[target->batch->first + index];
    return chain[0].steps > chain[1].steps ? chain[0].steps : chain[1].steps;
}

/* l(l_lo - 1) / (l_lo(l - 1)) against a uniform number below the denominator: the top of its
 * product with 128 random bits, uniform to within 2^-100. */
uint64_t target_coin(const struct target *target, const struct random_source *random)
{
    uint64_t lowest = small_prime[target->batch->first];
    uint64_t numerator = target->degree * (lowest - 1);
    uint64_t denominator = lowest * (target->degree - 1);
    uint64_t draw[2];
    random_fill(random, (uint8_t *)draw, sizeof draw);
    u128 product = (u128)draw[1] * denominator + (uint64_t)((u128)draw[0] * denominator >> 64);
    secret_wipe(draw, sizeof draw);
    return mask_less((uint64_t)(product >> 64), numerator);
}
