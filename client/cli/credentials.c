#include "cli/credentials.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/secret.h"
#include "base/standard_streams.h"
#include "cli/generate.h"
#include "cli/json_line.h"
#include "cli/keys.h"
#include "cli/phrase.h"
#include "cli/print.h"
#include "cli/prompt.h"
#include "cli/secret_file.h"
#include "cli/show_generated.h"

enum { CONFIRM_TRIES = 3 };

enum credentials_source credentials_source(const struct options *options, const char *credential)
{
    if (options->passphrase.text)
        return CREDENTIALS_ARGUMENT;
    if (options->passphrase_file)
        return CREDENTIALS_FILE;
    if (options->passphrase_fd >= 0)
        return CREDENTIALS_DESCRIPTOR;
    if (options->generate)
        return CREDENTIALS_GENERATED;
    if (options->confirm)
        return CREDENTIALS_ASKED;
    if (options->environment.text)
        return CREDENTIALS_ENVIRONMENT;
    return credential ? CREDENTIALS_CREDENTIAL : CREDENTIALS_ASKED;
}

int credentials_take_environment(struct secret_text *passphrase)
{
    static const char name[] = "REUNION_PASSPHRASE";
    char *value = getenv(name);
    if (!value)
        return 0;
    int err = secret_text_move_argument(passphrase, value);
    unsetenv(name);
    return err;
}

static const char standard_input[] = "standard input";

/* Why a text cannot be had. `name` is what it is, `place` where it is read from. */
static enum outcome explain(int err, const char *name, const char *place)
{
    switch (err) {
    case 0:
        return OUTCOME_DONE;
    case -ECANCELED:
        return OUTCOME_INTERRUPTED;
    case -EMSGSIZE:
        print("the %s from %s is over %d bytes long", name, place, SECRET_TEXT_BYTES_MAX);
        return OUTCOME_USAGE;
    default:
        return outcome_unusable(err, "read the %s from %s", name, place);
    }
}

/* The same of what was asked for, by `err` of prompt_line. */
static enum outcome explain_asked(int err, const char *name)
{
    if (err != -ENOENT)
        return explain(err, name, standard_input);
    print("there is no %s: %s ended without one", name, standard_input);
    return OUTCOME_USAGE;
}

/* Tell a program of a doubt. Returns: 0, or why standard output takes no more. */
static int report_doubt(const struct phrase_doubt_row *row)
{
    struct json_line *line;
    int err = json_line_open(&line, "doubt");
    if (err)
        return err;
    json_line_word(line, "reason", row->word);
    json_line_word(line, "detail", row->text);
    return json_line_write(line, STDOUT_FILENO);
}

static enum outcome report_doubts(unsigned doubts, bool json)
{
    int err = 0;
    for (size_t i = 0; i < phrase_doubt_row_count && !err; i++) {
        if (!(doubts & phrase_doubt_rows[i].doubt))
            continue;
        print("%s", phrase_doubt_rows[i].text);
        if (json)
            err = report_doubt(&phrase_doubt_rows[i]);
    }
    return err ? outcome_unwritable(err) : OUTCOME_DONE;
}

/* A line, of which keys that are no text are left out where it was typed; it is noted in `doubts`.
 */
static int ask(struct secret_text *line, const char *question, bool hidden, unsigned *doubts,
               const struct stop_source *stop)
{
    if (standard_streams_was_closed(STDIN_FILENO))
        return -EBADF;
    int err = prompt_line(line, question, hidden, stop);
    if (err || !isatty(STDIN_FILENO))
        return err;
    size_t left = keys_drop(line->text, line->bytes);
    if (left < line->bytes)
        *doubts |= PHRASE_KEYS;
    line->bytes = left;
    return 0;
}

