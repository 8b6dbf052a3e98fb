/* Constant time of CTIDH-1024: secrets are marked as undefined memory, and any branch or address
 * that depends on one is reported by valgrind's memcheck or by MemorySanitizer.
 *
 * What is public, and so declared (the calls of declassify in common/ctidh/, and here):
 *   - whether a secret key is admissible: one that is not is refused and not used;
 *   - restarts of key sampling: the draws they concern are thrown away;
 *   - whether an isogeny step succeeded: chance of a probability that is equal for all primes of a
 *     batch, see target_coin;
 *   - the quadratic character in Elligator 2, on a value multiplied by a random square: a fair coin
 *     that is independent of the curve, which only says in which of two variables a point is;
 *   - the results handed out: the public key, and the hash of the shared curve (hashed by
 * libcrypto, whose SHAKE-256 has no secret branches; under MemorySanitizer, which cannot look into
 * it, the hash is left out).
 *
 * The modes of a vector engine's name are of that engine with its lanes emulated (lanes.h), as
 * neither checker knows the instructions it is made of. They differ from it in the dozen operations
 * of lanes.h alone, each of which is there a few instructions whose time does not depend on their
 * operands (those on doubles: fma.h).
 *
 * `public` and `agree` are of the portable engine. `scalar` is of the scalar one, the very
 * instructions that run elsewhere: valgrind knows MULX, ADCX and ADOX, and runs them also where the
 * processor lacks them. MemorySanitizer does not look into assembly.
 *
 * `leak-branch` and `leak-address` are negative controls: they must be reported. In these and
 * in `scalar` the mark must have come through to what was computed, or nothing would be seen. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/declassify.h"
#include "base/secret.h"
#include "ctidh/ctidh.h"
#include "ctidh/engine.h"

#if defined(MARK_SECRETS_VALGRIND)
static void poison(void *data, size_t bytes)
{
    (void)VALGRIND_MAKE_MEM_UNDEFINED(data, bytes);
}

static bool is_poisoned(const uint8_t *byte)
{
    uint8_t undefined_bits = 0;
    (void)VALGRIND_GET_VBITS(byte, &undefined_bits, 1);
    return undefined_bits == 0xff;
}
#elif defined(MARK_SECRETS_MSAN)
static void poison(void *data, size_t bytes)
{
    __msan_poison(data, bytes);
}

static bool is_poisoned(const uint8_t *byte)
{
    return __msan_test_shadow(byte, 1) >= 0;
}
#endif

/* Draws that are fixed; poisoned when they become the key, public when they choose points. */
struct draws {
    uint64_t state;
    bool secret;
};

static void fill(void *state, uint8_t *out, size_t bytes)
{
    struct draws *draws = state;
    for (size_t i = 0; i < bytes; i++) {
        draws->state = draws->state * 6364136223846793005 + 1442695040888963407;
        out[i] = (uint8_t)(draws->state >> 56);
    }
    if (draws->secret)
        poison(out, bytes);
}

static int leak_branch(const uint8_t *secret)
{
    if (secret[7] == 1)
        puts("one");
    return 0;
}

static int leak_address(const uint8_t *secret)
{
    static const volatile uint8_t table[256] = {1};
    return table[secret[7]] == 2; /* defined, and used, lest the load is dropped */
}

/* The base curve stands for a peer's: what is public about it does not matter here. */
static int agree(const uint8_t secret[static CTIDH1024_SECRET_BYTES], struct random_source random)
{
    const uint8_t peer[CTIDH1024_PUBLIC_BYTES] = {0};
    uint8_t shared[CTIDH1024_SHARED_BYTES];
    struct ctidh1024_exchange exchange = {peer, shared, 1};
    int error = ctidh1024_derive(secret, &exchange, 1, &random, NULL);
    return error ? error : exchange.status;
}

static int publish(const uint8_t secret[static CTIDH1024_SECRET_BYTES], struct random_source random)
{
    uint8_t public_key[CTIDH1024_PUBLIC_BYTES];
    int error = ctidh1024_public_derive(public_key, secret, &random);
    declassify(public_key, sizeof public_key);
    for (size_t i = 0; i < sizeof public_key; i++)
        printf("%02x", public_key[i]);
    puts("");
    return error;
}

/* Two journeys of the secret key, in two lanes if there are any. */
static int travel(const struct engine *engine, const uint8_t secret[static CTIDH1024_SECRET_BYTES],
                  struct random_source random)
{
    struct schedule key;
    const uint8_t base_curve[FP1024_BYTES] = {0};
    struct journey journeys[2];
    if (schedule_open(&key, secret))
        return -EINVAL;
    for (size_t i = 0; i < 2; i++)
        journey_open(&journeys[i], base_curve, &key);
    int error = engine->act(journeys, 2, &random, NULL);
    for (size_t i = 0; i < 2; i++)
        if (!is_poisoned(journeys[i].a.bytes))
            return 1;
    declassify(journeys, sizeof journeys);
    if (error || memcmp(&journeys[0].a, &journeys[1].a, sizeof journeys[0].a) != 0)
        return 1;
    return 0;
}

int main(int argc, char **argv)
{
    struct draws key_draws = {.state = 1, .secret = true};
    struct draws point_draws = {.state = 2};
    struct random_source key_source = {fill, &key_draws};
    struct random_source point_source = {fill, &point_draws};
    uint8_t secret[CTIDH1024_SECRET_BYTES];
    const char *mode = argc == 2 ? argv[1] : "";

    if (secret_init())
        return 1;
    ctidh1024_secret_sample(secret, &key_source);
    poison(secret, sizeof secret);
    if (strcmp(mode, "leak-branch") == 0)
        return leak_branch(secret);
    if (strcmp(mode, "leak-address") == 0)
        return leak_address(secret);
    if (strcmp(mode, "public") == 0)
        return publish(secret, point_source) ? 1 : 0;
    if (strcmp(mode, "agree") == 0)
        return agree(secret, point_source) ? 1 : 0;
    if (strcmp(mode, "avx2") == 0)
        return travel(&engine_avx2, secret, point_source);
    if (strcmp(mode, "avx512") == 0)
        return travel(&engine_avx512, secret, point_source);
    if (strcmp(mode, "avx512f") == 0)
        return travel(&engine_avx512f, secret, point_source);
#ifdef CT_SCALAR
    if (strcmp(mode, "scalar") == 0)
        return travel(&engine_scalar, secret, point_source);
#endif
    return 2;
}
