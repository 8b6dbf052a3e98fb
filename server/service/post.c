#include "service/post.h"

#include "crypto/hash.h"

void post_t1_id(uint8_t id[static ID_BYTES], const uint8_t t1[static RECORD_T1_BYTES])
{
    hash_bytes(id, t1, RECORD_T1_BYTES);
}

void post_key_hash(uint8_t hash[static ID_BYTES], const uint8_t key[static WRITE_KEY_BYTES])
{
    hash_bytes(hash, key, WRITE_KEY_BYTES);
}
