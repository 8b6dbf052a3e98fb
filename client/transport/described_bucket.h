/* A bucket as a server describes it, with what can be checked of it. */
#ifndef REUNION_TRANSPORT_DESCRIBED_BUCKET_H
#define REUNION_TRANSPORT_DESCRIBED_BUCKET_H

#include "transport/transport.h"
#include "wire/bucket_id.h"

/* Fill in a bucket. Whatever place the server names, the hash has to be that of the id in the place
 * with the tag `place`, which is the one that is wanted. */
void described_bucket(struct transport_bucket *bucket, const struct bucket_id *id,
                      const uint8_t bucket_hash[static ID_BYTES], uint32_t count,
                      const uint8_t place[static ID_BYTES]);

#endif
