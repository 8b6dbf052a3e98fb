/* The whole program: what it is asked for on its command line, and its signals. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/secret.h"
#include "base/standard_streams.h"
#include "base/version.h"
#include "daemon/health_probe.h"
#include "daemon/key_file.h"
#include "daemon/program.h"
#include "daemon/signals.h"
#include "mix/app.h"
#include "mix/help.h"
#include "mix/identity.h"
#include "mix/key_command.h"
#include "mix/net_reader.h"

/* What is wrong is not told to somebody who asks for help. */
static int read_config(void *context, const struct settings_sources *sources, bool is_key,
                       FILE *complaints)
{
    struct mix_config *config = context;
    int err = mix_config_read(config, sources, complaints);
    config->key = is_key;
    if (!is_key && (config->name.text[0] || config->host.text[0])) {
        fprintf(complaints, "--%s is for reunion-mix key; see --help\n",
                config->name.text[0] ? "name" : "host");
        err = -EINVAL;
    }
    log_set_level((enum log_level)config->log_level);
    return config->help || config->version ? 0 : err;
}

static enum mix_exit_code read_settings(struct mix_config *config, int argc, char *const *argv)
{
    int err = program_read_settings("reunion-mix", argc, argv, read_config, config);
    return !err ? MIX_EXIT_STOPPED : err == -EINVAL ? MIX_EXIT_SETTINGS : MIX_EXIT_RESOURCES;
}

/* Returns: whether the key is there and good, or not there yet. */
static bool check_key(const struct mix_config *config, FILE *complaints)
{
    struct box_identity *identity = secret_init() ? NULL : secret_alloc(sizeof *identity);
    int err = identity ? key_file_read(identity, config->key_file.text) : -ENOMEM;
    secret_free(identity);
    if (!err || err == -ENOENT)
        return true;
    fprintf(complaints, "reunion-mix: the key %s cannot be used: %s; %s\n", config->key_file.text,
            key_file_reason(err), identity_advice(err));
    return false;
}

static enum mix_exit_code check(const struct mix_config *config)
{
    struct net_file net;
    char complaint[NET_COMPLAINT_BYTES];
    bool is_good = check_key(config, stderr);
    if (net_read(&net, config->net.text, complaint)) {
        fprintf(stderr, "reunion-mix: the net file %s cannot be used: %s\n", config->net.text,
                complaint);
        is_good = false;
    }
    if (!is_good)
        return MIX_EXIT_SETTINGS;
    settings_report(&mix_settings, config, config->origins, stdout);
    return MIX_EXIT_STOPPED;
}

static enum mix_exit_code probe(const struct mix_config *config)
{
    const char *where = config->metrics_listen.text;
    if (strcmp(where, "none") == 0) {
        fputs("reunion-mix: it cannot be asked: --metrics-listen is none\n", stderr);
        return MIX_EXIT_SETTINGS;
    }
    return health_probe(where, "reunion-mix", "it cannot write tags; see its log", stderr)
               ? MIX_EXIT_RESOURCES
               : MIX_EXIT_STOPPED;
}

/* Returns: whether that was all that was asked for; then `*result` is the exit code. */
static bool answer_instead(const struct mix_config *config, const struct random_source *random,
                           enum mix_exit_code *result)
{
    program_answer_whole();
    if (config->help)
        mix_help_print(stdout);
    else if (config->version)
        printf("reunion-mix %s (commit %s)\n", version_number, version_commit);
    else if (config->check)
        *result = check(config);
    else if (config->probe)
        *result = probe(config);
    else if (config->key)
        *result = key_command(config, random, stdout, stderr);
    else
        return false;
    if (standard_streams_finish("reunion-mix") && *result == MIX_EXIT_STOPPED)
        *result = MIX_EXIT_RESOURCES;
    return true;
}

static void reread(void *app)
{
    mix_app_reread(app);
}

static enum mix_exit_code run(const struct mix_config *config, const struct clock_source *clock,
                              const struct random_source *random)
{
    sigset_t awaited = signals_await();
    struct mix_app *app;
    signals_ignore_others();
    enum mix_exit_code result = mix_app_start(&app, config, clock, random);
    if (result != MIX_EXIT_STOPPED)
        return result;
    program_wait(awaited, reread, app);
    mix_app_stop(app);
    log_line(LOG_INFO, "stopped", NULL);
    return MIX_EXIT_STOPPED;
}

enum mix_exit_code mix_main(int argc, char *const *argv, const struct clock_source *clock,
                            const struct random_source *random)
{
    struct mix_config config;
    if (standard_streams_open())
        return MIX_EXIT_RESOURCES;
    enum mix_exit_code result = read_settings(&config, argc, argv);
    if (result != MIX_EXIT_STOPPED || answer_instead(&config, random, &result))
        return result;
    return run(&config, clock, random);
}
