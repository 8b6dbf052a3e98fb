/* A few texts over HTTP for the operator of a daemon: metrics, and whether it is well. */
#ifndef REUNION_DAEMON_STATUS_PAGE_H
#define REUNION_DAEMON_STATUS_PAGE_H

#include "daemon/socket.h"

/* DESIGN: for a monitoring system on the same machine, which asks every few seconds. One thread
 * answers one connection after the other; each has STATUS_PAGE_MS, from its first byte to the last,
 * and one request. It is HTTP/1.1 with GET alone, without bodies and without keeping connections.
 * A daemon that serves an API has that instead (server/http). */

enum { STATUS_PAGE_MS = 2000, STATUS_PAGE_BYTES_MAX = 16384 };

/* The text at a path. Called on the page's thread.
 * Returns: an HTTP status (200, 404, 503); `text`, of up to STATUS_PAGE_BYTES_MAX bytes with the
 * terminating zero, is the body, in the form of Prometheus or plain. */
typedef unsigned status_page_text(void *context, const char *path, char *text);

struct status_page;

/* Serve at an address that socket_listen takes. `address` is what it has become.
 * Returns: 0, -ENOMEM, -EAGAIN (no thread or descriptor), and what socket_listen gives. */
MUST_CHECK int status_page_start(struct status_page **page, const char *where,
                                 char address[static ADDRESS_BYTES], status_page_text *text,
                                 void *context);

/* End the thread, close and release. NULL is fine. */
void status_page_stop(struct status_page *page);

#endif
