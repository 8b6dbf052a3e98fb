#include "cli/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/defaults.h"
#include "cli/typos.h"

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

/* Returns: the option's number. */
static size_t option_of(const struct program *program, int code, struct program_option *option)
{
    size_t i = code >= FIRST_CODE ? (size_t)(code - FIRST_CODE) : 0;
    bool found = program_option_at(program, i, option);
    while (found && code < FIRST_CODE && option->row->letter != code)
        found = program_option_at(program, ++i, option);
    INVARIANT(found); /* getopt gives only codes of the table */
    return i;
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

/* The option that was meant by "--name", or NULL. */
static const char *nearest_option(const struct grammar *grammar, const char *argument, size_t bytes)
{
    const char *nearest = NULL;
    size_t fewest = SLIPS_NONE;
    for (const struct option *option = grammar->names; option->name; option++)
        if (bytes > 2 && typo_of(argument + 2, bytes - 2, option->name, &fewest))
            nearest = option->name;
    return nearest;
}

/* The command that was meant by a word, or NULL. */
static const char *nearest_command(const struct program *program, const char *word)
{
    const char *nearest = NULL;
    size_t fewest = SLIPS_NONE;
    for (size_t i = 0; i < program->command_count; i++)
        if (program->commands[i].name &&
            typo_of(word, strlen(word), program->commands[i].name, &fewest))
            nearest = program->commands[i].name;
    return nearest;
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
    const char *meant =
        names == 0 && !lacks_value ? nearest_option(grammar, argument, bytes) : NULL;
    return options_complain(complaint, "%.*s: %s%s%s", (int)bytes, argument, problem,
                            meant ? "; is it --" : "", meant ? meant : "");
}

static const char *command_name(const struct program *program, unsigned command)
{
    size_t i = 0;
    while (command != 1u << i)
        i++;
    return program->commands[i].name;
}

/* Whether a text was given before that would be forgotten. Of numbers and secrets the last counts,
 * so that a script's may be replaced. */
static bool is_given(const struct options *options, const struct option_row *row)
{
    const void *member = (const char *)options + row->offset;
    if (row->form == OPTION_BUCKET_HASH)
        return ((const struct option_bucket_hash *)member)->given;
    return (row->form == OPTION_TEXT || row->form == OPTION_INPUT) && *(const char *const *)member;
}

/* Without a command all options go, for --help; that one is missing is said afterwards. */
static int take(const struct program *program, struct options *options,
                const struct program_option *option, size_t number, char *value,
                char complaint[static OPTIONS_COMPLAINT_BYTES])
{
    const struct option_row *row = option->row;
    if (options->command != 0 && !(option->commands & options->command)) {
        const char *command = command_name(program, options->command);
        return options_complain(complaint, "--%s does not go with%s %s", row->name,
                                command ? "" : "out", command ? command : "a command");
    }
    if (is_given(options, row))
        return options_complain(complaint, "--%s is given twice, and only one is taken", row->name);
    char where[OPTION_NAME_BYTES];
    snprintf(where, sizeof where, "--%s", row->name);
    options->given |= UINT64_C(1) << number;
    return option_give(options, row, value, where, complaint);
}

/* An argument that is none of an option. getopt moves those to the end: `given` has them as they
 * were typed, so that the place can be told of what may be a secret. */
static int complain_operand(const struct program *program, char *const *given, const char *operand,
                            char complaint[static OPTIONS_COMPLAINT_BYTES])
{
    size_t place = 1;
    while (given[place] && given[place] != operand)
        place++;
    const char *meant = place == 1 ? nearest_command(program, operand) : NULL;
    return options_complain(complaint,
                            "argument %zu is one too many (a text with spaces needs "
                            "quotes)%s%s",
                            place, meant ? "; is it " : "", meant ? meant : "");
}

/* What is no option, from argv[optind] on. */
static int take_operand(const struct program *program, struct options *options, int argc,
                        char **argv, char *const *given,
                        char complaint[static OPTIONS_COMPLAINT_BYTES])
{
    const char *first_too_many = argv[optind];
    if (optind == argc)
        return 0;
    for (size_t i = 0; i < program->command_count && optind + 1 == argc; i++) {
        const struct command_row *command = &program->commands[i];
        if (options->command != 1u << i || !command->operand)
            continue;
        int err = secret_text_move_argument(
            (struct secret_text *)(void *)((char *)options + command->offset), argv[optind]);
        return err == -EMSGSIZE ? options_complain(complaint, "%s is over %d bytes long",
                                                   command->operand, SECRET_TEXT_BYTES_MAX)
                                : err;
    }
    for (size_t i = 0; i < program->command_count; i++)
        if (options->command == 1u << i && program->commands[i].operand)
            first_too_many = argv[optind + 1];
    return complain_operand(program, given, first_too_many, complaint);
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

/* `given`: all arguments, as they were typed. */
static int parse(const struct program *program, struct options *options, int argc, char **argv,
                 char *const *given, char complaint[static OPTIONS_COMPLAINT_BYTES])
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
            struct program_option option;
            size_t number = option_of(program, code, &option);
            err = take(program, options, &option, number, optarg, complaint);
        }
    }
    if (!err && options->command == 0 && !options->help && !options->version)
        err = complain_command(program, complaint);
    if (!err)
        err = take_operand(program, options, argc, argv, given, complaint);
    if (!err)
        err = check_passphrase(options, complaint);
    if (!err && !options->help && !options->version)
        err = defaults_take(&options->defaults, program, options, complaint);
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
    char **given = calloc((size_t)argc + 1, sizeof *given);
    if (!given)
        return -ENOMEM;
    memcpy(given, argv, (size_t)argc * sizeof *given);
    int err = parse(program, options, argc - named, argv + named, given, complaint);
    free(given);
    if (err)
        options_clear(program, options);
    return err;
}

void options_clear(const struct program *program, struct options *options)
{
    if (program->clear)
        program->clear(options);
    defaults_clear(&options->defaults);
    secret_text_clear(&options->passphrase);
    secret_text_clear(&options->environment);
}
