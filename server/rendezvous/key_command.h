/* `reunion-server key`: the addresses to hand out for the box transport. */
#ifndef REUNION_RENDEZVOUS_KEY_COMMAND_H
#define REUNION_RENDEZVOUS_KEY_COMMAND_H

#include "rendezvous/app.h"
#include "rendezvous/config.h"

/* Write box://HOST:PORT#KEY for each --host, or, without one, for each --box-listen that names one
 * address, a line each. A --host without a port has that of the first --box-listen, or the usual
 * one. The key has to be there; none is made, as it would belong to who asks.
 * Returns: APP_EXIT_STOPPED, or with what code to exit (why is a line in `complaints`). */
MUST_CHECK enum app_exit key_command(const struct config *config, FILE *to, FILE *complaints);

/* What is wrong with a --host, in words; NULL: nothing. */
const char *key_command_host_fault(const char *text);

#endif
