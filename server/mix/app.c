#include "mix/app.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/secret.h"
#include "base/version.h"
#include "box/address.h"
#include "daemon/key_file.h"
#include "daemon/service_manager.h"
#include "daemon/status_page.h"
#include "daemon/watchdog.h"
#include "mix/identity.h"
#include "mix/listener.h"
#include "mix/net_reader.h"
#include "mix/status.h"
#include "mix/tag_log.h"

struct mix_app {
    const struct mix_config *config;
    struct box_identity *identity; /* in guarded memory */
    struct net_file net;
    struct mix_listener *listener;
    struct tag_log *log;
    struct status status;
    struct status_page *page; /* NULL: there is none */
    struct watchdog watchdog;
    bool serving; /* all of the above is there */
};

/* Files */

static enum mix_exit_code take_key(struct mix_app *app, const struct random_source *random)
{
    const char *path = app->config->key_file.text;
    bool made = false;
    app->identity = secret_alloc(sizeof *app->identity);
    int err = app->identity ? identity_take(app->identity, app->config, random, &made) : -ENOMEM;
    if (!err && made)
        log_line(LOG_INFO, "made a key", "file=\"%.200s\"", path);
    if (!err)
        return MIX_EXIT_STOPPED;
    log_line(LOG_ERROR, "the key cannot be used", "file=\"%.200s\" reason=\"%s\" advice=\"%s\"",
             path, key_file_reason(err), identity_advice(err));
    return err == -ENOMEM ? MIX_EXIT_RESOURCES : MIX_EXIT_SETTINGS;
}

static void note_net(struct mix_app *app)
{
    const char *path = app->config->net.text;
    bool is_listed = false;
    for (size_t i = 0; i < app->net.mix_count; i++)
        is_listed |= memcmp(app->net.mixes[i].key, app->identity->public_key, BOX_KEY_BYTES) == 0;
    if (path[0] == '\0')
        log_line(LOG_WARNING, "there is no net file",
                 "advice=\"reunion-mix key prints this mix's line for it; name it with --net\"");
    else
        log_line(LOG_INFO, "net", "file=\"%.200s\" mixes=%zu servers=%zu", path, app->net.mix_count,
                 app->net.server_count);
    if (path[0] && !is_listed)
        log_line(LOG_WARNING, "this mix is not in the net file",
                 "file=\"%.200s\" advice=\"add the line that reunion-mix key prints\"", path);
}

static int read_net(struct mix_app *app, struct net_file *net, enum log_level level)
{
    char complaint[NET_COMPLAINT_BYTES];
    int err = net_read(net, app->config->net.text, complaint);
    /* Of a quoted value in the log, double quotes are the end. */
    for (char *quote = complaint; err && (quote = strchr(quote, '"'));)
        *quote = '\'';
    if (err)
        log_line(level, "the net file cannot be used", "file=\"%.200s\" reason=\"%s\"",
                 app->config->net.text, complaint);
    return err;
}

static const char *state_reason(int err)
{
    switch (err) {
    case -EBUSY:
        return "another mix uses it";
    case -EBADMSG:
        return "its file state was not written by this program";
    case -ENOSPC:
        return "it has more tags than --tags-max, or its disk is full";
    default:
        return err_reason(err);
    }
}

static enum mix_exit_code state_failed(const struct mix_app *app, int err)
{
    log_line(LOG_ERROR, "the state folder cannot be used", "folder=\"%.200s\" reason=\"%s\"",
             app->config->state.text, state_reason(err));
    return MIX_EXIT_STATE;
}

static enum mix_exit_code open_log(struct mix_app *app, const struct clock_source *clock)
{
    char boot_id[BOOT_ID_BYTES];
    int64_t now_s = clock_wall_s(clock);
    struct tag_log_start start = {.boot_id = boot_id, .window = mix_window_of(now_s)};
    struct tag_log_found found;
    struct node *node = mix_listener_node(app->listener);
    identity_boot_id(boot_id);
    int err = tag_log_open(&app->log, app->config->state.text, &start, node_replay(node), &found);
    if (err)
        return state_failed(app, err);
    node_set_log(node, app->log);
    log_line(LOG_INFO, "tags", "folder=\"%.200s\" kept=%zu", app->config->state.text, found.tags);
    if (found.may_lack_tags)
        log_line(LOG_WARNING, "packets are refused for a while, as tags may be lost",
                 "seconds=%lld reason=\"the machine or the folder is not as this mix left it\"",
                 (long long)((int64_t)(found.refused + 1) * MIX_WINDOW_S - now_s));
    return MIX_EXIT_STOPPED;
}

