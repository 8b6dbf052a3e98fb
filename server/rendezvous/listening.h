/* The listeners of the server, opened as the settings say. */
#ifndef REUNION_RENDEZVOUS_LISTENING_H
#define REUNION_RENDEZVOUS_LISTENING_H

#include "http/listener.h"
#include "rendezvous/app.h"
#include "rendezvous/config.h"

/* Log that there are no threads, memory or descriptors to serve with. Returns: with what code to
 * exit. */
enum app_exit listening_failed(int err);

/* Log that an address cannot be listened on, by an error of socket_listen. Returns: with what code
 * to exit. */
enum app_exit listening_refused(const char *text, const char *serving, int err);

/* Look at what the service manager hands over, as long as nothing else is open. What is no socket
 * that listens is logged.
 * Returns: APP_EXIT_STOPPED (`*handed` sockets were), or with what code to exit. */
MUST_CHECK enum app_exit listening_take_handed(int *handed);

/* Listen wherever the settings say, and on the `handed` sockets, and serve `api`. What is pointed
 * to must outlive the listener, which is the caller's to close even if it does not listen
 * everywhere. What fails is logged. Returns: APP_EXIT_STOPPED (it serves), or with what code to
 * exit.
 */
MUST_CHECK enum app_exit listening_start_api(struct listener **listener, const struct api *api,
                                             const struct config *config, int handed,
                                             const struct clock_source *clock,
                                             const struct random_source *random);

/* The same for metrics, if they have a listener of their own: whoever asks for them takes nothing
 * from those who come to meet, as another thread answers, and few connections. */
MUST_CHECK enum app_exit listening_start_metrics(struct listener **listener, const struct api *api,
                                                 const struct config *config,
                                                 const struct clock_source *clock,
                                                 const struct random_source *random);

#endif
