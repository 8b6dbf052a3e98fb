/* CTIDH-1024: a post-quantum key exchange by commutative group action on isogeny classes. */
#ifndef REUNION_CTIDH_CTIDH_H
#define REUNION_CTIDH_CTIDH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/random.h"

/* Source: CTIDH (Banegas, Bernstein, Campos, Chou, Lange, Meyer, Smith, Sotáková 2021) with the
 * parameters, encodings and key sampling deployed as CTIDH-1024. All lengths are in bytes. Nothing
 * here keeps state: every function may run in any number of threads at once, each with 640 KiB of
 * stack to spare. The secret key decides no branch and no address; what a random source delivers
 * decides only what is public anyway. */

enum {
    CTIDH1024_SECRET_BYTES = 130, /* one signed exponent for each small prime */
    CTIDH1024_PUBLIC_BYTES = 128, /* a curve coefficient in Montgomery form, little-endian */
    CTIDH1024_SHARED_BYTES = 128, /* SHAKE-256 of the shared curve */
    CTIDH1024_SEED_BYTES = 32,
};

/* Sample a secret key, uniform among the admissible ones if `random` is uniform.
 * Each draw is one call of `random`, in the canonical order, so that a seeded source gives the
 * canonical key. */
void ctidh1024_secret_sample(uint8_t secret[static CTIDH1024_SECRET_BYTES],
                             const struct random_source *random);

/* The deterministic generator of the known answers: SHAKE-256(LE64(1) || LE64(call) || seed).
 * `generator` holds a copy of the seed; the caller wipes it with secret_wipe. */
struct ctidh1024_generator {
    uint64_t calls;
    uint8_t seed[CTIDH1024_SEED_BYTES];
};
void ctidh1024_generator_open(struct ctidh1024_generator *generator,
                              const uint8_t seed[static CTIDH1024_SEED_BYTES]);
/* A source that draws from `generator`, which must outlive it; for one thread. */
struct random_source ctidh1024_generator_source(struct ctidh1024_generator *generator);

/* The public key of `secret`. `random` chooses curve points and does not change the result.
 * Returns: 0, -EINVAL (inadmissible secret), -ENOMEM. */
MUST_CHECK int ctidh1024_public_derive(uint8_t public_key[static CTIDH1024_PUBLIC_BYTES],
                                       const uint8_t secret[static CTIDH1024_SECRET_BYTES],
                                       const struct random_source *random);

/* Whether 128 bytes are a public key: reduced, not singular, supersingular. Reads no secret.
 * Returns: 0, -EBADMSG. */
MUST_CHECK int ctidh1024_public_check(const uint8_t public_key[static CTIDH1024_PUBLIC_BYTES],
                                      const struct random_source *random);

/* Whether 128 bytes are a reduced field element, as every public key is. Costs next to nothing. */
bool ctidh1024_public_is_reduced(const uint8_t public_key[static CTIDH1024_PUBLIC_BYTES]);

/* One public key to combine with the secret key, and the place of its result. */
struct ctidh1024_exchange {
    const uint8_t *public_key; /* CTIDH1024_PUBLIC_BYTES, validated here */
    uint8_t *shared;           /* CTIDH1024_SHARED_BYTES, written only if status is 0 */
    int status;                /* out: 0, -EBADMSG (no public key), -ECANCELED */
};

/* What computes here: "portable" (plain C), "scalar" (BMI2 and ADX), "avx2" (with FMA, four public
 * keys at once), "avx512f" or "avx512" (eight at once, without and with IFMA); one or two keys are
 * the matter of the fastest of the first two. Chosen once, at the first use, as the fastest that
 * the processor can run; REUNION_CTIDH in the environment may name another. Any thread. */
const char *ctidh1024_engine_name(void);

/* Whether REUNION_CTIDH was followed. If not, the fastest engine is in use all the same.
 * Returns: 0 (or it is unset or empty), -EINVAL (no engine has that name), -ENOTSUP (this build or
 * this processor does not have it). Any thread. */
MUST_CHECK int ctidh1024_engine_check(void);

/* So many public keys in one call of ctidh1024_derive cost about as much as three; more than that
 * are best given in multiples of it. 1 if there is no such gain. Any thread. */
size_t ctidh1024_lanes(void);

/* Up to so many in one call are done one by one: lanes pay from there on, as measured with
 * bench_ctidh. */
enum { CTIDH1024_FEW = 2 };

/* Asked every few milliseconds by a thread that works; true makes it give up. */
struct ctidh1024_cancel {
    bool (*asked)(void *state);
    void *state;
};

/* The shared secrets of `secret` with `count` public keys, 1 to any number. Invalid ones fail
 * alone. Once `cancel` (may be NULL) says so, all that are not known to be invalid get -ECANCELED.
 * Returns: 0, whatever the single statuses; -EINVAL (inadmissible
 * secret, nothing done); -ENOMEM. */
MUST_CHECK int ctidh1024_derive(const uint8_t secret[static CTIDH1024_SECRET_BYTES],
                                struct ctidh1024_exchange *exchanges, size_t count,
                                const struct random_source *random,
                                const struct ctidh1024_cancel *cancel);

#endif
