#include "box/nonce.h"

#include <string.h>

#include "base/writer.h"

/* A label of 8 or 16 characters, without its terminating zero. */
static struct writer labelled(uint8_t nonce[static BOX_NONCE_BYTES], const char *label)
{
    struct writer writer = {nonce, 0};
    writer_put(&writer, label, strlen(label));
    return writer;
}

void box_nonce_hello(uint8_t nonce[static BOX_NONCE_BYTES])
{
    struct writer writer = labelled(nonce, "ReunionBox-hello");
    writer_zeros(&writer, 8);
    INVARIANT(writer.bytes == BOX_NONCE_BYTES);
}

void box_nonce_cookie(uint8_t nonce[static BOX_NONCE_BYTES],
                      const uint8_t r[static BOX_NONCE_RANDOM_BYTES])
{
    struct writer writer = labelled(nonce, "RBcookie");
    writer_put(&writer, r, BOX_NONCE_RANDOM_BYTES);
    INVARIANT(writer.bytes == BOX_NONCE_BYTES);
}

void box_nonce_vouch(uint8_t nonce[static BOX_NONCE_BYTES],
                     const uint8_t v[static BOX_NONCE_RANDOM_BYTES])
{
    struct writer writer = labelled(nonce, "RBvouch-");
    writer_put(&writer, v, BOX_NONCE_RANDOM_BYTES);
    INVARIANT(writer.bytes == BOX_NONCE_BYTES);
}

void box_nonce_counter(uint8_t nonce[static BOX_NONCE_BYTES], bool of_client, uint64_t counter)
{
    struct writer writer = labelled(nonce, of_client ? "ReunionBoxclient" : "ReunionBoxserver");
    writer_be64(&writer, counter);
    INVARIANT(writer.bytes == BOX_NONCE_BYTES);
}
