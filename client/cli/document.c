#include "cli/document.h"

#include <string.h>

#include "cli/option_table.h"
#include "cli/outcome.h"

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

/* "  -v, --verbose", "  --msg TEXT, --message TEXT". Gives: the length. */
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
    put_wrapped(to, row->help, HELP_COLUMN, HELP_COLUMN);
}

static void put_outcomes(FILE *to)
{
    fputs("\nExit status:\n", to);
    for (const struct outcome_row *row = outcome_rows; row < outcome_rows + outcome_count; row++) {
        int length = fprintf(to, "  %3d  ", (int)row->code);
        put_wrapped(to, row->meaning, length, length);
    }
}

static const char *const paragraphs[] = {
    "A message or passphrase that is asked for is read from the terminal, or as a line each, the "
    "message first, from standard input where that is no terminal.",
    "A message is shown as it is, unless it holds control characters: then it begins with "
    "\"escaped:\" and has \\xNN or \\u{NNNN} for those and \\\\ for a backslash. One that is not "
    "UTF-8 is \"hex:\" and its bytes. One that itself begins so is shown escaped, so that these "
    "marks cannot be forged.",
};

void document_help(FILE *to)
{
    fputs("Usage: reunion-client [OPTION]...\n"
          "       reunion-client check [OPTION]...\n",
          to);
    put_wrapped(to,
                "Meet whoever knows the same passphrase, through a server that does not learn who "
                "met whom. Each message of somebody met is one line on standard output, as soon as "
                "it is known. With check, tell what is wrong with a server instead.",
                0, 0);
    for (enum option_group group = 0; group < GROUP_COUNT; group++) {
        fprintf(to, "\n%s:\n", option_group_title(group));
        for (const struct option_row *row = option_rows; row < option_rows + option_count; row++)
            if (row->group == group)
                put_option(to, row);
    }
    for (size_t i = 0; i < sizeof paragraphs / sizeof *paragraphs; i++) {
        fputc('\n', to);
        put_wrapped(to, paragraphs[i], 0, 0);
    }
    put_outcomes(to);
}
