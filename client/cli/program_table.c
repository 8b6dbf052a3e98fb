#include "cli/program_table.h"

bool program_option_at(const struct program *program, size_t number, struct program_option *option)
{
    for (size_t i = 0; i < program->section_count; i++) {
        const struct option_section *section = &program->sections[i];
        if (number < section->rows->count) {
            const struct option_row *row = &section->rows->rows[number];
            *option = (struct program_option){row, row->commands ? row->commands & section->commands
                                                                 : section->commands};
            return true;
        }
        number -= section->rows->count;
    }
    return false;
}

bool program_has_default(const struct program *program)
{
    return !program->commands[0].name;
}

bool program_has_commands(const struct program *program)
{
    return program->command_count > program_has_default(program);
}