/* Ask for a passphrase twice, until it is the same. */
static enum outcome ask_twice(struct secret_text *passphrase, unsigned *doubts,
                              const struct stop_source *stop)
{
    for (int tried = 0; tried < CONFIRM_TRIES; tried++) {
        struct secret_text again = {0};
        int err = ask(passphrase, "Passphrase: ", true, doubts, stop);
        if (!err)
            err = ask(&again, "Passphrase, once more: ", true, doubts, stop);
        bool same = !err && again.bytes == passphrase->bytes &&
                    secret_equal(again.text, passphrase->text, again.bytes);
        secret_text_clear(&again);
        if (err || same)
            return explain_asked(err, "passphrase");
        print("the two passphrases differ");
    }
    return OUTCOME_USAGE;
}

/* The path of the credential that systemd hands over, if there is one. Returns: `path` or NULL. */
static const char *find_credential(char path[static PATH_MAX])
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    if (!folder || snprintf(path, PATH_MAX, "%s/passphrase", folder) >= PATH_MAX)
        return NULL;
    return access(path, F_OK) == 0 ? path : NULL;
}

static enum outcome load_passphrase(struct secret_text *passphrase, const char *path,
                                    const struct stop_source *stop)
{
    bool exposed, is_input = strcmp(path, "-") == 0;
    int err = secret_file_load(passphrase, path, &exposed, stop);
    if (!err && exposed)
        print("others on this machine may read the passphrase's file %s; chmod 600 ends that",
              path);
    return explain(err, "passphrase", is_input ? standard_input : path);
}

static enum outcome read_descriptor(struct options *options, const struct stop_source *stop)
{
    int fd = (int)options->passphrase_fd;
    char place[64];
    int err = secret_file_read(&options->passphrase, fd, stop);
    snprintf(place, sizeof place, "descriptor %d of --passphrase-fd", fd);
    if (fd > STDERR_FILENO)
        close(fd);
    return explain(err, "passphrase", place);
}

static enum outcome generate(struct options *options, const struct random_source *random)
{
    int err = generate_passphrase(&options->passphrase, random);
    if (!err)
        err = show_generated(&options->passphrase, options->json);
    return err ? outcome_failed(err, "make a passphrase and show it") : OUTCOME_DONE;
}

enum outcome credentials_ready(const struct options *options)
{
    int terminal = options->generate && !options->json
                       ? open("/dev/tty", O_WRONLY | O_NOCTTY | O_CLOEXEC)
                       : STDERR_FILENO;
    if (terminal < 0) {
        print("--generate has no terminal to show the passphrase on (/dev/tty: %s); with --json a "
              "program can take it",
              err_reason(-errno));
        return OUTCOME_USAGE;
    }
    if (terminal != STDERR_FILENO)
        close(terminal);
    if (options->confirm && !isatty(STDIN_FILENO)) {
        print("--confirm asks on a terminal for the passphrase, and standard input is none");
        return OUTCOME_USAGE;
    }
    return OUTCOME_DONE;
}

bool credentials_passphrase_is_asked(const struct options *options)
{
    char path[PATH_MAX];
    return credentials_source(options, find_credential(path)) == CREDENTIALS_ASKED;
}

bool credentials_passphrase_is_input(const struct options *options)
{
    const char *file = options->passphrase_file;
    return options->passphrase_fd == STDIN_FILENO || (file && strcmp(file, "-") == 0);
}

static enum outcome get_passphrase(struct options *options, unsigned *doubts,
                                   const struct random_source *random,
                                   const struct stop_source *stop)
{
    char path[PATH_MAX];
    const char *credential = find_credential(path);
    switch (credentials_source(options, credential)) {
    case CREDENTIALS_ARGUMENT:
        return OUTCOME_DONE;
    case CREDENTIALS_FILE:
        return load_passphrase(&options->passphrase, options->passphrase_file, stop);
    case CREDENTIALS_DESCRIPTOR:
        return read_descriptor(options, stop);
    case CREDENTIALS_GENERATED:
        return generate(options, random);
    case CREDENTIALS_ENVIRONMENT:
        options->passphrase = options->environment;
        options->environment = (struct secret_text){0};
        return OUTCOME_DONE;
    case CREDENTIALS_CREDENTIAL:
        return load_passphrase(&options->passphrase, credential, stop);
    case CREDENTIALS_ASKED:
        break;
    }
    if (options->confirm)
        return ask_twice(&options->passphrase, doubts, stop);
    return explain_asked(ask(&options->passphrase, "Passphrase: ", true, doubts, stop),
                         "passphrase");
}

