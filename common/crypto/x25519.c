#include "crypto/x25519.h"

#include <sodium.h>
#include <string.h>

#include "base/secret.h"

void x25519(uint8_t shared[static X25519_BYTES], const uint8_t secret[static X25519_BYTES],
            const uint8_t public_key[static X25519_BYTES])
{
    /* libsodium refuses small orders before it writes anything: the zeros then stand. */
    uint8_t product[X25519_BYTES] = {0};
    int refused = crypto_scalarmult_curve25519(product, secret, public_key);
    (void)refused;
    memcpy(shared, product, sizeof product);
    secret_wipe(product, sizeof product);
}
