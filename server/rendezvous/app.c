#include "rendezvous/app_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "api/openapi.h"
#include "api/page_parts.h"
#include "api/route_table.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/standard_streams.h"
#include "base/version.h"
#include "daemon/program.h"
#include "daemon/service_manager.h"
#include "daemon/signals.h"
#include "rendezvous/advice.h"
#include "rendezvous/help.h"
#include "rendezvous/key_command.h"
#include "rendezvous/listening.h"
#include "rendezvous/probe.h"
#include "rendezvous/settings.h"
#include "store/memory.h"
#include "store/postgres.h"
#include "store/sqlite.h"

enum {
    KEYLESS_T3_MAX = 64,
};

/* The database */

static bool is_in_memory(const char *path)
{
    return strcmp(path, ":memory:") == 0;
}

/* What it is called in the log, where it is of PostgreSQL, and what that said. */
struct opening {
    char name[STORE_POSTGRES_NAME_BYTES], said[STORE_POSTGRES_NAME_BYTES];
};

static int open_store(struct store **store, const char *path, struct opening *opening)
{
    *opening = (struct opening){0};
    if (is_in_memory(path))
        return store_memory_open(store);
    if (!store_postgres_is_named(path))
        return store_sqlite_open(store, path);
    store_postgres_name(opening->name, path);
    return store_postgres_open(store, path, opening->said, sizeof opening->said);
}

static enum app_exit database_failed(const char *path, const struct opening *opening, int err)
{
    if (opening->name[0])
        log_line(LOG_ERROR, "the database cannot be used",
                 "database=\"%.200s\" reason=\"%s\" database_says=\"%.200s\" advice=\"%s\"",
                 opening->name, store_reason(err), opening->said, postgres_advice(err));
    else
        log_line(LOG_ERROR, "the database cannot be used",
                 "file=\"%.200s\" reason=\"%s\" advice=\"%s\"", path, store_reason(err),
                 file_advice(err));
    return err == -ENOMEM ? APP_EXIT_RESOURCES : APP_EXIT_DATABASE;
}

/* What is nowhere but in memory is not made less by leaving the cache. */
static size_t cache_bytes_max(const struct config *config)
{
    return is_in_memory(config->database.text) ? SIZE_MAX : config->cache_bytes_max;
}

static enum app_exit start_service(struct app *app, const struct config *config,
                                   const struct clock_source *clock,
                                   const struct random_source *random)
{
    const struct service_settings settings = {
        .rules = {.capacity = BUCKET_CAPACITY,
                  .keyless_max = BUCKET_CAPACITY / 4,
                  .open_window_s = (int64_t)config->open_window_s,
                  .lifetime_s = (int64_t)config->lifetime_s,
                  .keyless_t3_max = KEYLESS_T3_MAX,
                  .unaddressed_max = (uint32_t)config->reference_records_max,
                  .records_per_sender_max = (uint32_t)config->records_per_sender_max,
                  .buckets_max = config->buckets_max,
                  .t1_free = (uint32_t)config->t1_free,
                  .keyless_unpaid = config->reference_unpaid == 1,
                  .places_max = config->places_max,
                  .cache_bytes_max = cache_bytes_max(config)},
        .link_buckets_max = (uint32_t)config->link_buckets_max,
        .waiters_max = config->waiters_max,
        .feed_bytes_max = config->feed_bytes_max,
        .stored_bytes_max = config->stored_bytes_max,
        .mailboxes = {.mailboxes_max = config->mailboxes_max,
                      .copies_max = config->mailbox_copies_max,
                      .bytes_max = config->mailbox_bytes_max,
                      .life_s = (int64_t)config->mailbox_life_s,
                      .copy_life_s = (int64_t)config->mailbox_copy_life_s},
        .box_public = app->box.identity ? app->box.identity->public_key : NULL,
        .box_secret = app->box.identity ? app->box.identity->secret : NULL,
    };
    struct store *store = NULL;
    struct opening opening;
    int err = open_store(&store, config->database.text, &opening);
    if (!err)
        err = service_start(&app->service, &settings, store, clock, random);
    return err ? database_failed(config->database.text, &opening, err) : APP_EXIT_STOPPED;
}

/* Serving */

