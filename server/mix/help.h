/* The help text, from the table of settings. */
#ifndef REUNION_SERVER_MIX_HELP_H
#define REUNION_SERVER_MIX_HELP_H

#include <stdio.h>

/* Write a summary of the flags. */
void mix_help_print(FILE *to);

#endif
