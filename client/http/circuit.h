/* One kind of request's connections to a server, isolated from those of other kinds. */
#ifndef REUNION_HTTP_CIRCUIT_H
#define REUNION_HTTP_CIRCUIT_H

#include <curl/curl.h>

#include "base/err.h"
#include "http/box_path.h"
#include "http/http_settings.h"
#include "http/server_address.h"

/* Connections are kept by `multi` and serve this circuit alone. */
struct circuit {
    CURLM *multi;
    CURL *easy;
    struct box_path *box; /* NULL: libcurl connects by itself */
};

/* Set up a circuit as `settings` say: everything that is the same for all requests but who takes
 * the answer. At a SOCKS proxy it gets a fresh random name and password. Returns: 0, -ENOMEM, -EIO
 * (libcurl cannot do what is wished). */
MUST_CHECK int circuit_open(struct circuit *circuit, const struct http_settings *settings,
                            const struct server_address *address);

/* Close its connections and release it; a circuit of zeros is fine. */
void circuit_close(struct circuit *circuit);

#endif
