#include "cli/program.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/log.h"
#include "base/secret.h"
#include "base/standard_streams.h"
#include "base/version.h"
#include "cli/credentials.h"
#include "cli/document.h"
#include "cli/inputs.h"
#include "cli/options.h"
#include "cli/print.h"

static enum outcome written(const struct program *program)
{
    return standard_streams_finish(program->name) ? OUTCOME_FAILED : OUTCOME_DONE;
}

static enum outcome show_version(const struct program *program)
{
    printf("%s %s (commit %s", program->name, version_number, version_commit);
    if (program->engine)
        printf(", CTIDH engine: %s", program->engine->name());
    printf(")\n");
    return written(program);
}

static enum outcome show_help(const struct program *program)
{
    document_help(stdout, program);
    return written(program);
}

static enum outcome do_as_wished(const struct program *program, struct options *options)
{
    if (options->help)
        return show_help(program);
    if (program->engine && !program->engine->is_as_wished())
        return OUTCOME_USAGE;
    return options->version ? show_version(program) : program->run(options);
}

/* Read what the user wants. Returns: OUTCOME_DONE and options to be cleared, or what it ends with.
 */
static enum outcome read_wishes(const struct program *program, struct options *options, int argc,
                                char **argv)
{
    char complaint[OPTIONS_COMPLAINT_BYTES];
    struct secret_text environment = {0};
    int err = secret_init();
    if (!err)
        err = credentials_take_environment(&environment);
    if (err == -EMSGSIZE) {
        print("REUNION_PASSPHRASE is over %d bytes long", SECRET_TEXT_BYTES_MAX);
        return OUTCOME_USAGE;
    }
    if (!err)
        err = options_parse(program, options, argc, argv, complaint);
    if (!err && !options->help && !options->version && inputs_check(program, options, complaint)) {
        options_clear(program, options);
        secret_text_clear(&environment);
        print("%s", complaint);
        return OUTCOME_USAGE;
    }
    if (err) {
        secret_text_clear(&environment);
        if (err != -EINVAL)
            return outcome_failed(err, "read the command line");
        print("%s", complaint);
        print("see %s --help", program->name);
        return OUTCOME_USAGE;
    }
    options->environment = environment;
    return OUTCOME_DONE;
}

/* No other program of the same user looks into this one, and no core is written. A sanitizer's
 * library looks at its own process by the same means. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define IS_LOOKED_INTO
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define IS_LOOKED_INTO
#endif
static int close_to_others(void)
{
    const struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_CORE, &none))
        return -errno;
#ifndef IS_LOOKED_INTO
    if (prctl(PR_SET_DUMPABLE, 0))
        return -errno;
#endif
    return 0;
}

int program_main(const struct program *program, int argc, char **argv)
{
    int err = standard_streams_open();
    print_as(program->name);
    if (err)
        return (int)outcome_failed(err, "open /dev/null in place of a closed descriptor");
    err = close_to_others();
    if (err)
        return (int)outcome_failed(err, "keep others from looking into the program's memory");
    struct options *options = calloc(1, program->options_bytes);
    if (!options)
        return (int)outcome_failed(-ENOMEM, "begin");
    enum outcome outcome = read_wishes(program, options, argc, argv);
    if (outcome == OUTCOME_DONE) {
        if (options->verbose)
            log_set_level(LOG_DEBUG);
        outcome = do_as_wished(program, options);
        options_clear(program, options);
    }
    free(options);
    return (int)outcome;
}