static int describe(struct app *app, const struct config *config, const struct clock_source *clock,
                    const struct random_source *random)
{
    bool is_metrics_on_main = strcmp(config->metrics_listen.text, "main") == 0;
    const struct reference_settings reference = {
        .buckets_max = (uint32_t)config->reference_buckets,
        .answer_bytes_max = config->reference_answer_max,
    };
    int err = reference_open(&app->reference, app->service, &reference, random);
    if (!err)
        err = metrics_new(&app->metrics, app->service, app->reference, clock, version_number);
    if (err)
        return err;
    app->bodies.limit = config->bodies_bytes_max;
    answers_init(&app->answers, config->answers_bytes_max);
    app->api = (struct api){
        .routes = route_table_main(is_metrics_on_main),
        .service = app->service,
        .reference = app->reference,
        .metrics = app->metrics,
        .openapi = &app->openapi,
        .bodies = &app->bodies,
        .answers = &app->answers,
        .server = {.name = "reunion-server",
                   .bucket_capacity = BUCKET_CAPACITY,
                   .open_window_s = config->open_window_s,
                   .lifetime_s = config->lifetime_s,
                   .wait_s_max = (uint32_t)config->wait_s_max,
                   .records_per_post_max = (uint32_t)config->records_per_post_max,
                   .records_per_sender_max = (uint32_t)config->records_per_sender_max,
                   .feed_answer_bytes_max = config->feed_bytes_max,
                   .reference_buckets = (uint32_t)config->reference_buckets,
                   .reference_body_bytes_max = config->reference_body_max},
    };
    snprintf(app->api.server.version, sizeof app->api.server.version, "%s", version_number);
    memcpy(app->api.server.salt, config->salt, SALT_BYTES);
    app->api.has_page = page_part_count > 0 && strcmp(config->page.text, "on") == 0;
    for (size_t i = 0; i < config->page_origins.count; i++)
        app->api.page_origins[app->api.page_origin_count++] = config->page_origins.items[i].text;
    app->metrics_api = app->api;
    app->metrics_api.routes = route_table_metrics();
    return openapi_make(&app->api, &app->openapi);
}

static enum app_exit not_described(int err)
{
    log_line(LOG_ERROR, "cannot describe the server", "reason=\"%s\"", err_reason(err));
    return APP_EXIT_RESOURCES;
}

/* Each connection takes a descriptor; the soft limit is often for programs of another kind. */
static void raise_descriptor_limit(const struct config *config)
{
    enum { OWN = 64 }; /* of database, sockets that are listened on, threads */
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    uint64_t wanted = (uint64_t)config->connections_max + OWN;
    if (limit.rlim_max < wanted)
        log_line(LOG_WARNING, "fewer files than connections",
                 "allowed=%ju wanted=%ju advice=\"raise the hard limit of open files, or lower "
                 "--connections-max\"",
                 (uintmax_t)limit.rlim_max, (uintmax_t)wanted);
}

/* Start and stop */

static bool works(void *context, int timeout_ms)
{
    struct app *app = context;
    return liveness_check(&app->liveness, timeout_ms) &&
           box_serving_look(&app->box, timeout_ms) == 0;
}

static void report_alive(void *context)
{
    (void)context;
    manager_notify_alive();
}

/* Twice within the time in which the manager wants to hear of it. */
static void report_manager(struct app *app)
{
    int64_t within_ms = manager_watchdog_ms();
    manager_notify_ready();
    if (within_ms > 0 &&
        watchdog_start(&app->watchdog, (within_ms + 1) / 2, works, report_alive, app))
        log_line(LOG_WARNING, "the watchdog will not be told", NULL);
}

enum app_exit app_start(struct app **started, const struct config *config,
                        const struct clock_source *clock, const struct random_source *random)
{
    struct app *app = calloc(1, sizeof *app);
    if (!app || secret_init())
        goto no_resources;
    app->stop_wait_ms_max = (int64_t)config->stop_wait_s_max * 1000;
    raise_descriptor_limit(config);
    struct handed_sockets handed;
    enum app_exit result = listening_take_handed(&handed);
    if (result == APP_EXIT_STOPPED && config->mailboxes_max > 0)
        result = box_serving_take_key(&app->box, config, random);
    if (result == APP_EXIT_STOPPED)
        result = start_service(app, config, clock, random);
    if (result == APP_EXIT_STOPPED) {
        int err = describe(app, config, clock, random);
        result =
            err ? not_described(err)
                : listening_start_api(&app->listener, &app->api, config, &handed, clock, random);
    }
    if (result == APP_EXIT_STOPPED)
        result = listening_start_metrics(&app->metrics_listener, &app->metrics_api, config, clock,
                                         random);
    if (result == APP_EXIT_STOPPED)
        result =
            box_serving_start(&app->box, app->listener, &app->api, config, &handed, clock, random);
    listening_free_handed(&handed);
    if (result != APP_EXIT_STOPPED) {
        app_stop(app);
        return result;
    }
    liveness_init(&app->liveness, app->service, app->listener);
    app->serving = true;
    log_line(LOG_INFO, "ready", "version=%s", version_number);
    report_manager(app);
    *started = app;
    return APP_EXIT_STOPPED;
no_resources:
    free(app);
    log_line(LOG_ERROR, "cannot start", "reason=\"no memory or no randomness\"");
    return APP_EXIT_RESOURCES;
}

/* Requests under way get their answers before the service ends; then whatever still waits for the
 * writer gets one too, so that the listener finds nobody waiting. */
