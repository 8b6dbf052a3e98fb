#include "cli/manual.h"

#include <stdlib.h>
#include <string.h>

#include "cli/option_table.h"
#include "cli/outcome.h"
#include "reunion/reunion.h"

/* Text as roff shows it again. */
static void put_text(FILE *to, const char *text)
{
    if (*text == '.' || *text == '\'')
        fputs("\\&", to);
    for (; *text; text++) {
        if (*text == '\\')
            fputs("\\e", to);
        else if (*text == '-')
            fputs("\\-", to);
        else
            fputc(*text, to);
    }
}

/* One line for each sentence: roff breaks lines itself. */
static void put_sentences(FILE *to, const char *text)
{
    while (*text) {
        const char *end = strstr(text, ". ");
        size_t bytes = end ? (size_t)(end - text) + 1 : strlen(text);
        char sentence[1024];
        INVARIANT(bytes < sizeof sentence);
        memcpy(sentence, text, bytes);
        sentence[bytes] = '\0';
        put_text(to, sentence);
        fputc('\n', to);
        text += bytes;
        text += strspn(text, " ");
    }
}

static void put_name(FILE *to, const char *name, const char *value)
{
    fputs("\\fB\\-\\-", to);
    put_text(to, name);
    fputs("\\fR", to);
    if (value)
        fprintf(to, " \\fI%s\\fR", value);
}

static void put_option(FILE *to, const struct option_row *row)
{
    fputs(".TP\n", to);
    if (row->letter)
        fprintf(to, "\\fB\\-%c\\fR, ", row->letter);
    put_name(to, row->name, row->value);
    if (row->alias) {
        fputs(", ", to);
        put_name(to, row->alias, row->value);
    }
    fputc('\n', to);
    put_sentences(to, row->help);
    if (!(row->commands & COMMAND_CHECK))
        return;
    fputs(row->commands & COMMAND_MEET ? "Also with \\fBcheck\\fR.\n"
                                       : "Only with \\fBcheck\\fR.\n",
          to);
}

static void put_options(FILE *to)
{
    for (enum option_group group = 0; group < GROUP_COUNT; group++) {
        fprintf(to, ".SS %s\n", option_group_title(group));
        for (const struct option_row *row = option_rows; row < option_rows + option_count; row++)
            if (row->group == group)
                put_option(to, row);
    }
}

static void put_outcomes(FILE *to)
{
    for (const struct outcome_row *row = outcome_rows; row < outcome_rows + outcome_count; row++) {
        fprintf(to, ".TP\n\\fB%d\\fR (%s)\n", (int)row->code, row->name);
        put_text(to, row->meaning);
        fputs(".\n", to);
    }
}

static int put_line(FILE *to, const char *line)
{
    static const char version[] = "@VERSION@";
    const char *found = strstr(line, version);
    if (strcmp(line, "@OPTIONS@\n") == 0)
        put_options(to);
    else if (strcmp(line, "@EXIT_STATUS@\n") == 0)
        put_outcomes(to);
    else if (found)
        fprintf(to, "%.*s%s%s", (int)(found - line), line, reunion_version(),
                found + sizeof version - 1);
    else if (line[0] == '@')
        return -EINVAL;
    else
        fputs(line, to);
    return 0;
}

int manual_write(FILE *to, FILE *template)
{
    char *line = NULL;
    size_t room = 0;
    int err = 0;
    while (!err && getline(&line, &room, template) >= 0)
        err = put_line(to, line);
    free(line);
    if (!err && (ferror(template) || ferror(to)))
        err = -EIO;
    return err;
}
