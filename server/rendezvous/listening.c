#include "rendezvous/listening.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "box/address.h"
#include "daemon/service_manager.h"
#include "rendezvous/address_file.h"

enum { CONNECTION_HEAD_BYTES = 16384, METRICS_CONNECTIONS_MAX = 16, LISTS_BURST_S = 4 };

_Static_assert((int)PROXIES_MAX >= (int)SETTING_TEXTS_MAX, "more proxies can be named than kept");

enum app_exit listening_failed(int err)
{
    log_line(LOG_ERROR, "cannot serve", "needs=\"threads, memory and descriptors\" reason=\"%s\"",
             err_reason(err));
    return APP_EXIT_RESOURCES;
}

static void note_address(const struct listening_part *part, const char *address)
{
    char key[BOX_ADDRESS_KEY_TEXT_BYTES] = "";
    if (part->key)
        box_key_print(key, part->key);
    log_line(LOG_INFO, "listening", "serving=%s address=%s%s%s", part->serving, address,
             part->key ? " key=" : "", key);
    if (part->addresses)
        address_file_add(part->addresses, address);
}

/* The system's words say what is wrong; these are for what it has no words for. */
static const char *listening_reason(int err)
{
    switch (err) {
    case -ENOSPC:
        return "too many addresses";
    case -EEXIST:
        return "something that is no socket stands there";
    case -EPROTOTYPE:
        return "the box transport needs TCP";
    default:
        return err_reason(err);
    }
}

static const char *advice_about(int err)
{
    switch (err) {
    case -EADDRINUSE:
        return " advice=\"stop what listens there, or name another address\"";
    case -EADDRNOTAVAIL:
        return " advice=\"no interface of this machine has this address: name one that it has\"";
    case -EACCES:
    case -EPERM:
        return " advice=\"name a port from 1024 on, or a socket in a folder of yours\"";
    case -ENOENT:
    case -ENOTDIR:
        return " advice=\"make the folder first\"";
    default:
        return "";
    }
}

static enum app_exit listen_on(const struct listening_part *part, const char *text)
{
    char address[ADDRESS_BYTES];
    int err = part->add(part->listener, text, address);
    if (err) {
        log_line(LOG_ERROR, "cannot listen", "address=\"%.120s\" serving=%s reason=\"%s\"%s", text,
                 part->serving, listening_reason(err), advice_about(err));
        return APP_EXIT_LISTEN;
    }
    note_address(part, address);
    return APP_EXIT_STOPPED;
}

enum app_exit listening_on_each(const struct listening_part *part,
                                const struct setting_texts *addresses)
{
    enum app_exit result = APP_EXIT_STOPPED;
    for (size_t i = 0; i < addresses->count && result == APP_EXIT_STOPPED; i++)
        result = listen_on(part, addresses->items[i].text);
    return result;
}

static enum app_exit handed_failed(int descriptor, const char *reason)
{
    log_line(LOG_ERROR, "cannot listen on what was handed over",
             "socket=\"descriptor %d of LISTEN_FDS\" reason=\"%s\"", descriptor, reason);
    return APP_EXIT_LISTEN;
}

/* There is one, so that this ends. */
static int first_closed(void)
{
    int fd = MANAGER_FIRST_SOCKET;
    while (fcntl(fd, F_GETFD) >= 0)
        fd++;
    return fd;
}

enum app_exit listening_take_handed(struct handed_sockets *handed)
{
    *handed = (struct handed_sockets){.count = 0};
    int number = manager_sockets(&handed->names);
    if (number == -EBADF)
        return handed_failed(first_closed(), err_reason(number));
    if (number < 0) {
        log_line(LOG_ERROR, "cannot listen on what was handed over",
                 "variables=\"LISTEN_FDS, LISTEN_PID\" reason=\"%s\"", err_reason(number));
        return APP_EXIT_LISTEN;
    }
    for (int i = 0; i < number; i++)
        if (!socket_listens(MANAGER_FIRST_SOCKET + i) &&
            listening_use_of(handed, i) != HANDED_PACKETS)
            return handed_failed(MANAGER_FIRST_SOCKET + i, "it is no stream socket that listens");
    handed->count = number;
    return APP_EXIT_STOPPED;
}

