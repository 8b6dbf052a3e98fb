/* The secrets of one session, in one guarded block. */
#ifndef REUNION_REUNION_SESSION_SECRETS_H
#define REUNION_REUNION_SESSION_SECRETS_H

#include <stdint.h>

#include "crypto/hash.h"
#include "crypto/hkdf.h"
#include "crypto/prp.h"
#include "crypto/x25519.h"
#include "ctidh/ctidh.h"
#include "reunion/reunion.h"

/* Names as in the protocol: pdk is the passphrase-derived key, sk_gamma opens gamma and is the
 * content of every T2, sk_delta opens delta and is the content of every T3. */
struct session_secrets {
    uint8_t salt[REUNION_SALT_BYTES]; /* public; stands here for those who compute with the rest */
    uint8_t pdk[HASH_BYTES];
    uint8_t alpha_key[PRP_KEY_BYTES];
    uint8_t x25519_secret[X25519_BYTES];
    uint8_t ctidh_secret[CTIDH1024_SECRET_BYTES];
    uint8_t sk_gamma[HASH_BYTES];
    uint8_t sk_delta[HASH_BYTES];
    uint8_t dummy_prk[HKDF_PRK_BYTES]; /* dummy = hkdf(dummy_seed, salt) */
};

#endif
