/* Values of options: from text to the member of a program's options. */
#ifndef REUNION_CLI_OPTION_VALUE_H
#define REUNION_CLI_OPTION_VALUE_H

#include "base/err.h"
#include "cli/option_row.h"

enum {
    OPTIONS_COMPLAINT_BYTES = 4608, /* the longest path fits */
    OPTION_NAME_BYTES = 64,         /* of "--NAME" */
};

struct options;

/* Give a row's member a value. Texts stay the caller's, and must live as long as the options; a
 * secret is moved out of `value`. `where` is how a complaint calls the option.
 * Returns: 0; -EINVAL and why in `complaint`, which repeats no value but a number; -ENOMEM. */
MUST_CHECK int option_give(struct options *options, const struct option_row *row, char *value,
                           const char *where, char complaint[static OPTIONS_COMPLAINT_BYTES]);

/* Say why a command line will not do, without repeating a value. Returns: -EINVAL. */
int options_complain(char complaint[static OPTIONS_COMPLAINT_BYTES], const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
