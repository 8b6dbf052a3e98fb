/* The entry point of a program: from its command line to its exit code. */
#ifndef REUNION_CLI_PROGRAM_H
#define REUNION_CLI_PROGRAM_H

#include "cli/program_table.h"

/* Everything from the command line to the exit code, one of the outcomes. Overwrites secrets in
 * argv. Called once, by main. */
int program_main(const struct program *program, int argc, char **argv);

#endif
