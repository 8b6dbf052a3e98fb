#include "cli/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/defaults.h"

/* The command that was meant by a word, or NULL. */
static const char *nearest_command(const struct program *program, const char *word)
{
    const char *nearest = NULL;
    size_t apart = SIZE_MAX;
    for (size_t i = 0; i < program->command_count; i++)
        if (setting_is_meant(program->commands[i].name, word, strlen(word), &apart))
            nearest = program->commands[i].name;
    return nearest;
}

/* The row of the command that is given, or NULL. */
static const struct command_row *command_of(const struct program *program, unsigned command)
{
    for (size_t i = 0; i < program->command_count; i++)
        if (command == 1u << i)
            return &program->commands[i];
    return NULL;
}

/* An argument that is none of an option. It may be a secret, so its place alone is told. */
static int complain_operand(const struct program *program, const char *operand, int place,
                            FILE *complaints)
{
    const char *meant = place == 1 ? nearest_command(program, operand) : NULL;
    fprintf(complaints, "argument %d is one too many (a text with spaces needs quotes)%s%s\n",
            place, meant ? "; is it " : "", meant ? meant : "");
    return -EINVAL;
}

/* What is no option. `named`: whether argv begins with the command. */
static int take_operand(const struct program *program, struct options *options, char **argv,
                        const struct settings_operands *operands, bool named, FILE *complaints)
{
    const struct command_row *command = command_of(program, options->command);
    bool takes_one = command && command->operand;
    if (operands->count > takes_one) {
        int place = operands->at[takes_one];
        return complain_operand(program, argv[place], place + named, complaints);
    }
    if (operands->count == 0)
        return 0;
    int err = option_take_secret((char *)options + command->offset, argv[operands->at[0]]);
    if (err != -EMSGSIZE)
        return err;
    fprintf(complaints, "%s is over %d bytes long\n", command->operand, SECRET_TEXT_BYTES_MAX);
    return -EINVAL;
}

/* One text has one origin. */
static int check_passphrase(const struct options *options, FILE *complaints)
{
    int origins = (options->passphrase.text != NULL) + (options->passphrase_file != NULL) +
                  (options->passphrase_fd >= 0) + options->generate;
    if (origins > 1)
        fputs("a passphrase comes from one place: give only one of --passphrase, "
              "--passphrase-file, --passphrase-fd and --generate\n",
              complaints);
    else if (origins > 0 && options->confirm)
        fputs("--confirm is for a passphrase that is typed\n", complaints);
    else
        return 0;
    return -EINVAL;
}

/* Of all that a program can do. */
static int complain_command(const struct program *program, FILE *complaints)
{
    fputs("the first word says what to do: ", complaints);
    for (size_t i = 0; i < program->command_count; i++)
        fprintf(complaints, "%s%s", i > 0 ? " or " : "", program->commands[i].name);
    fputc('\n', complaints);
    return -EINVAL;
}

/* What the tables can say. `argv` begins with the command, if one is named. */
static int read_all(const struct program *program, struct options *options, int argc, char **argv,
                    bool named, FILE *complaints)
{
    const struct command_row *command = command_of(program, options->command);
    const struct settings settings = {&program->table, options, options->origins, options->command,
                                      command ? command->name : NULL};
    struct settings_operands operands = {.count = 0};
    int err = settings_read_flags(&settings, argc, argv, &operands, complaints);
    bool asks_for_text = options->help || options->version;
    if (!err && options->command == 0 && !asks_for_text)
        err = complain_command(program, complaints);
    if (!err)
        err = take_operand(program, options, argv, &operands, named, complaints);
    if (!err)
        err = check_passphrase(options, complaints);
    if (!err && !asks_for_text)
        err = defaults_take(program, &settings, options, complaints);
    return err;
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
    char *text = NULL;
    size_t bytes;
    memset(options, 0, program->options_bytes);
    options->passphrase_fd = -1;
    settings_defaults(&(struct settings){&program->table, options, options->origins, 0, NULL});
    options->command = find_command(program, argc, argv, &named);
    FILE *complaints = open_memstream(&text, &bytes);
    int err = complaints ? read_all(program, options, argc - named, argv + named, named, complaints)
                         : -ENOMEM;
    if (complaints && fclose(complaints))
        err = -ENOMEM;
    if (err == -EINVAL)
        options_complain(complaint, "%.*s", (int)strcspn(text, "\n"), text);
    free(text);
    if (!err)
        err = program->complete(options, complaint);
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
