#include "lib/posted_t1.h"

#include "base/hex.h"

json_t *posted_t1_encode(const struct v1_bucket *bucket, const uint8_t t1_id[static ID_BYTES])
{
    char id[2 * ID_BYTES + 1];
    json_t *json = v1_bucket_encode(bucket);
    hex_encode(id, t1_id, ID_BYTES);
    if (json && json_object_set_new(json, "t1_id", json_string(id))) {
        json_decref(json);
        return NULL;
    }
    return json;
}
