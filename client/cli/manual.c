#include "cli/manual.h"

#include <stdlib.h>
#include <string.h>

#include "base/version.h"
#include "option/roff.h"

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
        roff_text(to, sentence);
        fputc('\n', to);
        text += bytes;
        text += strspn(text, " ");
    }
}

static void put_name(FILE *to, const char *name, const char *value)
{
    fputs("\\fB\\-\\-", to);
    roff_text(to, name);
    fputs("\\fR", to);
    if (value)
        fprintf(to, " \\fI%s\\fR", value);
}

/* Which commands an option goes with, where that is not plain: "Only with create and open." */
static void put_commands(FILE *to, const struct program *program, unsigned commands)
{
    bool also = program_has_default(program) && (commands & 1);
    unsigned all = (1u << program->command_count) - 1;
    if (!also && (commands & all) == all)
        return;
    bool first = true;
    for (size_t i = 0; i < program->command_count; i++) {
        if (!program->commands[i].name || !(commands & 1u << i))
            continue;
        fprintf(to, "%s \\fB%s\\fR", first ? also ? "Also with" : "Only with" : " and",
                program->commands[i].name);
        first = false;
    }
    if (!first)
        fputs(".\n", to);
}

static void put_option(FILE *to, const struct program *program, const struct option_row *row,
                       unsigned commands)
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
    put_commands(to, program, commands);
}

static void put_options(FILE *to, const struct program *program)
{
    for (size_t i = 0; i < program->section_count; i++) {
        const struct option_section *section = &program->sections[i];
        if (section->title)
            fprintf(to, ".SS %s\n", section->title);
        for (size_t j = 0; j < section->rows->count; j++) {
            const struct option_row *row = &section->rows->rows[j];
            put_option(to, program, row, row->commands & section->commands);
        }
    }
}

static void put_outcomes(FILE *to, const struct program *program)
{
    for (size_t i = 0; i < program->outcome_count; i++) {
        const struct outcome_row *row = &program->outcomes[i];
        fprintf(to, ".TP\n\\fB%d\\fR (%s)\n", (int)row->code, row->name);
        roff_text(to, row->meaning);
        fputs(".\n", to);
    }
}

static int put_line(FILE *to, const struct program *program, const char *line)
{
    static const char version[] = "@VERSION@";
    const char *found = strstr(line, version);
    if (strcmp(line, "@OPTIONS@\n") == 0)
        put_options(to, program);
    else if (strcmp(line, "@EXIT_STATUS@\n") == 0)
        put_outcomes(to, program);
    else if (found)
        fprintf(to, "%.*s%s%s", (int)(found - line), line, version_number,
                found + sizeof version - 1);
    else if (line[0] == '@')
        return -EINVAL;
    else
        fputs(line, to);
    return 0;
}

int manual_write(FILE *to, const struct program *program, FILE *template)
{
    char *line = NULL;
    size_t room = 0;
    int err = 0;
    while (!err && getline(&line, &room, template) >= 0)
        err = put_line(to, program, line);
    free(line);
    if (!err && (ferror(template) || ferror(to)))
        err = -EIO;
    return err;
}
