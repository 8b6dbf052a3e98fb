/* How much work a server asks for: prices that follow the recent load. */
#ifndef REUNION_ADMISSION_PRICE_H
#define REUNION_ADMISSION_PRICE_H

#include <stdbool.h>
#include <stdint.h>

/* DESIGN: a price is a function of a stock that grows with each new T1 and decays by itself. A
 * price on the rate alone would swing between nothing and everything; a stock is slow. All of it
 * is arithmetic on numbers that are brought in; the owner of a stock brings the lock as well. */

enum {
    PRICE_HALF_LIFE_S = 2400,   /* of a stock: forty minutes */
    PRICE_FREE_PLACE = 64,      /* T1s of a place that are free, by default */
    PRICE_FREE_SERVER = 1024,   /* T1s of the whole server that are free */
    PRICE_FREE_LINKS = 64,      /* links of one window that are free */
    PRICE_FREE_PLACES = 256,    /* live places up to which opening one costs nothing */
    PRICE_PLACES_MAX = 4096,    /* live places */
    PRICE_FIRST = 16,           /* the lowest price that is asked, in tries */
    PRICE_CLIENT_MAX = 1 << 17, /* what a client pays at most unless its user says more */
};

/* What came lately, decaying. Zeros: nothing did. */
struct price_stock {
    double amount;
    int64_t at_s; /* when it was that */
};

/* What is left of the stock at `now_s`; nothing has decayed where the clock has stepped back. */
double price_stock_at(const struct price_stock *stock, int64_t now_s);

/* Add `amount`, which came at `now_s`. */
void price_stock_add(struct price_stock *stock, double amount, int64_t now_s);

/* Undo the last adding of `amount`. */
void price_stock_take_back(struct price_stock *stock, double amount);

/* Seconds until less than `level` (above 0) is left if nothing is added, rounded up. */
int64_t price_stock_wait_s(const struct price_stock *stock, double level, int64_t now_s);

/* Effort asked for a T1 when the stock is `amount` and `free` (at least 1) are free:
 * 0, or ceil(16 * 2^(floor((amount - free) / free) / 8)), bounded by 2^32-1. */
uint32_t price_t1(double amount, uint32_t free);

/* Effort asked for a link when `links` came in this window: 0 for the first 64, then 16, doubling
 * with every 64 more; bounded by 2^32-1. */
uint32_t price_link(uint32_t links);

/* Effort asked for opening one more place when `places` live: 0 below 256, then
 * ceil(16 * 2^((places - 256) / 256)). There may be PRICE_PLACES_MAX of them. */
uint32_t price_place(uint32_t places);

#endif
