#include "cli/document.h"

#include "option/settings_help.h"

static void put_usage(FILE *to, const struct program *program)
{
    for (size_t i = 0; i < program->command_count; i++) {
        const struct command_row *command = &program->commands[i];
        fprintf(to, "%s %s%s%s [OPTION]...", i > 0 ? "      " : "Usage:", program->name,
                command->name ? " " : "", command->name ? command->name : "");
        if (command->operand)
            fprintf(to, " [%s]", command->operand);
        fputc('\n', to);
    }
}

void document_help(FILE *to, const struct program *program)
{
    put_usage(to, program);
    help_text(to, program->purpose, 0, 0);
    settings_help(&program->table, to);
    for (size_t i = 0; i < program->paragraph_count; i++) {
        fputc('\n', to);
        help_text(to, program->paragraphs[i], 0, 0);
    }
    fputs("\nExit status:\n", to);
    for (size_t i = 0; i < program->outcome_count; i++)
        help_exit_code(to, (int)program->outcomes[i].code, program->outcomes[i].meaning);
}
