#include "lib/command_line.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"

int command_line_parse(struct command_line *line, const struct program *program,
                       struct options *options, const char *const *arguments)
{
    *line = (struct command_line){.argc = 0};
    for (line->argv[line->argc++] = strdup(program->name); *arguments; arguments++) {
        INVARIANT(line->argc < ARGUMENTS_MAX);
        line->argv[line->argc++] = strdup(*arguments);
    }
    return options_parse(program, options, line->argc, line->argv, line->complaint);
}

void command_line_release(struct command_line *line, const struct program *program,
                          struct options *options)
{
    options_clear(program, options);
    for (int i = 0; i < line->argc; i++)
        free(line->argv[i]);
}
