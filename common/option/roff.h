/* Text in manual pages. */
#ifndef REUNION_OPTION_ROFF_H
#define REUNION_OPTION_ROFF_H

#include <stdio.h>

/* Write text so that nothing in it means anything to roff. */
void roff_text(FILE *to, const char *text);

#endif
