#include "cli/options.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "cli/program.h"

enum {
    ROWS_MAX = 64,
    NAMES_MAX = 2 * ROWS_MAX, /* with the second names */
    FIRST_CODE = 256,         /* getopt's code of a row is this and its number */
};

/* The table as getopt wants it. */
struct grammar {
    struct option names[NAMES_MAX + 1];
    char letters[2 * ROWS_MAX + 2];
};

static void add_name(struct option *option, const char *name, const struct option_row *row,
                     size_t number)
{
    *option = (struct option){name, row->form == OPTION_SWITCH ? no_argument : required_argument,
                              NULL, FIRST_CODE + (int)number};
}

static void grammar_make(struct grammar *grammar, const struct program *program)
{
    *grammar = (struct grammar){.letters = ":"};
    size_t names = 0, letters = 1;
    struct program_option option;
    for (size_t i = 0; program_option_at(program, i, &option); i++) {
        INVARIANT(i < ROWS_MAX);
        add_name(&grammar->names[names++], option.row->name, option.row, i);
        if (option.row->alias)
            add_name(&grammar->names[names++], option.row->alias, option.row, i);
        if (option.row->letter) {
            grammar->letters[letters++] = option.row->letter;
            if (option.row->form != OPTION_SWITCH)
                grammar->letters[letters++] = ':';
        }
    }
}

static struct program_option option_of(const struct program *program, int code)
{
    struct program_option option;
    size_t i = code >= FIRST_CODE ? (size_t)(code - FIRST_CODE) : 0;
    bool found = program_option_at(program, i, &option);
    while (found && code < FIRST_CODE && option.row->letter != code)
        found = program_option_at(program, ++i, &option);
    INVARIANT(found); /* getopt gives only codes of the table */
    return option;
}

int options_complain(char complaint[static OPTIONS_COMPLAINT_BYTES], const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(complaint, OPTIONS_COMPLAINT_BYTES, format, arguments);
    va_end(arguments);
    return -EINVAL;
}

/* How many names begin like the one in "--name=value". */
static size_t names_beginning(const struct grammar *grammar, const char *argument, size_t bytes)
{
    size_t found = 0;
    for (const struct option *option = grammar->names; option->name; option++)
        found += bytes > 2 && strncmp(argument, "--", 2) == 0 &&
                 strncmp(option->name, argument + 2, bytes - 2) == 0;
    return found;
}

/* About an argument that getopt does not take. What stands behind a '=' may be a passphrase with a
 * misspelt option. */
static int complain_option(const struct grammar *grammar, const char *argument, bool lacks_value,
                           char complaint[static OPTIONS_COMPLAINT_BYTES])
{
    size_t bytes = strcspn(argument, "=");
    size_t names = names_beginning(grammar, argument, bytes);
    const char *problem = lacks_value  ? "wants a value"
                          : names > 1  ? "there are several options that begin so"
                          : names == 1 ? "takes no value"
                                       : "no such option";
    return options_complain(complaint, "%.*s: %s", (int)bytes, argument, problem);
}

static int parse_number(int64_t *value, const char *text, const struct option_row *row)
{
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 18 || text[digits] != '\0')
        return -EINVAL;
    int64_t number = strtoll(text, NULL, 10);
    if (number < row->min || number > row->max)
        return -EINVAL;
    *value = number;
    return 0;
}

/* Gives: 0, -ENOSPC (given too often). */
static int add_text(struct option_texts *texts, const char *text, const struct option_row *row)
{
    INVARIANT(row->max <= OPTIONS_TEXTS_MAX);
    if (texts->count == (size_t)row->max)
        return -ENOSPC;
    texts->text[texts->count++] = text;
    return 0;
}

static int assign_link(struct option_link *link, const char *text)
{
    link->given = true;
    return hex_decode(link->link, ID_BYTES, text) ? -EINVAL : 0;
}

/* Give a row's member its value. Gives: 0; -EINVAL, -EMSGSIZE, -ENOSPC (no good value); -ENOMEM. */
static int assign(struct options *options, const struct option_row *row, char *value)
{
    void *member = (char *)options + row->offset;
    switch (row->form) {
    case OPTION_SWITCH:
        *(bool *)member = true;
        return 0;
    case OPTION_NUMBER:
    case OPTION_DESCRIPTOR:
        return parse_number(member, value, row);
    case OPTION_TEXT:
    case OPTION_INPUT:
        *(const char **)member = value;
        return 0;
    case OPTION_TEXTS:
        return add_text(member, value, row);
    case OPTION_SECRET:
        return secret_text_move_argument(member, value);
    case OPTION_LINK:
        return assign_link(member, value);
    }
    return -EINVAL;
}

static const char *command_name(const struct program *program, unsigned command)
{
    size_t i = 0;
    while (command != 1u << i)
        i++;
    return program->commands[i].name;
}

