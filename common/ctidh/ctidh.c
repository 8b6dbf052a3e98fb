#include "ctidh/ctidh.h"

#include <stdbool.h>

#include "base/secret.h"
#include "ctidh/action.h"
#include "ctidh/fp1024.h"
#include "ctidh/schedule.h"
#include "ctidh/shake256.h"
#include "ctidh/validate.h"

_Static_assert((int)CTIDH1024_SECRET_BYTES == (int)PRIMES, "one byte for each prime");
_Static_assert((int)CTIDH1024_PUBLIC_BYTES == (int)FP1024_BYTES, "a public key is a field element");

/* Field and curve functions leave their temporaries on the stack: wiping them one by one in
 * functions of a microsecond would cost more than their work. This wipes what they all used, called
 * from the frame that called them. */
__attribute__((noinline)) static void wipe_stack_below(void)
{
    uint8_t below[ACTION_STACK_BYTES];
    secret_wipe(below, sizeof below);
}

int ctidh1024_public_derive(uint8_t public_key[static CTIDH1024_PUBLIC_BYTES],
                            const uint8_t secret[static CTIDH1024_SECRET_BYTES],
                            const struct random_source *random)
{
    struct schedule key;
    if (schedule_open(&key, secret))
        return -EINVAL;
    struct fp a = fp_zero;
    int error = action_run(&a, &key, random, NULL);
    INVARIANT(!error); /* it was not cancelled */
    fp_encode(public_key, &a);
    secret_wipe(&key, sizeof key);
    secret_wipe(&a, sizeof a);
    wipe_stack_below();
    return 0;
}

static int decode_valid(struct fp *a, const uint8_t public_key[static CTIDH1024_PUBLIC_BYTES],
                        const struct random_source *random)
{
    int error = fp_decode(a, public_key);
    return error ? error : curve_validate(a, random);
}

int ctidh1024_public_check(const uint8_t public_key[static CTIDH1024_PUBLIC_BYTES],
                           const struct random_source *random)
{
    struct fp a;
    return decode_valid(&a, public_key, random);
}

/* Gives: 0 (the exchange has its status), -ENOMEM. */
static int exchange_run(struct ctidh1024_exchange *exchange, const struct schedule *key,
                        const struct random_source *random, const atomic_bool *cancel)
{
    struct fp a;
    uint8_t curve[FP1024_BYTES];
    exchange->status = decode_valid(&a, exchange->public_key, random);
    if (exchange->status)
        return 0;
    exchange->status = action_run(&a, key, random, cancel);
    if (exchange->status)
        return 0;
    fp_encode(curve, &a);
    int error = shake256(exchange->shared, CTIDH1024_SHARED_BYTES, curve, sizeof curve);
    if (error)
        exchange->status = -ECANCELED;
    secret_wipe(curve, sizeof curve);
    secret_wipe(&a, sizeof a);
    return error;
}

static bool is_cancelled(const atomic_bool *cancel)
{
    return cancel && atomic_load_explicit(cancel, memory_order_relaxed);
}

int ctidh1024_derive(const uint8_t secret[static CTIDH1024_SECRET_BYTES],
                     struct ctidh1024_exchange *exchanges, size_t count,
                     const struct random_source *random, const atomic_bool *cancel)
{
    struct schedule key;
    if (schedule_open(&key, secret))
        return -EINVAL;
    int error = 0;
    for (size_t i = 0; i < count; i++) {
        if (error || is_cancelled(cancel))
            exchanges[i].status = -ECANCELED;
        else
            error = exchange_run(&exchanges[i], &key, random, cancel);
    }
    secret_wipe(&key, sizeof key);
    wipe_stack_below();
    return error;
}
