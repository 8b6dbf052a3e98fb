#include "cli/outcome.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/err.h"
#include "base/standard_streams.h"
#include "cli/print.h"
#include "cli/program_table.h"

const char *outcome_name(const struct program *program, enum outcome outcome)
{
    size_t i = 0;
    while (i < program->outcome_count && program->outcomes[i].code != outcome)
        i++;
    INVARIANT(i < program->outcome_count); /* every outcome has a row */
    return program->outcomes[i].name;
}

__attribute__((format(printf, 2, 0))) static void print_cannot(int err, const char *format,
                                                               va_list arguments)
{
    char doing[PRINT_BYTES];
    vsnprintf(doing, sizeof doing, format, arguments);
    print("cannot %s: %s", doing, err_reason(err));
}

enum outcome outcome_failed(int err, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print_cannot(err, format, arguments);
    va_end(arguments);
    return OUTCOME_FAILED;
}

enum outcome outcome_unwritable(int err)
{
    bool closed = standard_streams_was_closed(STDOUT_FILENO);
    print("cannot write to standard output: %s", closed ? "it is closed" : err_reason(err));
    return OUTCOME_FAILED;
}

enum outcome outcome_unusable(int err, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print_cannot(err, format, arguments);
    va_end(arguments);
    bool ours = err == -ENOMEM || err == -EMFILE || err == -ENFILE;
    return ours ? OUTCOME_FAILED : OUTCOME_USAGE;
}
