/* What Workers have computed for a session to come. */
#ifndef REUNION_WASM_PREPARATION_H
#define REUNION_WASM_PREPARATION_H

#include "reunion/preparation.h"

/* Its CTIDH secret key, CTIDH1024_SECRET_BYTES; lives as long as the preparation. */
const uint8_t *preparation_secret(const struct reunion_preparation *preparation);

/* Its public key, computed elsewhere and believed. Without it preparation_take_key computes one. */
void preparation_set_beta(struct reunion_preparation *preparation,
                          const uint8_t beta[static T1_BETA_BYTES]);

/* Where results wait for the session. */
struct beta_cache *preparation_betas(struct reunion_preparation *preparation);

#endif
