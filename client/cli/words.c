#include "cli/words.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/secret.h"
#include "cli/generate.h"
#include "cli/prompt.h"
#include "cli/say.h"
#include "cli/secret_file.h"
#include "cli/show_generated.h"

enum { CONFIRM_TRIES = 3 };

enum words_source words_source(const struct options *options, const char *credential)
{
    if (options->passphrase.text)
        return WORDS_ARGUMENT;
    if (options->passphrase_file)
        return WORDS_FILE;
    if (options->passphrase_fd >= 0)
        return WORDS_DESCRIPTOR;
    if (options->generate)
        return WORDS_GENERATED;
    if (options->confirm)
        return WORDS_ASKED;
    if (options->environment.text)
        return WORDS_ENVIRONMENT;
    return credential ? WORDS_CREDENTIAL : WORDS_ASKED;
}

int words_take_environment(struct secret_text *passphrase)
{
    static const char name[] = "REUNION_PASSPHRASE";
    char *value = getenv(name);
    if (!value)
        return 0;
    int err = secret_text_move_argument(passphrase, value);
    unsetenv(name);
    return err;
}

/* Why a text cannot be had. `name` is what it is, `place` where it was looked for, or "". */
static enum outcome explain(int err, const char *name, const char *place)
{
    switch (err) {
    case 0:
        return OUTCOME_DONE;
    case -ECANCELED:
        return OUTCOME_INTERRUPTED;
    case -EMSGSIZE:
        say("the %s is over %d bytes long", name, SECRET_TEXT_BYTES_MAX);
        return OUTCOME_USAGE;
    case -ENOENT:
        say("there is no %s%s", name, place);
        return OUTCOME_USAGE;
    case -EACCES:
        say("the %s%s may not be read; look at the file's mode and owner", name, place);
        return OUTCOME_USAGE;
    case -EIO:
        say("the %s%s cannot be read", name, place);
        return OUTCOME_USAGE;
    default:
        return outcome_failed(err);
    }
}

/* Ask for a passphrase twice, until it is the same. */
static enum outcome ask_twice(struct secret_text *passphrase, const struct stop_source *stop)
{
    if (!isatty(STDIN_FILENO)) {
        say("--confirm asks on a terminal, and standard input is none");
        return OUTCOME_USAGE;
    }
    for (int tried = 0; tried < CONFIRM_TRIES; tried++) {
        struct secret_text again = {0};
        int err = prompt_line(passphrase, "Passphrase: ", true, stop);
        if (!err)
            err = prompt_line(&again, "Passphrase, once more: ", true, stop);
        bool same = !err && again.bytes == passphrase->bytes &&
                    secret_equal(again.text, passphrase->text, again.bytes);
        secret_text_clear(&again);
        if (err || same)
            return explain(err, "passphrase", "");
        say("the two differ");
    }
    return OUTCOME_USAGE;
}

/* The path of the credential that systemd hands over, if there is one. Gives: `path` or NULL. */
static const char *find_credential(char path[static PATH_MAX])
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    if (!folder || snprintf(path, PATH_MAX, "%s/passphrase", folder) >= PATH_MAX)
        return NULL;
    return access(path, F_OK) == 0 ? path : NULL;
}

static enum outcome load_passphrase(struct secret_text *passphrase, const char *path,
                                    const char *place, const struct stop_source *stop)
{
    bool exposed;
    int err = secret_file_load(passphrase, path, &exposed, stop);
    if (!err && exposed)
        say("others on this machine may read the passphrase's file; chmod 600 ends that");
    return explain(err, "passphrase", place);
}

static enum outcome read_descriptor(struct options *options, const struct stop_source *stop)
{
    int fd = (int)options->passphrase_fd;
    int err = secret_file_read(&options->passphrase, fd, stop);
    if (fd > STDERR_FILENO)
        close(fd);
    return explain(err, "passphrase", " on the descriptor of --passphrase-fd");
}

static enum outcome generate(struct options *options, const struct random_source *random)
{
    int err = generate_passphrase(&options->passphrase, random);
    if (!err)
        err = show_generated(&options->passphrase, options->json);
    if (err == -ENOENT) {
        say("--generate has no terminal to show the passphrase on; with --json a program "
            "can take it");
        return OUTCOME_USAGE;
    }
    return explain(err, "passphrase", "");
}

bool words_passphrase_is_asked(const struct options *options)
{
    char path[PATH_MAX];
    return words_source(options, find_credential(path)) == WORDS_ASKED;
}

bool words_passphrase_is_input(const struct options *options)
{
    const char *file = options->passphrase_file;
    return options->passphrase_fd == STDIN_FILENO || (file && strcmp(file, "-") == 0);
}

static enum outcome get_passphrase(struct options *options, const struct random_source *random,
                                   const struct stop_source *stop)
{
    char path[PATH_MAX];
    const char *credential = find_credential(path);
    switch (words_source(options, credential)) {
    case WORDS_ARGUMENT:
        return OUTCOME_DONE;
    case WORDS_FILE:
        return load_passphrase(&options->passphrase, options->passphrase_file,
                               " file with the name given", stop);
    case WORDS_DESCRIPTOR:
        return read_descriptor(options, stop);
    case WORDS_GENERATED:
        return generate(options, random);
    case WORDS_ENVIRONMENT:
        options->passphrase = options->environment;
        options->environment = (struct secret_text){0};
        return OUTCOME_DONE;
    case WORDS_CREDENTIAL:
        return load_passphrase(&options->passphrase, credential, " among the credentials", stop);
    case WORDS_ASKED:
        break;
    }
    if (options->confirm)
        return ask_twice(&options->passphrase, stop);
    return explain(prompt_line(&options->passphrase, "Passphrase: ", true, stop), "passphrase", "");
}

enum outcome words_passphrase(struct options *options, const struct random_source *random,
                              const struct stop_source *stop)
{
    const struct secret_text *passphrase = &options->passphrase;
    enum outcome outcome = get_passphrase(options, random, stop);
    if (outcome != OUTCOME_DONE)
        return outcome;
    if (passphrase->bytes == 0) {
        say("an empty passphrase protects nothing");
        return OUTCOME_USAGE;
    }
    if (memchr(passphrase->text, '\n', passphrase->bytes)) {
        say("the passphrase has more than one line");
        return OUTCOME_USAGE;
    }
    return OUTCOME_DONE;
}

enum outcome words_text(const struct words_text *text, const struct options *options,
                        const struct stop_source *stop)
{
    if (text->text->text)
        return OUTCOME_DONE;
    if (text->file)
        return explain(secret_file_load(text->text, text->file, NULL, stop), text->name,
                       " file with the name given");
    bool whole = !isatty(STDIN_FILENO) && !words_passphrase_is_asked(options);
    int err = whole ? secret_file_read(text->text, STDIN_FILENO, stop)
                    : prompt_line(text->text, text->question, text->hidden, stop);
    if (!err && whole && text->text->bytes == 0)
        err = -ENOENT;
    return explain(err, text->name, "");
}
