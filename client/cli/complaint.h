/* What is wrong with a command line, in words. */
#ifndef REUNION_CLI_COMPLAINT_H
#define REUNION_CLI_COMPLAINT_H

#include "base/err.h"

enum { OPTIONS_COMPLAINT_BYTES = 4608 /* the longest path fits */ };

/* Say why a command line will not do, without repeating a value. Returns: -EINVAL. */
int options_complain(char complaint[static OPTIONS_COMPLAINT_BYTES], const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
