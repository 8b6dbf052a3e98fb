/* reunion-group as a table. */
#ifndef REUNION_CLIENT_GROUP_PROGRAM_H
#define REUNION_CLIENT_GROUP_PROGRAM_H

#include "cli/program_table.h"

extern const struct program reunion_group;

#endif
