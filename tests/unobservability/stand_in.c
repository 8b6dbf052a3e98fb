#include <string.h>

#include "base/secret.h"
#include "crypto/argon2i.h"
#include "crypto/hash.h"
#include "crypto/x25519.h"
#include "ctidh/ctidh.h"

/* DESIGN: linked before the library, in place of its group action and of Argon2i, which take nearly
 * all of a session's time. The action is X25519 in the encoding of CTIDH-1024: commutative, with
 * public keys as long and as random. For games about what a server sees; anybody with a quantum
 * computer could win them. */

static void expand(uint8_t *out, size_t bytes, const uint8_t *from, size_t from_bytes)
{
    for (uint8_t block = 0; (size_t)block * HASH_BYTES < bytes; block++)
        hash_parts(out + (size_t)block * HASH_BYTES,
                   (struct hash_part[]){{&block, 1}, {from, from_bytes}}, 2);
}

int argon2i(uint8_t hash[static ARGON2I_HASH_BYTES], const uint8_t *password, size_t password_bytes,
            const uint8_t salt[static ARGON2I_SALT_BYTES])
{
    hash_parts(hash, (struct hash_part[]){{password, password_bytes}, {salt, ARGON2I_SALT_BYTES}},
               2);
    return 0;
}

bool ctidh1024_public_is_reduced(const uint8_t public_key[static CTIDH1024_PUBLIC_BYTES])
{
    (void)public_key;
    return true;
}

/* Sampling */

static void generator_fill(void *state, uint8_t *out, size_t bytes)
{
    struct ctidh1024_generator *generator = state;
    uint8_t block[HASH_BYTES];
    for (size_t done = 0; done < bytes; done += sizeof block) {
        size_t left = bytes - done;
        generator->calls++;
        hash_bytes(block, generator, sizeof *generator);
        memcpy(out + done, block, left < sizeof block ? left : sizeof block);
    }
}

void ctidh1024_generator_open(struct ctidh1024_generator *generator,
                              const uint8_t seed[static CTIDH1024_SEED_BYTES])
{
    memset(generator, 0, sizeof *generator);
    memcpy(generator->seed, seed, CTIDH1024_SEED_BYTES);
}

struct random_source ctidh1024_generator_source(struct ctidh1024_generator *generator)
{
    return (struct random_source){generator_fill, generator};
}

void ctidh1024_secret_sample(uint8_t secret[static CTIDH1024_SECRET_BYTES],
                             const struct random_source *random)
{
    random_fill(random, secret, CTIDH1024_SECRET_BYTES);
}

/* Acting. The X25519 key comes first, the rest of a public key is made of it. */

int ctidh1024_public_derive(uint8_t public_key[static CTIDH1024_PUBLIC_BYTES],
                            const uint8_t secret[static CTIDH1024_SECRET_BYTES],
                            const struct random_source *random)
{
    static const uint8_t base[X25519_BYTES] = {9};
    (void)random;
    x25519(public_key, secret, base);
    expand(public_key + X25519_BYTES, CTIDH1024_PUBLIC_BYTES - X25519_BYTES, public_key,
           X25519_BYTES);
    return 0;
}

static int act(const uint8_t secret[static CTIDH1024_SECRET_BYTES],
               const struct ctidh1024_exchange *exchange)
{
    uint8_t rest[CTIDH1024_PUBLIC_BYTES - X25519_BYTES], shared[X25519_BYTES];
    expand(rest, sizeof rest, exchange->public_key, X25519_BYTES);
    if (memcmp(rest, exchange->public_key + X25519_BYTES, sizeof rest) != 0)
        return -EBADMSG;
    x25519(shared, secret, exchange->public_key);
    expand(exchange->shared, CTIDH1024_SHARED_BYTES, shared, sizeof shared);
    return 0;
}

int ctidh1024_derive(const uint8_t secret[static CTIDH1024_SECRET_BYTES],
                     struct ctidh1024_exchange *exchanges, size_t count,
                     const struct random_source *random, const struct ctidh1024_cancel *cancel)
{
    (void)random;
    (void)cancel;
    for (size_t i = 0; i < count; i++)
        exchanges[i].status = act(secret, &exchanges[i]);
    return 0;
}

const char *ctidh1024_engine_name(void)
{
    return "stand-in";
}

int ctidh1024_engine_check(void)
{
    return 0;
}

size_t ctidh1024_lanes(void)
{
    return 1;
}
