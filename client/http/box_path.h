/* How one circuit reaches a box server: connections by libcurl, the handshake, tunnels. */
#ifndef REUNION_HTTP_BOX_PATH_H
#define REUNION_HTTP_BOX_PATH_H

#include <curl/curl.h>
#include <stdbool.h>

#include "base/err.h"
#include "http/box_tunnel.h"
#include "http/failure.h"
#include "http/http_settings.h"
#include "http/server_address.h"

/* DESIGN: two handles of libcurl. `dial` only connects, through the proxy if there is one, with all
 * that libcurl knows of names, addresses and time limits; the socket then becomes a tunnel's. The
 * circuit's own handle speaks HTTP to the tunnel's local socket, which it gets when it asks for a
 * connection. It keeps none: what is kept, for the next exchange, is the tunnel.
 *
 * A tunnel is ready before a transfer begins, so the transfer's limits are those of HTTP alone. */

struct box_path;

/* Make `easy` speak HTTP through tunnels. `dial` connects to the server, through the proxy if there
 * is one, and is the path's from now on. `settings` must outlive it.
 * Returns: 0, -ENOMEM, -EIO (then `dial` is the caller's). */
MUST_CHECK int box_path_open(struct box_path **path, CURL *easy, CURL *dial,
                             const struct server_address *address,
                             const struct http_settings *settings);

/* Close its tunnel and release it; NULL is fine. After libcurl's connections are closed. */
void box_path_free(struct box_path *path);

/* Have a tunnel ready for an exchange: the one that was kept, or where there is none, or with
 * `fresh`, a new one. The tunnel is the path's.
 * Returns: 0; -EHOSTUNREACH and why in `failure`; -ECANCELED; -ENOMEM. */
MUST_CHECK int box_path_ready(struct box_path *path, CURLM *multi, bool fresh,
                              struct box_tunnel **tunnel, struct failure *failure);

/* An exchange is over. Its tunnel is kept for the next one if that is `wanted` and possible. */
void box_path_rest(struct box_path *path, bool wanted);

/* Whether the last exchange had a tunnel that was kept, and no byte of an answer: the server may
 * have ended the stream just before, so one may try again on a new one. */
bool box_path_was_stale(const struct box_path *path);

#endif
