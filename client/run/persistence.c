#include "run/persistence.h"

#include <string.h>

#include "base/secret.h"
#include "cli/print.h"

static const uint8_t mark[] = {'R', 'F', 'I', 'N', 0, 0, 0, 1};

struct reason {
    int err; /* 0: the last one */
    const char *text;
};

/* What is wrong with the file, … */
static const struct reason unusable[] = {
    {-EBUSY, "another program is using it"},
    {-EKEYREJECTED, "it was made with another passphrase"},
    {-EBADMSG, "it is damaged, or something else"},
    {-EMEDIUMTYPE, "it is no regular file"},
    {-ENOTSUP, "it was made by a newer version"},
    {-ENOENT, "there is no folder for it"},
    {0, NULL},
};

/* … and with what it holds. */
static const struct reason unfitting[] = {
    {-EBUSY, "it is of another --server"},
    {-EPERM, "it is of another message"},
    {-EXDEV, "it is of another --place, and what stands there must not be seen elsewhere; give the "
             "same one, or another file"},
    {-EINVAL, "it is of another --bucket, or of none, and whoever comes to this one would not look "
              "there; give the same one, or another file"},
    {-EBADMSG, "it is damaged, or something else"},
    {-ENOTSUP, "it was made by a newer version"},
    {0, NULL},
};

/* What cannot be used is the user's to mend; the rest is this machine's. */
static enum outcome say_unusable(const char *path, int err, const struct reason *reason)
{
    while (reason->err != 0 && reason->err != err)
        reason++;
    if (reason->err == 0)
        return outcome_unusable(err, "use the file of --state, %s", path);
    say("cannot use the file of --state, %s: %s", path, reason->text);
    return OUTCOME_USAGE;
}

enum outcome keeping_look(const struct rendezvous_options *options)
{
    int err = options->state_file ? sealed_file_look(options->state_file) : 0;
    return err ? say_unusable(options->state_file, err, unusable) : OUTCOME_DONE;
}

enum outcome keeping_open(struct keeping *keeping, const struct rendezvous_options *options)
{
    *keeping = (struct keeping){.path = options->state_file};
    if (!options->state_file)
        return OUTCOME_DONE;
    const struct sealed_file_key key = {.passphrase =
                                            (const uint8_t *)options->shared.passphrase.text,
                                        .passphrase_bytes = options->shared.passphrase.bytes,
                                        .cost = sealed_file_usual_cost};
    int err = sealed_file_open(&keeping->file, options->state_file, &key, &keeping->kept,
                               &keeping->kept_bytes);
    if (err)
        return say_unusable(keeping->path, err, unusable);
    keeping->finished = keeping->kept && keeping->kept_bytes >= sizeof mark &&
                        memcmp(keeping->kept, mark, sizeof mark) == 0;
    if (keeping->finished) {
        keeping->kept_bytes -= sizeof mark;
        memmove(keeping->kept, keeping->kept + sizeof mark, keeping->kept_bytes);
    }
    return OUTCOME_DONE;
}

/* Write what was kept last, with the mark where it belongs. */
static int write_latest(const struct keeping *keeping)
{
    size_t before = keeping->finished ? sizeof mark : 0;
    uint8_t *content = secret_alloc(before + keeping->latest_bytes);
    if (!content)
        return -ENOMEM;
    memcpy(content, mark, before);
    memcpy(content + before, keeping->latest, keeping->latest_bytes);
    int err = sealed_file_write(keeping->file, content, before + keeping->latest_bytes);
    secret_free(content);
    return err;
}

static int keep(void *state, const uint8_t *kept, size_t bytes)
{
    struct keeping *keeping = state;
    uint8_t *copy = secret_alloc(bytes);
    if (!copy)
        return -ENOMEM;
    memcpy(copy, kept, bytes);
    secret_free(keeping->latest);
    keeping->latest = copy;
    keeping->latest_bytes = bytes;
    keeping->is_behind = false;
    return write_latest(keeping);
}

void keeping_finish(struct keeping *keeping)
{
    if (!keeping->file || keeping->finished)
        return;
    keeping->finished = true;
    int err = keeping->latest && !keeping->is_behind ? write_latest(keeping) : 0;
    if (err)
        say("cannot write the file of --state, %s: %s", keeping->path, err_reason(err));
}

void keeping_go_on(struct keeping *keeping)
{
    keeping->finished = false;
}

void keeping_await(struct keeping *keeping)
{
    keeping->is_behind = true;
}

struct company_keeper keeping_keeper(struct keeping *keeping)
{
    return (struct company_keeper){keeping->file ? keep : NULL, keeping};
}

enum outcome keeping_resume(struct keeping *keeping, struct company *company)
{
    if (!keeping->kept)
        return OUTCOME_DONE;
    return keeping_resumed(keeping, company_resume(company, keeping->kept, keeping->kept_bytes));
}

enum outcome keeping_resumed(struct keeping *keeping, int err)
{
    secret_free(keeping->kept);
    keeping->kept = NULL;
    if (err)
        return say_unusable(keeping->path, err, unfitting);
    say("going on where the file of --state left off, %s", keeping->path);
    return OUTCOME_DONE;
}

void keeping_close(struct keeping *keeping)
{
    secret_free(keeping->kept);
    secret_free(keeping->latest);
    sealed_file_close(keeping->file);
    *keeping = (struct keeping){0};
}
