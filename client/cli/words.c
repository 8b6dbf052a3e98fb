#include "cli/words.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/secret.h"
#include "cli/generate.h"
#include "cli/narrator.h"
#include "cli/prompt.h"
#include "cli/secret_file.h"
#include "cli/show_generated.h"
#include "cli/utf8.h"

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
        return OUTCOME_MET;
    case -ECANCELED:
        return OUTCOME_INTERRUPTED;
    case -EMSGSIZE:
        narrator_say("the %s is over %d bytes long", name, SECRET_TEXT_BYTES_MAX);
        return OUTCOME_USAGE;
    case -ENOENT:
        narrator_say("there is no %s%s", name, place);
        return OUTCOME_USAGE;
    case -EACCES:
        narrator_say("the %s%s may not be read; look at the file's mode and owner", name, place);
        return OUTCOME_USAGE;
    case -EIO:
        narrator_say("the %s%s cannot be read", name, place);
        return OUTCOME_USAGE;
    default:
        narrator_say("%s", err_text(err));
        return OUTCOME_FAILED;
    }
}

/* Ask for a passphrase twice, until it is the same. */
static enum outcome ask_twice(struct secret_text *passphrase, const struct stop_source *stop)
{
    if (!isatty(STDIN_FILENO)) {
        narrator_say("--confirm asks on a terminal, and standard input is none");
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
        narrator_say("the two differ");
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
        narrator_say("others on this machine may read the passphrase's file; chmod 600 ends that");
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
        narrator_say("--generate has no terminal to show the passphrase on; with --json a program "
                     "can take it");
        return OUTCOME_USAGE;
    }
    return explain(err, "passphrase", "");
}

static enum outcome get_passphrase(struct options *options, enum words_source source,
                                   const char *credential, const struct random_source *random,
                                   const struct stop_source *stop)
{
    switch (source) {
    case WORDS_ARGUMENT:
        return OUTCOME_MET;
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
        return OUTCOME_MET;
    case WORDS_CREDENTIAL:
        return load_passphrase(&options->passphrase, credential, " among the credentials", stop);
    case WORDS_ASKED:
        break;
    }
    if (options->confirm)
        return ask_twice(&options->passphrase, stop);
    return explain(prompt_line(&options->passphrase, "Passphrase: ", true, stop), "passphrase", "");
}

/* Without a name for it the message is asked for on a terminal. From elsewhere standard input is
 * the message, whole; but a line of it where the passphrase is to follow there. */
static enum outcome get_message(struct options *options, enum words_source source,
                                const struct stop_source *stop)
{
    if (options->message.text)
        return OUTCOME_MET;
    if (options->message_file)
        return explain(secret_file_load(&options->message, options->message_file, NULL, stop),
                       "message", " file with the name given");
    bool whole = !isatty(STDIN_FILENO) && source != WORDS_ASKED;
    int err = whole ? secret_file_read(&options->message, STDIN_FILENO, stop)
                    : prompt_line(&options->message, "Message: ", false, stop);
    if (!err && whole && options->message.bytes == 0)
        err = -ENOENT;
    return explain(err, "message", "");
}

static enum outcome check(const struct options *options)
{
    const struct secret_text *message = &options->message, *passphrase = &options->passphrase;
    if (passphrase->bytes == 0) {
        narrator_say("an empty passphrase protects nothing");
        return OUTCOME_USAGE;
    }
    if (memchr(passphrase->text, '\n', passphrase->bytes)) {
        narrator_say("the passphrase has more than one line");
        return OUTCOME_USAGE;
    }
    if (message->bytes > MESSAGE_BYTES) {
        narrator_say("the message has %zu bytes; more than %d do not fit", message->bytes,
                     MESSAGE_BYTES);
        return OUTCOME_USAGE;
    }
    if (!utf8_is_valid((const uint8_t *)message->text, message->bytes)) {
        narrator_say("the message is not UTF-8");
        return OUTCOME_USAGE;
    }
    if (message->bytes > 0 && message->text[message->bytes - 1] == ' ')
        narrator_say("spaces at the end of a message are lost");
    return OUTCOME_MET;
}

enum outcome words_gather(struct options *options, const struct random_source *random,
                          const struct stop_source *stop)
{
    char path[PATH_MAX];
    const char *credential = find_credential(path);
    enum words_source source = words_source(options, credential);
    enum outcome outcome = get_message(options, source, stop);
    if (outcome == OUTCOME_MET)
        outcome = get_passphrase(options, source, credential, random, stop);
    return outcome == OUTCOME_MET ? check(options) : outcome;
}
