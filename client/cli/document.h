/* Documents for users that are generated from a program's table of options. */
#ifndef REUNION_CLI_DOCUMENT_H
#define REUNION_CLI_DOCUMENT_H

#include <stdio.h>

#include "cli/program_table.h"

/* What --help shows. Errors are the stream's. */
void document_help(FILE *to, const struct program *program);

#endif
