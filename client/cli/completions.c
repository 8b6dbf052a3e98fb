#include "cli/completions.h"

#include <stdbool.h>

#include "cli/option_table.h"

/* DESIGN: words of the table reach the shells in single quotes; a test keeps quotes and brackets
 * out of what is quoted here. Names of files are offered where a file is wanted, and nothing where
 * only the user can know. */

#define PROGRAM     "reunion-client"
#define WRITTEN     "# Written from the table of options when " PROGRAM " was built.\n"
#define CHECK_BRIEF "tell what is wrong with a server"

/* "--name" and, where there is one, the second name, with `between` the two. */
static void put_names(FILE *to, const struct option_row *row, const char *between)
{
    fprintf(to, "--%s", row->name);
    if (row->alias)
        fprintf(to, "%s--%s", between, row->alias);
}

/* All options that belong to a command, as words. */
static void put_words(FILE *to, enum command command)
{
    for (const struct option_row *row = option_rows; row < option_rows + option_count; row++) {
        if (!(row->commands & command))
            continue;
        if (row->letter)
            fprintf(to, " -%c", row->letter);
        fputc(' ', to);
        put_names(to, row, " ");
    }
}

/* A pattern of `case` for options that take a value, with files to offer or without. */
static void put_bash_case(FILE *to, bool files, const char *action)
{
    const char *before = "    ";
    for (const struct option_row *row = option_rows; row < option_rows + option_count; row++) {
        if (row->form == OPTION_SWITCH || (row->hint == HINT_FILE) != files)
            continue;
        fputs(before, to);
        put_names(to, row, "|");
        before = "|";
    }
    fprintf(to, ")\n        %s\n        return\n        ;;\n", action);
}

void completions_bash(FILE *to)
{
    fputs("# bash completion for " PROGRAM "\n" WRITTEN "\n"
          "_reunion_client()\n"
          "{\n"
          "    local cur prev words cword split\n"
          "    _init_completion -s || return\n\n"
          "    case $prev in\n",
          to);
    put_bash_case(to, true, "_filedir");
    put_bash_case(to, false, ":");
    fputs("    esac\n"
          "    $split && return\n\n"
          "    local options='",
          to);
    put_words(to, COMMAND_MEET);
    fputs("'\n"
          "    if [[ ${words[1]} == check ]]; then\n"
          "        options='",
          to);
    put_words(to, COMMAND_CHECK);
    fputs("'\n"
          "    elif ((cword == 1)); then\n"
          "        options+=' check'\n"
          "    fi\n"
          "    COMPREPLY=($(compgen -W \"$options\" -- \"$cur\"))\n"
          "} &&\n"
          "    complete -F _reunion_client " PROGRAM "\n",
          to);
}

/* What follows an option's name for _arguments. */
static void put_zsh_end(FILE *to, const struct option_row *row)
{
    fprintf(to, "[%s]", row->brief);
    if (row->value)
        fprintf(to, ":%s:%s", row->value, row->hint == HINT_FILE ? "_files" : " ");
    fputs("'\n", to);
}

static void put_zsh_option(FILE *to, const struct option_row *row)
{
    const char *often = row->form == OPTION_TEXTS ? "*" : "";
    const char *equals = row->value ? "=" : "";
    if (row->letter) {
        fprintf(to, "        '(-%c --%s)-%c", row->letter, row->name, row->letter);
        put_zsh_end(to, row);
    }
    if (row->letter)
        fprintf(to, "        '(-%c --%s)--%s%s", row->letter, row->name, row->name, equals);
    else if (row->alias)
        fprintf(to, "        '(--%s --%s)--%s%s", row->name, row->alias, row->name, equals);
    else
        fprintf(to, "        '%s--%s%s", often, row->name, equals);
    put_zsh_end(to, row);
    if (row->alias) {
        fprintf(to, "        '(--%s --%s)--%s%s", row->name, row->alias, row->alias, equals);
        put_zsh_end(to, row);
    }
}

static void put_zsh_options(FILE *to, enum command command)
{
    for (const struct option_row *row = option_rows; row < option_rows + option_count; row++)
        if (row->commands & command)
            put_zsh_option(to, row);
}

void completions_zsh(FILE *to)
{
    fputs("#compdef " PROGRAM "\n" WRITTEN "\n"
          "local -a options\n"
          "if [[ ${words[2]} == check ]]; then\n"
          "    options=(\n",
          to);
    put_zsh_options(to, COMMAND_CHECK);
    fputs("        '1:command:(check)'\n"
          "    )\n"
          "else\n"
          "    options=(\n",
          to);
    put_zsh_options(to, COMMAND_MEET);
    fputs("        '1::command:((check\\:\"" CHECK_BRIEF "\"))'\n"
          "    )\n"
          "fi\n"
          "_arguments -s -S $options\n",
          to);
}

static void put_fish_option(FILE *to, const struct option_row *row, const char *name)
{
    fprintf(to, "complete -c " PROGRAM);
    if (!(row->commands & COMMAND_CHECK))
        fputs(" -n 'not __fish_seen_subcommand_from check'", to);
    else if (!(row->commands & COMMAND_MEET))
        fputs(" -n '__fish_seen_subcommand_from check'", to);
    if (row->letter)
        fprintf(to, " -s %c", row->letter);
    fprintf(to, " -l %s", name);
    if (row->value)
        fputs(row->hint == HINT_FILE ? " -r -F" : " -x", to);
    fprintf(to, " -d '%s'\n", row->brief);
}

void completions_fish(FILE *to)
{
    fputs("# fish completion for " PROGRAM "\n" WRITTEN "\n"
          "complete -c " PROGRAM " -f\n"
          "complete -c " PROGRAM " -n __fish_use_subcommand -a check -d '" CHECK_BRIEF "'\n",
          to);
    for (const struct option_row *row = option_rows; row < option_rows + option_count; row++) {
        put_fish_option(to, row, row->name);
        if (row->alias)
            put_fish_option(to, row, row->alias);
    }
}
