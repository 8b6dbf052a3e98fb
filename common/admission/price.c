#include "admission/price.h"

#include <math.h>

/* ceil(16 * 2^eighths/8), as far as 32 bits go. */
static uint32_t price_of(double exponent)
{
    double price = ceil(PRICE_FIRST * exp2(exponent));
    return price < (double)UINT32_MAX ? (uint32_t)price : UINT32_MAX;
}

double price_stock_at(const struct price_stock *stock, int64_t now_s)
{
    int64_t passed_s = now_s > stock->at_s ? now_s - stock->at_s : 0;
    return stock->amount * exp2(-(double)passed_s / PRICE_HALF_LIFE_S);
}

void price_stock_add(struct price_stock *stock, double amount, int64_t now_s)
{
    stock->amount = price_stock_at(stock, now_s) + amount;
    if (now_s > stock->at_s)
        stock->at_s = now_s;
}

void price_stock_take_back(struct price_stock *stock, double amount)
{
    stock->amount = stock->amount > amount ? stock->amount - amount : 0;
}

int64_t price_stock_wait_s(const struct price_stock *stock, double level, int64_t now_s)
{
    double amount = price_stock_at(stock, now_s);
    if (amount < level)
        return 0;
    return 1 + (int64_t)(PRICE_HALF_LIFE_S * log2(amount / level));
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
