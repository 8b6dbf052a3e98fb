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
#include "daemon/signals.h"
#include "mix/app.h"
#include "mix/help.h"
#include "mix/identity.h"
#include "mix/key_command.h"
#include "mix/net_reader.h"

enum { ANSWER_BYTES_MAX = 1 << 16 };

static void complain_of_each(char *text)
{
    for (char *rest = text, *line; (line = strsep(&rest, "\n")) && *line;)
        fprintf(stderr, "reunion-mix: %s\n", line);
}

/* What is wrong is reported when everything has been read, and not to somebody who asks for help.
 */
static enum mix_exit_code read_settings(struct mix_config *config, int argc, char *const *argv)
{
    int key = argc > 1 && strcmp(argv[1], "key") == 0;
    const struct settings_sources sources = {argc - key, argv + key, environ};
    char *text = NULL;
    size_t bytes;
    FILE *complaints = open_memstream(&text, &bytes);
    if (!complaints)
        return MIX_EXIT_RESOURCES;
    int err = mix_config_read(config, &sources, complaints);
    config->key = key;
    if (!key && (config->name.text[0] || config->host.text[0])) {
        fprintf(complaints, "--%s is for reunion-mix key; see --help\n",
                config->name.text[0] ? "name" : "host");
        err = -EINVAL;
    }
    if (fclose(complaints) || !text)
        return MIX_EXIT_RESOURCES;
    bool asks_for_text = config->help || config->version;
    if (err && !asks_for_text)
        complain_of_each(text);
    free(text);
    log_set_level((enum log_level)config->log_level);
    return err && !asks_for_text ? MIX_EXIT_SETTINGS : MIX_EXIT_STOPPED;
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
    /* Whole, at the end, so that what fails then has its reason. */
    static char whole[ANSWER_BYTES_MAX];
    (void)setvbuf(stdout, whole, _IOFBF, sizeof whole);
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

static enum mix_exit_code run(const struct mix_config *config, const struct clock_source *clock,
                              const struct random_source *random)
{
    sigset_t awaited = signals_await();
    int signal_number = 0;
    struct mix_app *app;
    signals_ignore_others();
    enum mix_exit_code result = mix_app_start(&app, config, clock, random);
    if (result != MIX_EXIT_STOPPED)
        return result;
    while (sigwait(&awaited, &signal_number) || signal_number == SIGHUP)
        if (signal_number == SIGHUP)
            mix_app_reread(app);
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
