/* The command `listen`. */
#ifndef REUNION_CLIENT_GROUP_LISTEN_H
#define REUNION_CLIENT_GROUP_LISTEN_H

#include "group/context.h"

/* Show messages as they come, and send lines that are typed on a terminal, until stopped; with
 * `once`, show what is there. Errors are reported. Returns: the end of the run. */
enum outcome command_listen(struct context *context);

#endif
