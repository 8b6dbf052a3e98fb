/* The program reunion-client. */
#ifndef REUNION_RENDEZVOUS_PROGRAM_H
#define REUNION_RENDEZVOUS_PROGRAM_H

#include "cli/program.h"

extern const struct program reunion_client;

#endif
