/* The events `start` and `end` of every program with --json. */
#ifndef REUNION_CLI_LIFECYCLE_H
#define REUNION_CLI_LIFECYCLE_H

#include "base/err.h"
#include "cli/json_line.h"
#include "cli/program_table.h"

/* "start", with the version, and the engine where one computes.
 * Returns: 0, -EIO (standard output takes no more), -ENOMEM. */
MUST_CHECK int lifecycle_start(const struct program *program);

/* Begin "end", with the outcome; the caller may add to it, and writes it.
 * Returns: 0, -ENOMEM. */
MUST_CHECK int lifecycle_end(struct json_line **line, const struct program *program,
                             enum outcome outcome);

#endif
