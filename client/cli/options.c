#include "cli/options.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"

enum {
    ROWS_MAX = 64,
    NAMES_MAX = 2 * ROWS_MAX, /* with the second names */
    FIRST_CODE = 256,         /* getopt's code of a row is this and its number */
};

/* The table as getopt wants it. */
struct grammar {
    struct option names[NAMES_MAX + 1];
    char letters[ROWS_MAX + 2];
};

static void add_name(struct option *option, const char *name, const struct option_row *row)
{
    *option = (struct option){name, row->form == OPTION_SWITCH ? no_argument : required_argument,
                              NULL, FIRST_CODE + (int)(row - option_rows)};
}

static void grammar_make(struct grammar *grammar)
{
    INVARIANT(option_count <= ROWS_MAX);
    *grammar = (struct grammar){.letters = ":"};
    size_t names = 0, letters = 1;
    for (const struct option_row *row = option_rows; row < option_rows + option_count; row++) {
        add_name(&grammar->names[names++], row->name, row);
        if (row->alias)
            add_name(&grammar->names[names++], row->alias, row);
        if (row->letter) {
            INVARIANT(row->form == OPTION_SWITCH);
            grammar->letters[letters++] = row->letter;
        }
    }
}

static const struct option_row *row_of(int code)
{
    if (code >= FIRST_CODE)
        return &option_rows[code - FIRST_CODE];
    size_t i = 0;
    while (i < option_count && option_rows[i].letter != code)
        i++;
    INVARIANT(i < option_count); /* getopt gives only codes of the table */
    return &option_rows[i];
}

/* Why the command line will not do; a value is never repeated. */
__attribute__((format(printf, 2, 3))) static int
complain(char complaint[static OPTIONS_COMPLAINT_BYTES], const char *format, ...)
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
    return complain(complaint, "%.*s: %s", (int)bytes, argument, problem);
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
        return parse_number(member, value, row);
    case OPTION_TEXT:
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

static int take(struct options *options, const struct option_row *row, char *value,
                char complaint[static OPTIONS_COMPLAINT_BYTES])
{
    if (!(row->commands & options->command))
        return complain(complaint, "--%s does not go with check", row->name);
    int err = assign(options, row, value);
    switch (err) {
    case -EINVAL:
        return complain(complaint, "--%s wants %s", row->name, row->wants);
    case -EMSGSIZE:
        return complain(complaint, "the value of --%s is over %d bytes long", row->name,
                        SECRET_TEXT_BYTES_MAX);
    case -ENOSPC:
        return complain(complaint, "--%s can be given no more than %d times", row->name,
                        (int)row->max);
    default:
        return err;
    }
}

/* One text has one origin. */
static int check_origins(const struct options *options,
                         char complaint[static OPTIONS_COMPLAINT_BYTES])
{
    const char *file = options->passphrase_file, *message_file = options->message_file;
    int origins = (options->passphrase.text != NULL) + (file != NULL) +
                  (options->passphrase_fd >= 0) + options->generate;
    if (origins > 1)
        return complain(complaint, "a passphrase comes from one place: give only one of "
                                   "--passphrase, --passphrase-file, --passphrase-fd and "
                                   "--generate");
    if (origins > 0 && options->confirm)
        return complain(complaint, "--confirm is for a passphrase that is typed");
    if (options->message.text && message_file)
        return complain(complaint, "a message comes from one place: give only one of --msg and "
                                   "--msg-file");
    bool from_input = options->passphrase_fd == 0 || (file && strcmp(file, "-") == 0);
    bool message_elsewhere = options->message.text || (message_file && strcmp(message_file, "-"));
    if (from_input && !message_elsewhere)
        return complain(complaint, "standard input gives the passphrase here: give the message by "
                                   "--msg or in a file");
    return 0;
}

/* What no row can say. */
static int complete(struct options *options, char complaint[static OPTIONS_COMPLAINT_BYTES])
{
    if (options->reference && options->bucket.given)
        return complain(complaint, "the reference's server has no buckets: --reference and "
                                   "--bucket do not go together");
    if (options->servers.count > 1 && options->bucket.given)
        return complain(complaint, "a bucket is one server's: --bucket and several --server do not "
                                   "go together");
    if (options->no_linger && options->expect == 0)
        return complain(complaint, "--no-linger goes with --expect alone");
    if (options->servers.count == 0)
        options->servers = (struct option_texts){{"http://127.0.0.1:5000"}, 1};
    return check_origins(options, complaint);
}

static int parse(struct options *options, int argc, char **argv,
                 char complaint[static OPTIONS_COMPLAINT_BYTES])
{
    struct grammar grammar;
    int code, err = 0;
    grammar_make(&grammar);
    opterr = 0;
    optind = 0; /* glibc: begin afresh, also with another argv */
    while (!err && (code = getopt_long(argc, argv, grammar.letters, grammar.names, NULL)) != -1)
        err = code == ':' || code == '?'
                  ? complain_option(&grammar, argv[optind - 1], code == ':', complaint)
                  : take(options, row_of(code), optarg, complaint);
    if (err)
        return err;
    if (optind < argc)
        return complain(complaint, "there is an argument too many (a text with spaces needs "
                                   "quotes)");
    return complete(options, complaint);
}

int options_parse(struct options *options, int argc, char **argv,
                  char complaint[static OPTIONS_COMPLAINT_BYTES])
{
    struct options read = {.command = COMMAND_MEET, .passphrase_fd = -1};
    bool check = argc > 1 && strcmp(argv[1], "check") == 0;
    if (check)
        read.command = COMMAND_CHECK;
    int err = parse(&read, argc - check, argv + check, complaint);
    if (err)
        options_clear(&read);
    else
        *options = read;
    return err;
}

void options_clear(struct options *options)
{
    secret_text_clear(&options->message);
    secret_text_clear(&options->passphrase);
    secret_text_clear(&options->environment);
}
