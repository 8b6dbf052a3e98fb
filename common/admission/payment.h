/* How much work a client does for its stamp, chosen from public state so that all clients choose
 * alike. */
#ifndef REUNION_ADMISSION_PAYMENT_H
#define REUNION_ADMISSION_PAYMENT_H

#include <stdint.h>

#include "admission/stamp.h"

enum {
    PAYMENT_LEAST = 1 << 11,    /* with a price above 0 */
    PAYMENT_MOST = 1 << 14,     /* of one's own accord; the price may be above it */
    PAYMENT_RAISED = 1 << 12,   /* what a stamp is raised to when nothing asks for more */
    PAYMENT_ACTION_TRIES = 128, /* a group action's time, in tries */
    PAYMENT_RAISE_DISCOUNT = 4, /* raising goes on beside the work */
};

/* How many live T1s of a place stand in each class. */
struct payment_classes {
    uint32_t t1s[STAMP_CLASSES];
};

/* Tries to make before posting: the power of two e, up to `most` (a power of two, PAYMENT_MOST
 * unless the user says otherwise), for which e + 128 * (T1s in higher classes + half of those in
 * its own) is least, at least 3/2 `price` and PAYMENT_LEAST; the least such power where `most` is
 * below that. With price 0: 0, nothing is paid. */
uint64_t payment_first(const struct payment_classes *classes, uint32_t price, uint32_t most);

/* Effort to raise one's own stamp to: the power of two up to `most` for which a quarter of it +
 * 128 * (…) is least, and not below PAYMENT_RAISED unless `most` is. */
uint32_t payment_raise(const struct payment_classes *classes, uint32_t most);

/* Tries for a price: at least 3/2 of it, rounded up. */
uint64_t payment_tries_least(uint32_t price);

#endif