void listening_free_handed(struct handed_sockets *handed)
{
    manager_names_free(handed->names);
    handed->names = NULL;
}

enum handed_use listening_use_of(const struct handed_sockets *handed, int which)
{
    if (strcmp(handed->names[which], "box") != 0)
        return HANDED_API;
    return socket_takes_datagrams(MANAGER_FIRST_SOCKET + which) ? HANDED_PACKETS : HANDED_BOX;
}

int listening_count(const struct handed_sockets *handed, enum handed_use use)
{
    int count = 0;
    for (int i = 0; i < handed->count; i++)
        count += listening_use_of(handed, i) == use;
    return count;
}

enum app_exit listening_on_handed(const struct listening_part *part,
                                  const struct handed_sockets *handed)
{
    char address[ADDRESS_BYTES];
    for (int i = 0; i < handed->count; i++) {
        int fd = MANAGER_FIRST_SOCKET + i;
        if (listening_use_of(handed, i) != part->use)
            continue;
        int err = part->adopt(part->listener, fd, address);
        if (err)
            return handed_failed(fd, listening_reason(err));
        note_address(part, address);
    }
    return APP_EXIT_STOPPED;
}

/* HTTP */

static int add(void *listener, const char *text, char address[static ADDRESS_BYTES])
{
    return listener_add(listener, text, address);
}

static int adopt(void *listener, int socket, char address[static ADDRESS_BYTES])
{
    return listener_adopt(listener, socket, address);
}

/* What is handed over stands for the default, and beside what is asked for. */
static enum app_exit listen_on_each(struct listener *listener, const struct config *config,
                                    const struct handed_sockets *handed,
                                    struct address_file *addresses)
{
    const struct listening_part part = {.serving = "api",
                                        .use = HANDED_API,
                                        .addresses = addresses,
                                        .add = add,
                                        .adopt = adopt,
                                        .listener = listener};
    enum app_exit result = listening_on_handed(&part, handed);
    if (result != APP_EXIT_STOPPED ||
        (listening_count(handed, HANDED_API) > 0 && config_is_default(config, "listen")))
        return result;
    return listening_on_each(&part, &config->listen);
}

static enum app_exit no_address_file(const char *path, int err)
{
    log_line(LOG_ERROR, "cannot write the address file", "file=\"%.200s\" reason=\"%s\"", path,
             address_file_reason(err));
    return APP_EXIT_LISTEN;
}

/* The address file appears whole, once everything is listened on. */
static enum app_exit listen_on_all(struct listener *listener, const struct config *config,
                                   const struct handed_sockets *handed,
                                   const struct random_source *random)
{
    struct address_file addresses;
    const char *path = config->address_file.text;
    int err = address_file_begin(&addresses, path, random);
    if (err)
        return no_address_file(path, err);
    enum app_exit result = listen_on_each(listener, config, handed, &addresses);
    if (result == APP_EXIT_STOPPED) {
        err = address_file_finish(&addresses);
        if (err)
            result = no_address_file(path, err);
    }
    address_file_give_up(&addresses);
    return result;
}

/* T1s and links: as many at once as come in a minute. */
static struct limiter_rules a_minutes(uint64_t number, const struct config *config)
{
    return (struct limiter_rules){.per_minute = (uint32_t)number,
                                  .burst = (uint32_t)number,
                                  .clients_max = (uint32_t)config->rate_clients_max};
}

