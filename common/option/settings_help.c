#include "option/settings_help.h"

#include <string.h>

enum { COLUMNS = 79, HELP_COLUMN = 30, HELP_BYTES = 256 };

void help_text(FILE *to, const char *text, int column, int indent)
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
static int put_names(FILE *to, const struct setting *row)
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

void settings_help(const struct setting_table *table, FILE *to)
{
    const char *group = "";
    struct setting_entry at;
    for (size_t i = 0; setting_at(table, i, &at); i++) {
        char help[HELP_BYTES];
        const char *preset = at.row->preset;
        if (strcmp(at.row->group, group) != 0)
            fprintf(to, "\n%s:\n", at.row->group);
        group = at.row->group;
        int length = put_names(to, at.row);
        if (length >= HELP_COLUMN) {
            fputc('\n', to);
            length = 0;
        }
        snprintf(help, sizeof help, "%s%s%s%s", at.row->help, preset ? " (default " : "",
                 preset ? preset : "", preset ? ")" : "");
        fprintf(to, "%*s", HELP_COLUMN - length, "");
        help_text(to, help, HELP_COLUMN, HELP_COLUMN);
    }
}

void help_exit_code(FILE *to, int code, const char *meaning)
{
    int length = fprintf(to, "  %3d  ", code);
    help_text(to, meaning, length, length);
}
