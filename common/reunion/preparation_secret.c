#include "base/secret.h"
#include "reunion/preparation.h"

void preparation_draw_secret(uint8_t secret[static CTIDH1024_SECRET_BYTES],
                             const uint8_t seed[static REUNION_SEED_BYTES])
{
    struct ctidh1024_generator generator;
    ctidh1024_generator_open(&generator, seed);
    struct random_source seeded = ctidh1024_generator_source(&generator);
    ctidh1024_secret_sample(secret, &seeded);
    secret_wipe(&generator, sizeof generator);
}
