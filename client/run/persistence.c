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
    {-ENOLCK, "what stands beside it under its name and .lock is no file"},
    {-ELOOP, "it is a link that leads nowhere"},
    {-ENOTSUP, "it was made by another version of this program"},
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
    {-ENOTSUP, "it was made by another version of this program"},
    {0, NULL},
};

/* What cannot be used is the user's to mend; the rest is this machine's. */
static enum outcome print_unusable(const char *path, int err, const struct reason *reason)
{
    while (reason->err != 0 && reason->err != err)
        reason++;
    if (reason->err == 0)
        return outcome_unusable(err, "use the file of --state, %s", path);
    print("cannot use the file of --state, %s: %s", path, reason->text);
    return OUTCOME_USAGE;
}

enum outcome persistence_look(const struct run_options *options)
{
    int err = options->state_file ? sealed_file_look(options->state_file) : 0;
    return err ? print_unusable(options->state_file, err, unusable) : OUTCOME_DONE;
}

enum outcome persistence_open(struct persistence *persistence, const struct run_options *options)
{
    *persistence = (struct persistence){.path = options->state_file};
    if (!options->state_file)
        return OUTCOME_DONE;
    const struct sealed_file_key key = {.passphrase =
                                            (const uint8_t *)options->shared.passphrase.text,
                                        .passphrase_bytes = options->shared.passphrase.bytes,
                                        .cost = sealed_file_usual_cost};
    int err = sealed_file_open(&persistence->file, options->state_file, &key, &persistence->kept,
                               &persistence->kept_bytes);
    if (err)
        return print_unusable(persistence->path, err, unusable);
    persistence->finished = persistence->kept && persistence->kept_bytes >= sizeof mark &&
                            memcmp(persistence->kept, mark, sizeof mark) == 0;
    if (persistence->finished) {
        persistence->kept_bytes -= sizeof mark;
        memmove(persistence->kept, persistence->kept + sizeof mark, persistence->kept_bytes);
    }
    return OUTCOME_DONE;
}

/* Write what was kept last, with the mark where it belongs. */
static int write_latest(const struct persistence *persistence)
{
    size_t before = persistence->finished ? sizeof mark : 0;
    uint8_t *content = secret_alloc(before + persistence->latest_bytes);
    if (!content)
        return -ENOMEM;
    memcpy(content, mark, before);
    memcpy(content + before, persistence->latest, persistence->latest_bytes);
    int err = sealed_file_write(persistence->file, content, before + persistence->latest_bytes);
    secret_free(content);
    return err;
}

static int keep(void *state, const uint8_t *kept, size_t bytes)
{
    struct persistence *persistence = state;
    uint8_t *copy = secret_alloc(bytes);
    if (!copy)
        return -ENOMEM;
    memcpy(copy, kept, bytes);
    secret_free(persistence->latest);
    persistence->latest = copy;
    persistence->latest_bytes = bytes;
    persistence->is_behind = false;
    return write_latest(persistence);
}

void persistence_finish(struct persistence *persistence)
{
    if (!persistence->file || persistence->finished)
        return;
    persistence->finished = true;
    int err = persistence->latest && !persistence->is_behind ? write_latest(persistence) : 0;
    if (err)
        print("cannot write the file of --state, %s: %s", persistence->path, err_reason(err));
}

void persistence_go_on(struct persistence *persistence)
{
    persistence->finished = false;
}

void persistence_await(struct persistence *persistence)
{
    persistence->is_behind = true;
}

struct multi_session_keeper persistence_keeper(struct persistence *persistence)
{
    return (struct multi_session_keeper){persistence->file ? keep : NULL, persistence};
}

enum outcome persistence_resume(struct persistence *persistence,
                                struct multi_session *multi_session)
{
    if (!persistence->kept)
        return OUTCOME_DONE;
    return persistence_resumed(persistence, multi_session_resume(multi_session, persistence->kept,
                                                                 persistence->kept_bytes));
}

enum outcome persistence_resumed(struct persistence *persistence, int err)
{
    secret_free(persistence->kept);
    persistence->kept = NULL;
    if (err)
        return print_unusable(persistence->path, err, unfitting);
    print("going on where the file of --state left off, %s", persistence->path);
    return OUTCOME_DONE;
}

void persistence_close(struct persistence *persistence)
{
    secret_free(persistence->kept);
    secret_free(persistence->latest);
    sealed_file_close(persistence->file);
    *persistence = (struct persistence){0};
}
