#include "group/context.h"

#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "base/secret.h"
#include "cli/print.h"
#include "cli/prompt.h"
#include "cli/secret_file.h"
#include "group/post_packets.h"

enum { LOCK_RETRY_MS = 50 };

enum outcome context_open(struct context *context)
{
    const struct group_options *options = context->options;
    int err = store_open(&context->store);
    if (err == -ENOENT && context->store.folder[0] == '\0') {
        print("neither XDG_STATE_HOME nor HOME is an absolute path, so there is no place for the "
              "files of groups");
        return OUTCOME_USAGE;
    }
    if (err)
        return outcome_failed(err, "make the folder %s", context->store.folder);
    if (options->name.text)
        memcpy(context->name, options->name.text, options->name.bytes);
    if (!options->seal_file)
        return OUTCOME_DONE;
    err = secret_file_load(&context->seal, options->seal_file, NULL, &context->stop);
    if (err == -ECANCELED)
        return OUTCOME_INTERRUPTED;
    if (err)
        return outcome_unusable(err, "read the passphrase of --seal-file, %s", options->seal_file);
    if (context->seal.bytes == 0) {
        print("the file of --seal-file, %s, is empty: an empty passphrase protects nothing",
              options->seal_file);
        return OUTCOME_USAGE;
    }
    context->store.passphrase = (const uint8_t *)context->seal.text;
    context->store.passphrase_bytes = context->seal.bytes;
    return OUTCOME_DONE;
}

void context_unload(struct context *context)
{
    stored_close(&context->stored);
}

void context_close(struct context *context)
{
    if (context->post)
        context->post->verbs->free(context->post);
    connection_close(&context->connection);
    mixes_close(context->mixes);
    context_unload(context);
    secret_text_clear(&context->seal);
}

/* Ask for the passphrase of a file that needs one. */
static enum outcome ask_seal(struct context *context)
{
    int err = prompt_line(&context->seal, "Passphrase of the group's file: ", true, &context->stop);
    if (err == -ECANCELED)
        return OUTCOME_INTERRUPTED;
    if (err || context->seal.bytes == 0) {
        print("the file of group %s is sealed with a passphrase: give --seal-file", context->name);
        return OUTCOME_USAGE;
    }
    context->store.passphrase = (const uint8_t *)context->seal.text;
    context->store.passphrase_bytes = context->seal.bytes;
    return OUTCOME_DONE;
}

/* Another program that has the file may be about to end. */
static int load_patiently(struct context *context)
{
    int64_t until_ms = clock_monotonic_ms(&clock_system) + STORE_LOCK_PATIENCE_MS;
    for (;;) {
        int err = stored_open(&context->stored, &context->store, context->name, &random_system);
        if (err != -EBUSY || clock_monotonic_ms(&clock_system) >= until_ms)
            return err;
        stored_close(&context->stored);
        struct pollfd wait = {.fd = context->stop.fd, .events = POLLIN};
        if (poll(&wait, 1, LOCK_RETRY_MS) > 0)
            return -ECANCELED;
    }
}

enum outcome context_load(struct context *context)
{
    int err = load_patiently(context);
    if (err == -EKEYREJECTED && !context->store.passphrase) {
        enum outcome outcome = ask_seal(context);
        if (outcome != OUTCOME_DONE)
            return outcome;
        stored_close(&context->stored);
        err = load_patiently(context);
    }
    if (err == -ECANCELED)
        return OUTCOME_INTERRUPTED;
    if (err == -ENOENT) {
        print("there is no group %s in %s", context->name, context->store.folder);
        return OUTCOME_USAGE;
    }
    if (err == -EBUSY) {
        print("another reunion-group has group %s open", context->name);
        return OUTCOME_USAGE;
    }
    if (err == -EKEYREJECTED) {
        print("the file of group %s is sealed with another passphrase", context->name);
        return OUTCOME_USAGE;
    }
    if (err == -EBADMSG || err == -ENOTSUP) {
        print("the file of group %s, %s, %s", context->name, context->stored.path,
              err == -EBADMSG ? "is damaged, or no such file"
                              : "is of a newer version of this program");
        return OUTCOME_USAGE;
    }
    return err ? outcome_failed(err, "open the file of group %s, %s", context->name,
                                context->stored.path)
               : OUTCOME_DONE;
}

enum outcome context_begin(struct context *context, struct device *device)
{
    int err = stored_create(&context->stored, &context->store, context->name,
                            context->options->server, device);
    if (err == -EEXIST) {
        print("there is a group %s already", context->name);
        return OUTCOME_USAGE;
    }
    return err ? outcome_failed(err, "make the file of group %s in %s", context->name,
                                context->store.folder)
               : OUTCOME_DONE;
}

enum outcome context_save(struct context *context)
{
    int err = stored_save(&context->stored);
    return err ? outcome_failed(err, "write the file of group %s, %s", context->name,
                                context->stored.path)
               : OUTCOME_DONE;
}

enum outcome context_connect(struct context *context, const char *server)
{
    const struct options *shared = &context->options->shared;
    enum outcome outcome = mixes_open(&context->mixes, shared);
    if (outcome == OUTCOME_DONE)
        outcome =
            connection_open(&context->connection, server, shared, context->mixes, &context->stop);
    if (outcome != OUTCOME_DONE)
        return outcome;
    if (!context->connection.packets) {
        print("--server %s: mailboxes are reached by packets: give box+udp://HOST:PORT#KEY",
              server);
        return OUTCOME_USAGE;
    }
    int err = post_packets_open(&context->post, context->connection.packets,
                                context->connection.address.box.key, &random_system);
    return err ? outcome_failed(err, "make ready for %s", server) : OUTCOME_DONE;
}

enum outcome context_report_away(struct context *context, int err, const char *what)
{
    const struct post *post = context->post;
    if (err == -ECANCELED)
        return OUTCOME_INTERRUPTED;
    if (err == -ENOMEM)
        return outcome_failed(err, "%s", what);
    if (!context->away)
        print("cannot %s at %s: %s%s%s", what, context->stored.server,
              post->trouble ? post->trouble : err_text(err), post->advice ? ". " : "",
              post->advice ? post->advice : "");
    context->away = true;
    return err == -EACCES || err == -ENOSPC || err == -EINVAL ? OUTCOME_REFUSED : OUTCOME_SERVER;
}
