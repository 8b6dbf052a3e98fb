/* The parts of a T1: alpha || beta || gamma || delta. */
#ifndef REUNION_REUNION_T1_H
#define REUNION_REUNION_T1_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "crypto/aead.h"
#include "crypto/hash.h"
#include "crypto/prp.h"
#include "ctidh/ctidh.h"

enum {
    T1_ALPHA_BYTES = PRP_BYTES,             /* the hidden X25519 key, encrypted */
    T1_BETA_BYTES = CTIDH1024_PUBLIC_BYTES, /* the CTIDH key, in clear */
    T1_GAMMA_BYTES = AEAD_TAG_BYTES,        /* a box of nothing: its key is the T2's content */
    T1_HEAD_BYTES = T1_ALPHA_BYTES + T1_BETA_BYTES + T1_GAMMA_BYTES, /* all before delta */
};

/* Where a T1's parts stand in bytes that somebody else owns. */
struct t1_parts {
    const uint8_t *alpha, *beta, *gamma, *delta;
    size_t delta_bytes; /* a tag and the payload; the box's key is the T3's content */
};

/* Returns: 0, -EMSGSIZE (shorter than an empty payload's T1, or longer than the longest's). */
MUST_CHECK int t1_split(struct t1_parts *parts, const uint8_t *t1, size_t t1_bytes);

/* alpha_key = H(pdk || beta || gamma || delta): what alpha is encrypted with. */
void t1_alpha_key(uint8_t key[static PRP_KEY_BYTES], const uint8_t pdk[static HASH_BYTES],
                  const struct t1_parts *parts);

#endif
