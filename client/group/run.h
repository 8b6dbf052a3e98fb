/* What reunion-group does. */
#ifndef REUNION_CLIENT_GROUP_RUN_H
#define REUNION_CLIENT_GROUP_RUN_H

#include "cli/outcome.h"
#include "cli/program_table.h"
#include "group/options.h"

enum outcome group_run(const struct program *program, struct group_options *options);

#endif
