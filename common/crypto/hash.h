/* H: the first 32 bytes of BLAKE2b-512. */
#ifndef REUNION_CRYPTO_HASH_H
#define REUNION_CRYPTO_HASH_H

#include <stddef.h>
#include <stdint.h>

enum { HASH_BYTES = 32 };

/* One piece of a message that is hashed as the concatenation of its pieces. */
struct hash_part {
    const void *data;
    size_t bytes;
};

/* digest = first 32 bytes of the 64-byte unkeyed BLAKE2b digest (RFC 7693) of all parts in order.
 * This differs from BLAKE2b with a 32-byte output. Any thread; working state is wiped. */
void hash_parts(uint8_t digest[static HASH_BYTES], const struct hash_part *parts, size_t count);

/* The same of one piece. */
void hash_bytes(uint8_t digest[static HASH_BYTES], const void *data, size_t bytes);

#endif
