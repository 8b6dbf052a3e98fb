#include "admission/payment.h"

/* Twice 128 * (T1s in higher classes + half of those in this one). */
static uint64_t ahead_twice(const struct payment_classes *classes, unsigned class)
{
    uint64_t halves = classes->t1s[class];
    for (unsigned higher = class + 1; higher < STAMP_CLASSES; higher++)
        halves += 2 * (uint64_t)classes->t1s[higher];
    return PAYMENT_ACTION_TRIES * halves;
}

/* The power of two from `least` to `most` with the least sum; the lower one of equals. */
static uint64_t cheapest(const struct payment_classes *classes, uint64_t least, uint64_t most,
                         unsigned discount)
{
    uint64_t best = 0, best_cost = UINT64_MAX;
    for (unsigned power = 0; power < 32; power++) {
        uint64_t effort = UINT64_C(1) << power;
        if (effort < least)
            continue;
        if (best && effort > most)
            break;
        uint64_t cost = 2 * effort / discount + ahead_twice(classes, 1 + power);
        if (cost < best_cost) {
            best = effort;
            best_cost = cost;
        }
    }
    return best;
}

uint64_t payment_tries_least(uint32_t price)
{
    return ((uint64_t)price * 3 + 1) / 2;
}

uint64_t payment_first(const struct payment_classes *classes, uint32_t price, uint32_t most)
{
    if (price == 0)
        return 0;
    uint64_t least = payment_tries_least(price);
    if (least > UINT64_C(1) << 31)
        return least;
    return cheapest(classes, least > PAYMENT_LEAST ? least : PAYMENT_LEAST, most, 1);
}

uint32_t payment_raise(const struct payment_classes *classes, uint32_t most)
{
    uint32_t least = most < PAYMENT_RAISED ? most : PAYMENT_RAISED;
    return (uint32_t)cheapest(classes, least, most, PAYMENT_RAISE_DISCOUNT);
}
