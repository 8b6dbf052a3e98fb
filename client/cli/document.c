#include "cli/document.h"

#include <string.h>

enum { COLUMNS = 79, HELP_COLUMN = 30 };

/* Write words from `column` on, and at most to COLUMNS, going on in lines that begin at `indent`;
 * ends the last line. */
static void put_wrapped(FILE *to, const char *text, int column, int indent)
{
    for (bool first = true; *text; first = false) {
        int bytes = (int)strcspn(text, " ");
        if (!first && column + 1 + bytes > COLUMNS) {
            fprintf(to, "\n%*s", indent, "");
            column = indent;
        } else if (!first) {
            fputc(' ', to);
            column++;
        }
        fprintf(to, "%.*s", bytes, text);
        column += bytes;
        text += bytes;
        text += strspn(text, " ");
    }
    fputc('\n', to);
}

/* "  -v, --verbose", "  --msg TEXT, --message TEXT". Returns: the length. */
static int put_names(FILE *to, const struct option_row *row)
{
    const char *space = row->value ? " " : "", *value = row->value ? row->value : "";
    int length = fprintf(to, "  ");
    if (row->letter)
        length += fprintf(to, "-%c, ", row->letter);
    length += fprintf(to, "--%s%s%s", row->name, space, value);
    if (row->alias)
        length += fprintf(to, ", --%s%s%s", row->alias, space, value);
    return length;
}

static void put_option(FILE *to, const struct option_row *row)
{
    int length = put_names(to, row);
    if (length >= HELP_COLUMN) {
        fputc('\n', to);
        length = 0;
    }
    fprintf(to, "%*s", HELP_COLUMN - length, "");
    put_wrapped(to, row->brief, HELP_COLUMN, HELP_COLUMN);
}

static void put_sections(FILE *to, const struct program *program)
{
    for (size_t i = 0; i < program->section_count; i++) {
        const struct option_section *section = &program->sections[i];
        if (section->title)
            fprintf(to, "\n%s:\n", section->title);
        for (size_t j = 0; j < section->rows->count; j++)
            put_option(to, &section->rows->rows[j]);
    }
}

static void put_outcomes(FILE *to, const struct program *program)
{
    fputs("\nExit status:\n", to);
    for (size_t i = 0; i < program->outcome_count; i++) {
        int length = fprintf(to, "  %3d  ", (int)program->outcomes[i].code);
        put_wrapped(to, program->outcomes[i].meaning, length, length);
    }
}

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
    put_wrapped(to, program->purpose, 0, 0);
    put_sections(to, program);
    for (size_t i = 0; i < program->paragraph_count; i++) {
        fputc('\n', to);
        put_wrapped(to, program->paragraphs[i], 0, 0);
    }
    put_outcomes(to, program);
}
