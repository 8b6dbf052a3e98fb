#include "cli/keeping.h"

#include "base/secret.h"
#include "cli/narrator.h"

/* What cannot be used is the user's to mend; the rest is this machine's. */
static enum outcome say_unusable(int err)
{
    switch (err) {
    case -EBUSY:
        narrator_say("another program is using the file of --state");
        return OUTCOME_USAGE;
    case -EACCES:
        narrator_say("the file of --state was made with another passphrase, or must not be used");
        return OUTCOME_USAGE;
    case -EBADMSG:
        narrator_say("the file of --state is damaged, or something else");
        return OUTCOME_USAGE;
    case -ENOTSUP:
        narrator_say("the file of --state was made by a newer version");
        return OUTCOME_USAGE;
    case -ENOENT:
        narrator_say("there is no folder for the file of --state");
        return OUTCOME_USAGE;
    case -EINVAL:
        narrator_say("--state wants a shorter path");
        return OUTCOME_USAGE;
    default:
        narrator_say("the file of --state: %s", err_text(err));
        return OUTCOME_FAILED;
    }
}

enum outcome keeping_open(struct keeping *keeping, const struct options *options)
{
    *keeping = (struct keeping){0};
    if (!options->state_file)
        return OUTCOME_MET;
    const struct sealed_file_key key = {.passphrase = (const uint8_t *)options->passphrase.text,
                                        .passphrase_bytes = options->passphrase.bytes,
                                        .cost = sealed_file_usual_cost};
    int err = sealed_file_open(&keeping->file, options->state_file, &key, &keeping->kept,
                               &keeping->kept_bytes);
    return err ? say_unusable(err) : OUTCOME_MET;
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
        return OUTCOME_MET;
    int err = company_resume(company, keeping->kept, keeping->kept_bytes);
    secret_free(keeping->kept);
    keeping->kept = NULL;
    switch (err) {
    case 0:
        narrator_say("going on where the file of --state left off");
        return OUTCOME_MET;
    case -EBUSY:
        narrator_say("the file of --state is of another --server");
        return OUTCOME_USAGE;
    case -EPERM:
        narrator_say("the file of --state is of another message");
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
