/* The program reunion-link. */
#ifndef REUNION_LINKS_PROGRAM_H
#define REUNION_LINKS_PROGRAM_H

#include "cli/program_table.h"

extern const struct program reunion_link;

#endif
