/* Completions of the command line for shells, made from the table of options. */
#ifndef REUNION_CLI_COMPLETIONS_H
#define REUNION_CLI_COMPLETIONS_H

#include <stdio.h>

/* Each writes a file as that shell loads it; errors are the stream's. */
void completions_bash(FILE *to);
void completions_zsh(FILE *to);
void completions_fish(FILE *to);

#endif
