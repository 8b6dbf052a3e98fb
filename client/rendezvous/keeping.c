#include "rendezvous/keeping.h"

#include "base/secret.h"
#include "cli/say.h"

/* What cannot be used is the user's to mend; the rest is this machine's. */
static enum outcome say_unusable(int err)
{
    switch (err) {
    case -EBUSY:
        say("another program is using the file of --state");
        return OUTCOME_USAGE;
    case -EACCES:
        say("the file of --state was made with another passphrase, or must not be used");
        return OUTCOME_USAGE;
    case -EBADMSG:
        say("the file of --state is damaged, or something else");
        return OUTCOME_USAGE;
    case -ENOTSUP:
        say("the file of --state was made by a newer version");
        return OUTCOME_USAGE;
    case -ENOENT:
        say("there is no folder for the file of --state");
        return OUTCOME_USAGE;
    case -EINVAL:
        say("--state wants a shorter path");
        return OUTCOME_USAGE;
    default:
        say("the file of --state: %s", err_text(err));
        return OUTCOME_FAILED;
    }
}

enum outcome keeping_open(struct keeping *keeping, const struct rendezvous_options *options)
{
    *keeping = (struct keeping){0};
    if (!options->state_file)
        return OUTCOME_DONE;
    const struct sealed_file_key key = {.passphrase =
                                            (const uint8_t *)options->shared.passphrase.text,
                                        .passphrase_bytes = options->shared.passphrase.bytes,
                                        .cost = sealed_file_usual_cost};
    int err = sealed_file_open(&keeping->file, options->state_file, &key, &keeping->kept,
                               &keeping->kept_bytes);
    return err ? say_unusable(err) : OUTCOME_DONE;
}

static int keep(void *state, const uint8_t *kept, size_t bytes)
{
    const struct keeping *keeping = state;
    return sealed_file_write(keeping->file, kept, bytes);
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
    switch (err) {
    case 0:
        say("going on where the file of --state left off");
        return OUTCOME_DONE;
    case -EBUSY:
        say("the file of --state is of another --server");
        return OUTCOME_USAGE;
    case -EPERM:
        say("the file of --state is of another message");
        return OUTCOME_USAGE;
    default:
        return say_unusable(err);
    }
}

void keeping_close(struct keeping *keeping)
{
    secret_free(keeping->kept);
    sealed_file_close(keeping->file);
    *keeping = (struct keeping){0};
}
