/* An HTTP connection of libmicrohttpd and the request on it. */
#ifndef REUNION_HTTP_EXCHANGE_H
#define REUNION_HTTP_EXCHANGE_H

#include <microhttpd.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "api/request.h"
#include "daemon/client_counts.h"
#include "daemon/rates.h"
#include "http/connections.h"
#include "http/hangups.h"

/* DESIGN: the library's threads call exchange_request several times for one request: with its head,
 * with each piece of its body, with the end of it, and once more after a suspended connection has
 * been resumed. One connection stays with one thread, and has one request at a time: so an exchange
 * lives as long as its connection and needs no lock. A connection is suspended *before* its request
 * is handed to the thread that resumes it; the library allows the resuming to come first. A body
 * that nobody wants is read and dropped if it is small, so that the client, still sending, sees the
 * answer and not a reset; a large one is answered unread.
 *
 * An answer takes its room before it is sent, and gives it back when it is read or its connection
 * ends. Besides the bounds for all (api/answers.h) a client address has a share of an eighth, or
 * one answer if that is larger: so no one address keeps the answers from others. Who has no
 * address, by loopback or a unix socket, has the bounds for all alone.
 *
 * A connection may come through a tunnel, which has a transport of its own on one side and one end
 * of a socketpair for the library on the other. Its client is the one at the tunnel's far end,
 * whose address the library is given, and what it says about others (X-Forwarded-For) is not
 * believed.
 *
 * What the library itself refuses never comes here: a request line or header that is malformed, a
 * head beyond its memory, an unknown version. It answers with a status and a line of HTML, which
 * version 0.9.75 offers no way to change, and closes. */

/* What all of them share. */
struct exchanges {
    const struct api *api;
    struct connections connections;
    struct client_counts client_connections; /* of clients that no proxy speaks for */
    struct client_counts client_waits;       /* requests that wait long */
    struct client_counts client_answers;     /* bytes of answers that are being sent */
    struct hangups hangups;
    struct rates rates;
    struct proxies proxies;
    const struct clock_source *clock;
    atomic_bool proxy_noticed; /* and told of in the log */
    atomic_size_t under_way;   /* requests */
    atomic_bool quiet;         /* connections are to be closed after the answer under way */
    void (*idle)(struct exchanges *exchanges); /* when quiet: no request is under way */
};

/* Take a place for a connection from `peer`, before it is handed to the library. Any thread.
 * Returns: 0, -ENOSPC (there are as many as may be), -EDQUOT (of that address). */
MUST_CHECK int exchanges_reserve(struct exchanges *exchanges, const struct sockaddr *peer,
                                 bool tunneled);

/* Give it back, as the library did not take the connection or has ended it; that of a tunnel, as
 * the tunnel has ended. Any thread. */
void exchanges_release(struct exchanges *exchanges, const struct sockaddr *peer, bool tunneled);

/* For hangups: the client of a waiting exchange has gone. */
void exchange_hung_up(void *exchange);

/* The library's callbacks; `context` is the exchanges. */

/* A connection has come (and has a place) or ends. */
void exchange_connection(void *context, struct MHD_Connection *connection, void **socket_context,
                         enum MHD_ConnectionNotificationCode code);

enum MHD_Result exchange_request(void *context, struct MHD_Connection *connection, const char *path,
                                 const char *method, const char *version, const char *data,
                                 size_t *bytes, void **state);

/* Called for each request that has come to exchange_request, however it ends. */
void exchange_completed(void *context, struct MHD_Connection *connection, void **state,
                        enum MHD_RequestTerminationCode code);

#endif
