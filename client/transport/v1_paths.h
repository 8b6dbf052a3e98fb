/* Paths of requests of version 1. */
#ifndef REUNION_TRANSPORT_V1_PATHS_H
#define REUNION_TRANSPORT_V1_PATHS_H

#include <stdint.h>

#include "transport/transport.h"

enum { V1_PATH_BYTES = 512 };

/* The path of a bucket, with `rest` behind it. Any thread. */
void v1_path_of_bucket(char path[static V1_PATH_BYTES], const struct transport_place *place,
                       const char *rest);

/* A path with the bucket (NULL: none) and the place (zeros: none) that are wanted. `bucket` is the
 * name of the parameter. Any thread. */
void v1_path_wanting(char path[static V1_PATH_BYTES], const uint8_t place_tag[static ID_BYTES],
                     const char *resource, const char *bucket,
                     const struct transport_place *wanted);

#endif
