/* The two X25519 that a mix cannot do without for a packet: one for what it shares with the
 * packet's maker, one to blind alpha. Prints how many nanoseconds of processor time they take.
 *
 *   mix_bound */
#include <sodium.h>
#include <stdio.h>

#include "crypto/x25519.h"
#include "lib/stopwatch.h"

enum { ROUNDS = 32, TIMES = 64 };

static uint8_t secret[X25519_BYTES], point[X25519_BYTES], shared[X25519_BYTES];

static void two_multiplications(void)
{
    x25519(shared, secret, point);
    x25519(point, shared, point);
}

int main(void)
{
    if (sodium_init() < 0)
        return 1;
    randombytes_buf(secret, sizeof secret);
    crypto_scalarmult_base(point, secret);
    printf("%.0f\n", stopwatch_ns(two_multiplications, ROUNDS, TIMES));
    return 0;
}