/* Listening */

static void note_address(const struct mix_app *app, const char *address)
{
    char key[BOX_ADDRESS_KEY_TEXT_BYTES];
    box_key_print(key, app->identity->public_key);
    log_line(LOG_INFO, "listening", "serving=mix address=%s key=%s", address, key);
}

static const char *listening_reason(int err)
{
    return err == -ENOSPC ? "too many addresses" : err_reason(err);
}

static enum mix_exit_code listen_on(struct mix_app *app, const char *text)
{
    char address[ADDRESS_BYTES];
    int err = mix_listener_add(app->listener, text, address);
    if (err) {
        log_line(LOG_ERROR, "cannot receive", "address=\"%.120s\" reason=\"%s\"", text,
                 listening_reason(err));
        return MIX_EXIT_LISTEN;
    }
    note_address(app, address);
    return MIX_EXIT_STOPPED;
}

static enum mix_exit_code listen_on_handed(struct mix_app *app, int count)
{
    char address[ADDRESS_BYTES];
    for (int fd = MANAGER_FIRST_SOCKET; fd < MANAGER_FIRST_SOCKET + count; fd++) {
        int err = mix_listener_adopt(app->listener, fd, address);
        if (err) {
            log_line(LOG_ERROR, "cannot receive on what was handed over",
                     "socket=\"descriptor %d of LISTEN_FDS\" reason=\"%s\"", fd,
                     err == -EINVAL ? "it is no UDP socket with an address"
                                    : listening_reason(err));
            return MIX_EXIT_LISTEN;
        }
        note_address(app, address);
    }
    return MIX_EXIT_STOPPED;
}

/* What is handed over stands for the default, and beside what is asked for. */
static enum mix_exit_code listen_on_each(struct mix_app *app, int handed)
{
    enum mix_exit_code result = listen_on_handed(app, handed);
    if (handed > 0 && mix_config_is_default(app->config, "listen"))
        return result;
    for (size_t i = 0; i < app->config->listen.count && result == MIX_EXIT_STOPPED; i++)
        result = listen_on(app, app->config->listen.items[i].text);
    return result;
}

/* Nobody has asked for the default address, so a second mix on one machine does without. */
static enum mix_exit_code no_page(const struct mix_app *app, int err)
{
    bool is_default = mix_config_is_default(app->config, "metrics-listen");
    log_line(is_default ? LOG_WARNING : LOG_ERROR, "cannot serve metrics",
             "address=\"%.120s\" reason=\"%s\"%s", app->config->metrics_listen.text,
             err == -EEXIST ? "something that is no socket stands there" : err_reason(err),
             is_default ? " advice=\"name another with --metrics-listen, or none\"" : "");
    return is_default ? MIX_EXIT_STOPPED : MIX_EXIT_LISTEN;
}

static enum mix_exit_code start_page(struct mix_app *app, const struct clock_source *clock)
{
    char address[ADDRESS_BYTES];
    const char *where = app->config->metrics_listen.text;
    if (strcmp(where, "none") == 0)
        return MIX_EXIT_STOPPED;
    app->status = (struct status){.listener = app->listener, .clock = clock};
    int err = status_page_start(&app->page, where, address, status_text, &app->status);
    if (err)
        return no_page(app, err);
    log_line(LOG_INFO, "listening", "serving=metrics address=%s", address);
    return MIX_EXIT_STOPPED;
}

static void note_unreachable(const struct mix_app *app, const char *what,
                             const struct net_node *nodes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!mix_listener_reaches(app->listener, &nodes[i].at))
            log_line(LOG_WARNING,
                     "the net file names an address of a version of IP without a "
                     "--listen",
                     "%s=%s", what, nodes[i].name);
}

/* Start and stop */

static enum mix_exit_code no_resources(int err)
{
    log_line(LOG_ERROR, "cannot start", "needs=\"threads, memory and descriptors\" reason=\"%s\"",
             err_reason(err));
    return MIX_EXIT_RESOURCES;
}

