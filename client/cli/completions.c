#include "cli/completions.h"

#include <stdbool.h>

/* DESIGN: words of the table reach the shells in single quotes; a test keeps quotes and brackets
 * out of what is quoted here. Names of files are offered where a file is wanted, and nothing where
 * only the user can know. */

static void put_head(FILE *to, const char *first, const struct program *program)
{
    fprintf(to, "%s%s\n# Written from the table of options when %s was built.\n", first,
            program->name, program->name);
}

/* "--name" and, where there is one, the second name, with `between` the two. */
static void put_names(FILE *to, const struct option_row *row, const char *between)
{
    fprintf(to, "--%s", row->name);
    if (row->alias)
        fprintf(to, "%s--%s", between, row->alias);
}

/* The options that go with what is done without a command; or, where a command is needed, those
 * that go with all of them. */
static bool goes_alone(const struct program *program, unsigned commands)
{
    return program_has_default(program) ? commands & 1 : commands == COMMANDS_ALL;
}

/* Bash */

/* All options that go with a command, as words; with NULL those that go alone. */
static void put_bash_words(FILE *to, const struct program *program, const struct command_row *with)
{
    struct program_option option;
    for (size_t i = 0; program_option_at(program, i, &option); i++) {
        if (with ? !(option.commands & 1u << (with - program->commands))
                 : !goes_alone(program, option.commands))
            continue;
        if (option.row->letter)
            fprintf(to, " -%c", option.row->letter);
        fputc(' ', to);
        put_names(to, option.row, " ");
    }
}

/* A pattern of `case` for options that take a value, with files to offer or without. */
static void put_bash_case(FILE *to, const struct program *program, bool files, const char *action)
{
    const char *before = "    ";
    struct program_option option;
    for (size_t i = 0; program_option_at(program, i, &option); i++) {
        if (option.row->form == OPTION_SWITCH || (option.row->hint == HINT_FILE) != files)
            continue;
        fputs(before, to);
        put_names(to, option.row, "|");
        before = "|";
    }
    fprintf(to, ")\n        %s\n        return\n        ;;\n", action);
}

/* "_reunion_client" */
static void put_function_name(FILE *to, const struct program *program)
{
    fputc('_', to);
    for (const char *at = program->name; *at; at++)
        fputc(*at == '-' ? '_' : *at, to);
}

/* The word that names a command has been typed, or is being typed. */
static void put_bash_commands(FILE *to, const struct program *program)
{
    const char *before = "    if";
    for (size_t i = 0; i < program->command_count; i++) {
        const struct command_row *command = &program->commands[i];
        if (!command->name)
            continue;
        fprintf(to, "%s [[ ${words[1]} == %s ]]; then\n        options='", before, command->name);
        put_bash_words(to, program, command);
        fputs("'\n", to);
        before = "    elif";
    }
    if (!program_has_commands(program))
        return;
    fprintf(to, "%s ((cword == 1)); then\n        options+='", before);
    for (size_t i = 0; i < program->command_count; i++)
        if (program->commands[i].name)
            fprintf(to, " %s", program->commands[i].name);
    fputs("'\n    fi\n", to);
}

void completions_bash(FILE *to, const struct program *program)
{
    put_head(to, "# bash completion for ", program);
    fputc('\n', to);
    put_function_name(to, program);
    fputs("()\n"
          "{\n"
          "    local cur prev words cword split\n"
          "    _init_completion -s || return\n\n"
          "    case $prev in\n",
          to);
    put_bash_case(to, program, true, "_filedir");
    put_bash_case(to, program, false, ":");
    fputs("    esac\n"
          "    $split && return\n\n"
          "    local options='",
          to);
    put_bash_words(to, program, NULL);
    fputs("'\n", to);
    put_bash_commands(to, program);
    fputs("    COMPREPLY=($(compgen -W \"$options\" -- \"$cur\"))\n"
          "} &&\n"
          "    complete -F ",
          to);
    put_function_name(to, program);
    fprintf(to, " %s\n", program->name);
}

/* Zsh */

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

static void put_zsh_command(FILE *to, const struct program *program,
                            const struct command_row *command)
{
    struct program_option option;
    fprintf(to, "%s)\n    options=(\n", command->name);
    for (size_t i = 0; program_option_at(program, i, &option); i++)
        if (option.commands & 1u << (command - program->commands))
            put_zsh_option(to, option.row);
    fprintf(to, "        '1:command:(%s)'\n", command->name);
    if (command->operand)
        fprintf(to, "        '2::%s: '\n", command->operand);
    fputs("    )\n    ;;\n", to);
}

/* The names of commands as a first word. */
static void put_zsh_names(FILE *to, const struct program *program)
{
    const char *before = "        '1::command:((";
    for (size_t i = 0; i < program->command_count; i++) {
        const struct command_row *command = &program->commands[i];
        if (!command->name)
            continue;
        fprintf(to, "%s%s\\:\"%s\"", before, command->name, command->brief);
        before = " ";
    }
    fputs("))'\n", to);
}

static void put_zsh_alone(FILE *to, const struct program *program)
{
    struct program_option option;
    fputs("*)\n    options=(\n", to);
    for (size_t i = 0; program_option_at(program, i, &option); i++)
        if (goes_alone(program, option.commands))
            put_zsh_option(to, option.row);
    if (program_has_commands(program))
        put_zsh_names(to, program);
    fputs("    )\n    ;;\n", to);
}

void completions_zsh(FILE *to, const struct program *program)
{
    put_head(to, "#compdef ", program);
    fputs("\nlocal -a options\ncase ${words[2]} in\n", to);
    for (size_t i = 0; i < program->command_count; i++)
        if (program->commands[i].name)
            put_zsh_command(to, program, &program->commands[i]);
    put_zsh_alone(to, program);
    fputs("esac\n_arguments -s -S $options\n", to);
}

/* Fish */

/* Where an option is offered: unless it is everywhere, by the commands that have been typed. */
static void put_fish_condition(FILE *to, const struct program *program, unsigned commands)
{
    unsigned all = (1u << program->command_count) - 1;
    bool alone = goes_alone(program, commands);
    if ((commands & all) == all && alone)
        return;
    fprintf(to, " -n '%s__fish_seen_subcommand_from", alone ? "not " : "");
    for (size_t i = 0; i < program->command_count; i++)
        if (program->commands[i].name && alone != !!(commands & 1u << i))
            fprintf(to, " %s", program->commands[i].name);
    fputc('\'', to);
}

static void put_fish_option(FILE *to, const struct program *program,
                            const struct program_option *option, const char *name)
{
    const struct option_row *row = option->row;
    fprintf(to, "complete -c %s", program->name);
    put_fish_condition(to, program, option->commands);
    if (row->letter)
        fprintf(to, " -s %c", row->letter);
    fprintf(to, " -l %s", name);
    if (row->value)
        fputs(row->hint == HINT_FILE ? " -r -F" : " -x", to);
    fprintf(to, " -d '%s'\n", row->brief);
}

void completions_fish(FILE *to, const struct program *program)
{
    put_head(to, "# fish completion for ", program);
    fprintf(to, "complete -c %s -f\n", program->name);
    for (size_t i = 0; i < program->command_count; i++)
        if (program->commands[i].name)
            fprintf(to, "complete -c %s -n __fish_use_subcommand -a %s -d '%s'\n", program->name,
                    program->commands[i].name, program->commands[i].brief);
    struct program_option option;
    for (size_t i = 0; program_option_at(program, i, &option); i++) {
        put_fish_option(to, program, &option, option.row->name);
        if (option.row->alias)
            put_fish_option(to, program, &option, option.row->alias);
    }
}
