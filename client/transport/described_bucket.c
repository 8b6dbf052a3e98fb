#include "transport/described_bucket.h"

#include <string.h>

void described_bucket(struct transport_bucket *bucket, const struct bucket_id *id,
                      const uint8_t bucket_hash[static ID_BYTES], uint32_t count,
                      const uint8_t place[static ID_BYTES])
{
    uint8_t fitting[ID_BYTES];
    struct bucket_id here = *id;
    memcpy(here.place, place, ID_BYTES);
    bucket_id_hash(fitting, &here, BUCKET_KIND_RENDEZVOUS);
    *bucket =
        (struct transport_bucket){.created = id->created, .sequence = id->sequence, .count = count};
    memcpy(bucket->place.token, bucket_hash, ID_BYTES);
    bucket->hash_fits = memcmp(fitting, bucket_hash, ID_BYTES) == 0;
}