/* Without a command all options go, for --help; that one is missing is said afterwards. */
static int take(const struct program *program, struct options *options,
                const struct program_option *option, char *value,
                char complaint[static OPTIONS_COMPLAINT_BYTES])
{
    const struct option_row *row = option->row;
    if (options->command != 0 && !(option->commands & options->command)) {
        const char *command = command_name(program, options->command);
        return options_complain(complaint, "--%s does not go with%s %s", row->name,
                                command ? "" : "out", command ? command : "a command");
    }
    int err = assign(options, row, value);
    switch (err) {
    case -EINVAL:
        return options_complain(complaint, "--%s wants %s", row->name, row->wants);
    case -EMSGSIZE:
        return options_complain(complaint, "the value of --%s is over %d bytes long", row->name,
                                SECRET_TEXT_BYTES_MAX);
    case -ENOSPC:
        return options_complain(complaint, "--%s can be given no more than %d times", row->name,
                                (int)row->max);
    default:
        return err;
    }
}

/* What is no option, from argv[optind] on. */
static int take_operand(const struct program *program, struct options *options, int argc,
                        char **argv, char complaint[static OPTIONS_COMPLAINT_BYTES])
{
    if (optind == argc)
        return 0;
    for (size_t i = 0; i < program->command_count && optind + 1 == argc; i++) {
        const struct command_row *command = &program->commands[i];
        if (options->command != 1u << i || !command->operand)
            continue;
        int err = secret_text_move_argument(
            (struct secret_text *)(void *)((char *)options + command->operand_offset),
            argv[optind]);
        return err == -EMSGSIZE ? options_complain(complaint, "%s is over %d bytes long",
                                                   command->operand, SECRET_TEXT_BYTES_MAX)
                                : err;
    }
    return options_complain(complaint, "there is an argument too many (a text with spaces needs "
                                       "quotes)");
}

/* One text has one origin. */
static int check_passphrase(const struct options *options,
                            char complaint[static OPTIONS_COMPLAINT_BYTES])
{
    int origins = (options->passphrase.text != NULL) + (options->passphrase_file != NULL) +
                  (options->passphrase_fd >= 0) + options->generate;
    if (origins > 1)
        return options_complain(complaint,
                                "a passphrase comes from one place: give only one of --passphrase, "
                                "--passphrase-file, --passphrase-fd and --generate");
    if (origins > 0 && options->confirm)
        return options_complain(complaint, "--confirm is for a passphrase that is typed");
    return 0;
}

/* Of all that a program can do. */
static int complain_command(const struct program *program,
                            char complaint[static OPTIONS_COMPLAINT_BYTES])
{
    char names[128] = "";
    for (size_t i = 0; i < program->command_count; i++) {
        size_t length = strlen(names);
        snprintf(names + length, sizeof names - length, "%s%s", i > 0 ? " or " : "",
                 program->commands[i].name);
    }
    return options_complain(complaint, "the first word says what to do: %s", names);
}

static int parse(const struct program *program, struct options *options, int argc, char **argv,
                 char complaint[static OPTIONS_COMPLAINT_BYTES])
{
    struct grammar grammar;
    int code, err = 0;
    grammar_make(&grammar, program);
    opterr = 0;
    optind = 0; /* glibc: begin afresh, also with another argv */
    while (!err && (code = getopt_long(argc, argv, grammar.letters, grammar.names, NULL)) != -1) {
        if (code == ':' || code == '?') {
            err = complain_option(&grammar, argv[optind - 1], code == ':', complaint);
        } else {
            struct program_option option = option_of(program, code);
            err = take(program, options, &option, optarg, complaint);
        }
    }
    if (!err && options->command == 0 && !options->help && !options->version)
        err = complain_command(program, complaint);
    if (!err)
        err = take_operand(program, options, argc, argv, complaint);
    if (!err)
        err = check_passphrase(options, complaint);
    return err ? err : program->complete(options, complaint);
}

/* The bit of the command that argv names, or of what is done without. */
static unsigned find_command(const struct program *program, int argc, char **argv, bool *named)
{
    *named = false;
    for (size_t i = 0; i < program->command_count && argc > 1; i++) {
        const char *name = program->commands[i].name;
        *named = name && strcmp(argv[1], name) == 0;
        if (*named)
            return 1u << i;
    }
    return program_has_default(program) ? 1 : 0;
}

int options_parse(const struct program *program, struct options *options, int argc, char **argv,
                  char complaint[static OPTIONS_COMPLAINT_BYTES])
{
    bool named;
    memset(options, 0, program->options_bytes);
    options->passphrase_fd = -1;
    options->tolerance_s = options->sequence_max = -1;
    options->command = find_command(program, argc, argv, &named);
    int err = parse(program, options, argc - named, argv + named, complaint);
    if (err)
        options_clear(program, options);
    return err;
}

void options_clear(const struct program *program, struct options *options)
{
    if (program->clear)
        program->clear(options);
    secret_text_clear(&options->passphrase);
    secret_text_clear(&options->environment);
}
