#include "admission/price.h"

#include <math.h>

/* ceil(16 * 2^eighths/8), as far as 32 bits go. */
static uint32_t price_of(double exponent)
{
    double price = ceil(PRICE_FIRST * exp2(exponent));
    return price < (double)UINT32_MAX ? (uint32_t)price : UINT32_MAX;
}

double price_stock_at(const struct price_stock *stock, int64_t now_ms)
{
    int64_t passed_ms = now_ms > stock->at_ms ? now_ms - stock->at_ms : 0;
    return stock->amount * exp2(-(double)passed_ms / (PRICE_HALF_LIFE_S * 1000.0));
}

void price_stock_add(struct price_stock *stock, double amount, int64_t now_ms)
{
    stock->amount = price_stock_at(stock, now_ms) + amount;
    if (now_ms > stock->at_ms)
        stock->at_ms = now_ms;
}

uint32_t price_t1(double amount, uint32_t free)
{
    if (amount < free)
        return 0;
    return price_of(floor((amount - free) / free) / 8);
}

uint32_t price_link(uint32_t links)
{
    if (links < PRICE_FREE_LINKS)
        return 0;
    uint32_t doublings = (links - PRICE_FREE_LINKS) / PRICE_FREE_LINKS;
    return price_of(doublings);
}

uint32_t price_place(uint32_t places)
{
    if (places < PRICE_FREE_PLACES)
        return 0;
    return price_of((double)(places - PRICE_FREE_PLACES) / PRICE_FREE_PLACES);
}
