#include "run/worker.h"

#include "cli/options.h"

static int renew(struct run_options *options)
{
    int err = secret_text_renew(&options->shared.passphrase);
    if (!err)
        err = secret_text_renew(&options->shared.environment);
    return err ? err : secret_text_renew(&options->message);
}

bool worker_begin(struct first_process *first, const struct program *program,
                  struct run_options *options, enum outcome *outcome)
{
    if (options->no_linger)
        return true;
    int err = first_process_split(first);
    if (!err && first->worker > 0) {
        options_clear(program, &options->shared);
        *outcome = first_process_wait(first);
        return false;
    }
    if (!err)
        err = renew(options);
    if (err)
        *outcome = outcome_failed(err, "begin a process for the work");
    return !err;
}
