#include <string.h>

#include "base/secret.h"
#include "ctidh/ctidh.h"
#include "ctidh/shake256.h"

enum { CONTEXT = 1, MESSAGE_BYTES = 8 + 8 + CTIDH1024_SEED_BYTES };

static void put_le64(uint8_t out[static 8], uint64_t value)
{
    for (size_t i = 0; i < 8; i++)
        out[i] = (uint8_t)(value >> 8 * i);
}

/* A source cannot fail, so memory running out in libcrypto ends the program. */
static void generator_fill(void *state, uint8_t *out, size_t bytes)
{
    struct ctidh1024_generator *generator = state;
    uint8_t message[MESSAGE_BYTES];
    generator->calls++;
    put_le64(message, CONTEXT);
    put_le64(message + 8, generator->calls);
    memcpy(message + 16, generator->seed, CTIDH1024_SEED_BYTES);
    INVARIANT(shake256(out, bytes, message, sizeof message) == 0);
    secret_wipe(message, sizeof message);
}

void ctidh1024_generator_open(struct ctidh1024_generator *generator,
                              const uint8_t seed[static CTIDH1024_SEED_BYTES])
{
    generator->calls = 0;
    memcpy(generator->seed, seed, CTIDH1024_SEED_BYTES);
}

struct random_source ctidh1024_generator_source(struct ctidh1024_generator *generator)
{
    return (struct random_source){generator_fill, generator};
}
