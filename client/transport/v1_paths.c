#include "transport/v1_paths.h"

#include <stdbool.h>
#include <stdio.h>

#include "base/hex.h"
#include "wire/bucket_id.h"

void v1_path_of_bucket(char path[static V1_PATH_BYTES], const struct transport_place *place,
                       const char *rest)
{
    char bucket_hash[2 * ID_BYTES + 1];
    hex_encode(bucket_hash, place->token, ID_BYTES);
    snprintf(path, V1_PATH_BYTES, "/v1/buckets/%s%s", bucket_hash, rest);
}

void v1_path_wanting(char path[static V1_PATH_BYTES], const uint8_t place_tag[static ID_BYTES],
                     const char *resource, const char *bucket, const struct transport_place *wanted)
{
    char bucket_hash[2 * ID_BYTES + 1] = "", place[2 * ID_BYTES + 1] = "";
    bool in_place = !place_is_common(place_tag);
    if (wanted)
        hex_encode(bucket_hash, wanted->token, ID_BYTES);
    if (in_place)
        hex_encode(place, place_tag, ID_BYTES);
    snprintf(path, V1_PATH_BYTES, "%s%s%s%s%s%s%s%s", resource, wanted || in_place ? "?" : "",
             wanted ? bucket : "", wanted ? "=" : "", bucket_hash, wanted && in_place ? "&" : "",
             in_place ? "place=" : "", place);
}
