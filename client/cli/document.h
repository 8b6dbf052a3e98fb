/* Texts for users that are made from the tables of options and outcomes. */
#ifndef REUNION_CLI_DOCUMENT_H
#define REUNION_CLI_DOCUMENT_H

#include <stdio.h>

/* What --help shows. Errors are the stream's. */
void document_help(FILE *to);

#endif