/* Where the passphrase is from, before it is taken from there. */
static void name_place(char *place, size_t bytes, const struct options *options)
{
    char path[PATH_MAX];
    const char *credential = find_credential(path), *file = options->passphrase_file;
    switch (credentials_source(options, credential)) {
    case CREDENTIALS_ARGUMENT:
        snprintf(place, bytes, "--passphrase");
        break;
    case CREDENTIALS_FILE:
        snprintf(place, bytes, "%s%s",
                 strcmp(file, "-") == 0 ? standard_input : "the file of --passphrase-file, ",
                 strcmp(file, "-") == 0 ? "" : file);
        break;
    case CREDENTIALS_DESCRIPTOR:
        snprintf(place, bytes, "descriptor %d of --passphrase-fd", (int)options->passphrase_fd);
        break;
    case CREDENTIALS_GENERATED:
        snprintf(place, bytes, "--generate");
        break;
    case CREDENTIALS_ENVIRONMENT:
        snprintf(place, bytes, "REUNION_PASSPHRASE");
        break;
    case CREDENTIALS_CREDENTIAL:
        snprintf(place, bytes, "the credential %s", credential);
        break;
    case CREDENTIALS_ASKED:
        snprintf(place, bytes, "%s", isatty(STDIN_FILENO) ? "the terminal" : standard_input);
        break;
    }
}

enum outcome credentials_passphrase(struct options *options, bool chosen,
                                    const struct random_source *random,
                                    const struct stop_source *stop)
{
    const struct secret_text *passphrase = &options->passphrase;
    char place[PATH_MAX + 64];
    unsigned doubts = 0;
    name_place(place, sizeof place, options);
    enum outcome outcome = get_passphrase(options, &doubts, random, stop);
    if (outcome != OUTCOME_DONE)
        return outcome;
    if (passphrase->bytes == 0) {
        print("an empty passphrase protects nothing; it comes from %s", place);
        return OUTCOME_USAGE;
    }
    if (memchr(passphrase->text, '\n', passphrase->bytes)) {
        print("the passphrase has more than one line; it comes from %s", place);
        return OUTCOME_USAGE;
    }
    doubts |= phrase_doubts(passphrase->text, passphrase->bytes);
    if (!chosen)
        doubts &= ~(unsigned)(PHRASE_SHORT | PHRASE_COMMON | PHRASE_PATTERN | PHRASE_PERSONAL);
    return report_doubts(doubts, options->json);
}

enum outcome credentials_text(const struct credentials_text *text, const struct options *options,
                              const struct stop_source *stop)
{
    if (text->text->text)
        return OUTCOME_DONE;
    bool from_input = text->file && strcmp(text->file, "-") == 0;
    unsigned doubts = 0;
    if (text->file)
        return explain(secret_file_load(text->text, text->file, NULL, stop), text->name,
                       from_input ? standard_input : text->file);
    bool whole = !isatty(STDIN_FILENO) && !credentials_passphrase_is_asked(options);
    int err = whole ? secret_file_read(text->text, STDIN_FILENO, stop)
                    : ask(text->text, text->question, text->hidden, &doubts, stop);
    if (!err && whole && text->text->bytes == 0)
        err = -ENOENT;
    if (doubts)
        print("keys that are no text, such as arrows, were pressed; they are left out of the %s",
              text->name);
    return explain_asked(err, text->name);
}
