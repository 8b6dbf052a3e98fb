/* The manual page: a template, with lists generated from a program's table of options. */
#ifndef REUNION_CLI_MANUAL_H
#define REUNION_CLI_MANUAL_H

#include <stdio.h>

#include "base/err.h"
#include "cli/program_table.h"

/* Copy `template` (roff, man macros) and put lists where a line says so: @OPTIONS@, @EXIT_STATUS@;
 * @VERSION@ is replaced anywhere.
 * Returns: 0, -EINVAL (a line says something else between two @), -EIO. */
MUST_CHECK int manual_write(FILE *to, const struct program *program, FILE *template);

#endif