static void stop_answering(struct app *app)
{
    listener_quiesce(app->listener);
    box_serving_quiesce(&app->box);
    service_end_waits(app->service);
    int64_t until_ms = clock_monotonic_ms(&clock_system) + app->stop_wait_ms_max;
    int err = listener_drain(app->listener, app->stop_wait_ms_max);
    int64_t left_ms = until_ms - clock_monotonic_ms(&clock_system);
    if (box_serving_drain(&app->box, left_ms > 0 ? left_ms : 0) || err)
        log_line(LOG_WARNING, "some requests were cut off", NULL);
}

void app_stop(struct app *app)
{
    if (app->serving)
        manager_notify_stopping();
    watchdog_stop(&app->watchdog);
    if (app->listener)
        stop_answering(app);
    if (app->service)
        service_stop(app->service);
    if (app->reference) {
        struct reference_counts counts = reference_counts(app->reference);
        log_line(LOG_DEBUG, "reference endpoints", "malformed=%llu dropped=%llu",
                 (unsigned long long)counts.malformed, (unsigned long long)counts.dropped);
    }
    listener_close(app->metrics_listener);
    box_serving_close(&app->box, app->stop_wait_ms_max);
    listener_close(app->listener);
    metrics_free(app->metrics);
    reference_close(app->reference);
    blob_free(&app->openapi);
    service_free(app->service);
    box_serving_free_key(&app->box);
    if (app->serving)
        liveness_free(&app->liveness);
    free(app);
}

void app_reread(struct app *app)
{
    box_serving_reread(&app->box);
}

/* The whole program */

/* What is wrong is not told to somebody who asks for help. */
static int read_config(void *context, const struct settings_sources *sources, bool is_key,
                       FILE *complaints)
{
    struct config *config = context;
    int err = config_read(config, sources, complaints);
    config->key = is_key;
    if (!is_key && (config->hosts.count > 0 || config->qr)) {
        fprintf(complaints, "--%s is for reunion-server key; see --help\n",
                config->qr ? "qr" : "host");
        err = -EINVAL;
    }
    log_set_level((enum log_level)config->log_level);
    return config->help || config->version ? 0 : err;
}

static enum app_exit read_settings(struct config *config, int argc, char *const *argv)
{
    int err = program_read_settings("reunion-server", argc, argv, read_config, config);
    return !err ? APP_EXIT_STOPPED : err == -EINVAL ? APP_EXIT_SETTINGS : APP_EXIT_RESOURCES;
}

static enum app_exit check(const struct config *config)
{
    if ((config->box_listen.count + config->box_packets.count > 0 || config->mailboxes_max > 0) &&
        box_serving_check(config, stderr))
        return APP_EXIT_SETTINGS;
    settings_report(&server_settings, config, config->origins, stdout);
    return APP_EXIT_STOPPED;
}

static enum app_exit print_page_hashes(void)
{
    if (page_part_count == 0) {
        fputs("reunion-server: it was built without the page\n", stderr);
        return APP_EXIT_SETTINGS;
    }
    fputs(page_hashes, stdout);
    return APP_EXIT_STOPPED;
}

/* Returns: whether that was all that was asked for; then `*result` is the exit code. */
static bool answer_instead(const struct config *config, enum app_exit *result)
{
    program_answer_whole();
    if (config->help)
        help_print(stdout);
    else if (config->version)
        printf("reunion-server %s (commit %s)\n", version_number, version_commit);
    else if (config->check)
        *result = check(config);
    else if (config->page_hashes)
        *result = print_page_hashes();
    else if (config->key)
        *result = key_command(config, stdout, stderr);
    else if (config->probe)
        *result = probe(config, stderr) ? APP_EXIT_RESOURCES : APP_EXIT_STOPPED;
    else
        return false;
    if (standard_streams_finish("reunion-server") && *result == APP_EXIT_STOPPED)
        *result = APP_EXIT_RESOURCES;
    return true;
}

static void reread(void *app)
{
    app_reread(app);
}

static enum app_exit run(const struct config *config, const struct clock_source *clock,
                         const struct random_source *random, const struct app_watcher *watcher)
{
    sigset_t awaited = signals_await();
    struct app *app;
    signals_ignore_others();
    enum app_exit result = app_start(&app, config, clock, random);
    if (result != APP_EXIT_STOPPED)
        return result;
    if (watcher)
        watcher->started(app);
    program_wait(awaited, box_serving_rereads(config) ? reread : NULL, app);
    if (watcher)
        watcher->stopping();
    app_stop(app);
    log_line(LOG_INFO, "stopped", NULL);
    return APP_EXIT_STOPPED;
}

enum app_exit app_main(int argc, char *const *argv, const struct clock_source *clock,
                       const struct random_source *random, const struct app_watcher *watcher)
{
    struct config config;
    if (standard_streams_open())
        return APP_EXIT_RESOURCES;
    enum app_exit result = read_settings(&config, argc, argv);
    if (result != APP_EXIT_STOPPED || answer_instead(&config, &result))
        return result;
    return run(&config, clock, random, watcher);
}
