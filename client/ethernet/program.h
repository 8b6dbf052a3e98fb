/* The program reunion-on-an-ethernet. */
#ifndef REUNION_ETHERNET_PROGRAM_H
#define REUNION_ETHERNET_PROGRAM_H

#include "cli/program_table.h"

extern const struct program reunion_on_an_ethernet;

#endif
