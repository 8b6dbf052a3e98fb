/* Shell completions of a program's command line, generated from its table of options. */
#ifndef REUNION_CLI_COMPLETIONS_H
#define REUNION_CLI_COMPLETIONS_H

#include <stdio.h>

#include "cli/program_table.h"

/* Each writes a file as that shell loads it; errors are the stream's. */
void completions_bash(FILE *to, const struct program *program);
void completions_zsh(FILE *to, const struct program *program);
void completions_fish(FILE *to, const struct program *program);

#endif
