/* The help text and the manual page, generated from the table of settings. */
#ifndef REUNION_RENDEZVOUS_MANUAL_H
#define REUNION_RENDEZVOUS_MANUAL_H

#include <stdio.h>

/* Write a summary of the flags. */
void help_print(FILE *to);

/* Write the manual page reunion-server(8), in roff with the macros of man(7). */
void manual_print(FILE *to);

#endif
