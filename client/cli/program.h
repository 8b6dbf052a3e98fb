/* The program reunion-client. */
#ifndef REUNION_CLI_PROGRAM_H
#define REUNION_CLI_PROGRAM_H

/* Everything from the command line to the exit code, see outcome.h. Overwrites secrets in argv.
 * Called once, by main. */
int program(int argc, char **argv);

#endif
