/* The program reunion-client. */
#ifndef REUNION_RENDEZVOUS_PROGRAM_H
#define REUNION_RENDEZVOUS_PROGRAM_H

#include "cli/program_table.h"

extern const struct program reunion_client;

/* What its check ends with, in words of its own. */
extern const struct program reunion_client_check;

#endif
