#include "cli/program_table.h"

bool program_has_default(const struct program *program)
{
    return !program->commands[0].name;
}

bool program_has_commands(const struct program *program)
{
    return program->command_count > program_has_default(program);
}
