/* Running one transfer of libcurl to its end, or to a stop. */
#ifndef REUNION_HTTP_DRIVE_H
#define REUNION_HTTP_DRIVE_H

#include <curl/curl.h>
#include <stdint.h>

#include "base/err.h"
#include "base/stop.h"
#include "http/box_tunnel.h"

/* Run `easy` in `multi`, which runs nothing else. `tunnel` carries the transfer, or is NULL; where
 * it is cut, the transfer ends with CURLE_PARTIAL_FILE. The handle is still in `multi` afterwards,
 * so that its connection can be asked for: end with drive_leave. One thread.
 * Returns: 0 and libcurl's result; -ECANCELED; -ENOMEM. */
MUST_CHECK int drive(CURLM *multi, CURL *easy, struct box_tunnel *tunnel,
                     const struct stop_source *stop, CURLcode *result);

/* Take the handle out again, whatever drive returned. */
void drive_leave(CURLM *multi, CURL *easy);

/* Run a tunnel until its handshake is over, it fails, or `ms` milliseconds have passed.
 * Returns: 0 (look at the tunnel), -ETIMEDOUT, -ECANCELED, -ENOMEM. */
MUST_CHECK int drive_handshake(struct box_tunnel *tunnel, const struct stop_source *stop,
                               int64_t ms);

#endif