static enum mix_exit_code make_listener(struct mix_app *app, const struct clock_source *clock,
                                        const struct random_source *random)
{
    const struct mix_config *config = app->config;
    const struct node_settings settings = {
        .identity = app->identity,
        .batch = config->batch,
        .minimum = config->minimum,
        .interval_ms = (int64_t)config->interval_ms,
        .cover = config->cover == 1,
        .clients_max = config->clients_max,
        .requests_max = config->requests_max,
        .copies_max = config->copies_max,
        .tags_max = config->tags_max,
        .sessions = {.per_minute = (uint32_t)config->rate_new_max,
                     .burst = config->rate_new_max > 0 ? (uint32_t)config->rate_new_max : 1,
                     .clients_max = (uint32_t)config->rate_clients_max},
        .clock = clock,
        .random = random,
    };
    int err = mix_listener_new(&app->listener, &settings, &app->net);
    return err ? no_resources(err) : MIX_EXIT_STOPPED;
}

static bool works(void *context, int timeout_ms)
{
    struct mix_app *app = context;
    return mix_listener_look(app->listener, timeout_ms) == 0;
}

static void report_alive(void *context)
{
    (void)context;
    manager_notify_alive();
}

/* Twice within the time in which the manager wants to hear of it. */
static void report_manager(struct mix_app *app)
{
    int64_t within_ms = manager_watchdog_ms();
    manager_notify_ready();
    if (within_ms > 0 &&
        watchdog_start(&app->watchdog, (within_ms + 1) / 2, works, report_alive, app))
        log_line(LOG_WARNING, "the watchdog will not hear of this mix", NULL);
}

/* Everything in its order. Returns: as mix_app_start. */
static enum mix_exit_code start(struct mix_app *app, int handed, const struct clock_source *clock,
                                const struct random_source *random)
{
    enum mix_exit_code result = take_key(app, random);
    if (result == MIX_EXIT_STOPPED && read_net(app, &app->net, LOG_ERROR))
        result = MIX_EXIT_SETTINGS;
    if (result == MIX_EXIT_STOPPED)
        result = make_listener(app, clock, random);
    if (result == MIX_EXIT_STOPPED)
        result = open_log(app, clock);
    if (result == MIX_EXIT_STOPPED)
        result = listen_on_each(app, handed);
    if (result != MIX_EXIT_STOPPED)
        return result;
    note_net(app);
    note_unreachable(app, "mix", app->net.mixes, app->net.mix_count);
    note_unreachable(app, "server", app->net.servers, app->net.server_count);
    int err = mix_listener_start(app->listener);
    return err ? no_resources(err) : start_page(app, clock);
}

enum mix_exit_code mix_app_start(struct mix_app **started, const struct mix_config *config,
                                 const struct clock_source *clock,
                                 const struct random_source *random)
{
    char **names = NULL;
    int handed = manager_sockets(&names);
    manager_names_free(names);
    if (handed < 0) {
        log_line(LOG_ERROR, "cannot receive on what was handed over",
                 "variables=\"LISTEN_FDS, LISTEN_PID\" reason=\"%s\"", err_reason(handed));
        return MIX_EXIT_LISTEN;
    }
    struct mix_app *app = calloc(1, sizeof *app);
    if (!app || secret_init()) {
        free(app);
        return no_resources(-ENOMEM);
    }
    app->config = config;
    enum mix_exit_code result = start(app, handed, clock, random);
    if (result != MIX_EXIT_STOPPED) {
        mix_app_stop(app);
        return result;
    }
    app->serving = true;
    log_line(LOG_INFO, "ready", "version=%s", version_number);
    report_manager(app);
    *started = app;
    return MIX_EXIT_STOPPED;
}

void mix_app_reread(struct mix_app *app)
{
    struct net_file net;
    if (read_net(app, &net, LOG_ERROR) || mix_listener_set_net(app->listener, &net)) {
        log_line(LOG_WARNING, "the net stays as it was", NULL);
        return;
    }
    app->net = net;
    note_net(app);
}

void mix_app_stop(struct mix_app *app)
{
    if (app->serving)
        manager_notify_stopping();
    watchdog_stop(&app->watchdog);
    status_page_stop(app->page);
    if (app->listener)
        mix_listener_stop(app->listener);
    int err = tag_log_close(app->log);
    if (err)
        log_line(LOG_ERROR, "tags cannot be written to the disk", "folder=\"%.200s\" reason=\"%s\"",
                 app->config->state.text, err_reason(err));
    mix_listener_close(app->listener);
    secret_free(app->identity);
    free(app);
}
