/* Command lines as a kernel gives them: strings that can be written to. */
#ifndef REUNION_TESTS_LIB_COMMAND_LINE_H
#define REUNION_TESTS_LIB_COMMAND_LINE_H

#include "cli/options.h"

enum { ARGUMENTS_MAX = 16 };

struct command_line {
    char *argv[ARGUMENTS_MAX + 1];
    int argc;
    char complaint[OPTIONS_COMPLAINT_BYTES];
};

/* Have `program` read the arguments, which end with NULL. Returns: as options_parse. */
int command_line_parse(struct command_line *line, const struct program *program,
                       struct options *options, const char *const *arguments);

/* Release it and wipe the options, whatever became of them. */
void command_line_release(struct command_line *line, const struct program *program,
                          struct options *options);

#endif
