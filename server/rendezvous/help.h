/* The help text, from the table of settings. */
#ifndef REUNION_RENDEZVOUS_HELP_H
#define REUNION_RENDEZVOUS_HELP_H

#include <stdio.h>

/* Write a summary of the flags. */
void help_print(FILE *to);

#endif
