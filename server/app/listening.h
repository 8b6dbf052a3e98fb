/* Where the server listens, and what its listeners are told of the settings. */
#ifndef REUNION_APP_LISTENING_H
#define REUNION_APP_LISTENING_H

#include "app/app.h"
#include "app/config.h"
#include "http/listener.h"

/* Listen wherever the settings say, and on what the service manager hands over, and serve `api`.
 * What is pointed to must outlive the listener, which is the caller's to close even if it does not
 * listen everywhere. What fails is logged.
 * Gives: APP_EXIT_STOPPED (it serves), or with what code to exit. */
MUST_CHECK enum app_exit listening_start_api(struct listener **listener, const struct api *api,
                                             const struct config *config,
                                             const struct clock_source *clock,
                                             const struct random_source *random);

/* The same for metrics, if they have a listener of their own: whoever asks for them takes nothing
 * from those who come to meet, as another thread answers, and few connections. */
MUST_CHECK enum app_exit listening_start_metrics(struct listener **listener, const struct api *api,
                                                 const struct config *config,
                                                 const struct clock_source *clock,
                                                 const struct random_source *random);

#endif
