/* The command `check` for one server: its settings, limits and buckets. */
#ifndef REUNION_RENDEZVOUS_CHECK_SERVER_H
#define REUNION_RENDEZVOUS_CHECK_SERVER_H

#include "http/http.h"
#include "rendezvous/findings.h"
#include "run/options.h"
#include "session/bucket_check.h"

/* Tell whether the server can be reached and is one, whether the clocks agree, what its limits are,
 * and whether its newest bucket in the place with that tag, or `bucket` if one is given, could be
 * used within `bounds`. Also what the path there does: check_path.h. Nothing is stored. */
void check_server(struct findings *findings, struct http *http, const struct bucket_bounds *bounds,
                  const struct option_bucket_hash *bucket, const uint8_t place[static ID_BYTES]);

#endif
