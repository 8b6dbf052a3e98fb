/* The help text and the manual page, generated from the table of settings. */
#ifndef REUNION_SERVER_MIX_MANUAL_H
#define REUNION_SERVER_MIX_MANUAL_H

#include <stdio.h>

/* Write a summary of the flags. */
void mix_help_print(FILE *to);

/* Write the manual page reunion-mix(8), in roff with the macros of man(7). */
void mix_manual_print(FILE *to);

#endif
