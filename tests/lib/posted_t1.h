/* The answer to POST /v1/t1 as a tree of JSON, which a test can change. */
#ifndef REUNION_TESTS_LIB_POSTED_T1_H
#define REUNION_TESTS_LIB_POSTED_T1_H

#include "json/v1_json.h"

/* A bucket's members and "t1_id". Returns: the tree, the caller's, or NULL. */
json_t *posted_t1_encode(const struct v1_bucket *bucket, const uint8_t t1_id[static ID_BYTES]);

#endif