struct rates_rules listening_rates(const struct config *config)
{
    return (struct rates_rules){
        .client = {[RATE_T1] = a_minutes(config->rate_t1_max, config),
                   [RATE_LINK] = a_minutes(config->rate_link_max, config),
                   [RATE_MAILBOX] = a_minutes(config->rate_mailbox_max, config),
                   [RATE_DELIVERY] = a_minutes(config->rate_delivery_max, config),
                   [RATE_LIST] = {.per_minute = 60 * (uint32_t)config->rate_list_max,
                                  .burst = LISTS_BURST_S * (uint32_t)config->rate_list_max,
                                  .clients_max = (uint32_t)config->rate_clients_max},
                   [RATE_OTHER] = {.per_minute = 60 * (uint32_t)config->rate_max,
                                   .burst = (uint32_t)config->rate_burst,
                                   .clients_max = (uint32_t)config->rate_clients_max}},
        .all_per_minute = {[RATE_T1] = (uint32_t)config->rate_all_t1_max,
                           [RATE_LINK] = (uint32_t)config->rate_all_link_max,
                           [RATE_MAILBOX] = (uint32_t)config->rate_all_mailbox_max,
                           [RATE_DELIVERY] = (uint32_t)config->rate_all_delivery_max,
                           [RATE_OTHER] = (uint32_t)config->rate_all_max},
    };
}

static struct listener_settings settings_of(const struct config *config)
{
    struct listener_settings settings = {
        .threads = (unsigned)config->threads,
        .connections_max = config->connections_max,
        .connection_bytes = CONNECTION_HEAD_BYTES,
        .idle_s_max = (unsigned)config->idle_s_max,
        .request_ms_max = (int64_t)config->request_s_max * 1000,
        .answer_ms_max = (int64_t)config->answer_s_max * 1000,
        .socket_mode = (mode_t)config->socket_mode,
        .client_connections_max = (uint32_t)config->client_connections_max,
        .client_waits_max = (uint32_t)config->client_waiters_max,
        .waits_max = config->waiters_max,
        .rates = listening_rates(config),
    };
    for (size_t i = 0; i < config->trusted_proxies.count; i++)
        INVARIANT(proxies_add(&settings.proxies, config->trusted_proxies.items[i].text) == 0);
    return settings;
}

static enum app_exit start(struct listener *listener)
{
    int err = listener_start(listener);
    return err ? listening_failed(err) : APP_EXIT_STOPPED;
}

enum app_exit listening_start_api(struct listener **listener, const struct api *api,
                                  const struct config *config, const struct handed_sockets *handed,
                                  const struct clock_source *clock,
                                  const struct random_source *random)
{
    const struct listener_settings settings = settings_of(config);
    int err = listener_new(listener, api, &settings, clock, random);
    if (err)
        return listening_failed(err);
    enum app_exit result = listen_on_all(*listener, config, handed, random);
    return result == APP_EXIT_STOPPED ? start(*listener) : result;
}

/* Nobody has asked for this address, so a second server on one machine does without. */
static enum app_exit listen_by_default(struct listener **listener,
                                       const struct listening_part *part, const char *where)
{
    char address[ADDRESS_BYTES];
    int err = listener_add(*listener, where, address);
    if (err) {
        log_line(LOG_WARNING, "no metrics: their address cannot be listened on",
                 "address=%s reason=\"%s\" "
                 "advice=\"name another with --metrics-listen, or none\"",
                 where, listening_reason(err));
        listener_close(*listener);
        *listener = NULL;
        return APP_EXIT_STOPPED;
    }
    note_address(part, address);
    return start(*listener);
}

enum app_exit listening_start_metrics(struct listener **listener, const struct api *api,
                                      const struct config *config, const struct clock_source *clock,
                                      const struct random_source *random)
{
    struct listener_settings settings = settings_of(config);
    const char *where = config->metrics_listen.text;
    if (strcmp(where, "none") == 0 || strcmp(where, "main") == 0)
        return APP_EXIT_STOPPED;
    settings.threads = 1;
    settings.connections_max = METRICS_CONNECTIONS_MAX;
    int err = listener_new(listener, api, &settings, clock, random);
    if (err)
        return listening_failed(err);
    const struct listening_part part = {.serving = "metrics", .add = add, .listener = *listener};
    if (config_is_default(config, "metrics-listen"))
        return listen_by_default(listener, &part, where);
    enum app_exit result = listen_on(&part, where);
    return result == APP_EXIT_STOPPED ? start(*listener) : result;
}
