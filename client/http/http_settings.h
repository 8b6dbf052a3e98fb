/* The connection settings for one server, and checks of them. */
#ifndef REUNION_HTTP_HTTP_SETTINGS_H
#define REUNION_HTTP_HTTP_SETTINGS_H

#include <stdbool.h>

#include "base/err.h"
#include "base/random.h"
#include "base/stop.h"
#include "box/handshake.h"
#include "http/server_address.h"

/* What it points to must outlive whoever is given it. */
struct http_settings {
    const char *server;  /* as server_address.h says */
    const char *ca_file; /* PEM; these authorities instead of the system's; NULL: the system's */
    const char *pin;     /* "sha256//BASE64", several with ';' between; the server's public key must
                          * be one of them, besides its certificate being good; NULL: any */
    const char *proxy;   /* socks5h://HOST[:PORT] or http://HOST[:PORT]; NULL: none */
    bool insecure_http;  /* http also over a network that reads along */
    const struct box_identity *box_client; /* who we are, to a box server; NULL: fresh each time */
    const struct random_source *random;
    const struct stop_source *stop;
};

/* Look at settings before anything is sent. Any thread.
 * Returns: 0 and the server's address; -EINVAL and in `complaint` why not, a constant English
 * sentence part that names the option to change and repeats no value; -ENOMEM. */
MUST_CHECK int http_settings_check(const struct http_settings *settings,
                                   struct server_address *address, const char **complaint);

#endif
