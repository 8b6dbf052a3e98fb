#include "rendezvous/box_serving.h"

#include "base/log.h"
#include "base/secret.h"
#include "daemon/key_file.h"

/* Files */

static const char *key_advice(int err)
{
    switch (err) {
    case -EKEYREJECTED:
        return "take the rights of others away (chmod 600); if they may have read it, make a new "
               "one, with a new address";
    case -EBADMSG:
        return "put the right file back, or move this one away: then a new one is made, and the "
               "address changes";
    case -EINVAL:
    case -EEXIST:
        return "name a file with --box-key";
    case -ENOENT:
    case -ENOTDIR:
        return "make its folder first, or name another file with --box-key";
    case -EACCES:
    case -EROFS:
        return "see its owner and mode, or name another file with --box-key";
    default:
        return "see the system's log";
    }
}

static enum app_exit key_failed(const char *path, int err)
{
    log_line(LOG_ERROR, "the key of the box transport cannot be used",
             "file=\"%.200s\" reason=\"%s\" advice=\"%s\"", path, key_file_reason(err),
             key_advice(err));
    return APP_EXIT_SETTINGS;
}

enum app_exit box_serving_take_key(struct box_serving *serving, const struct config *config,
                                   const struct random_source *random)
{
    const char *path = config->box_key.text;
    if (serving->identity)
        return APP_EXIT_STOPPED;
    serving->identity = secret_alloc(sizeof *serving->identity);
    if (!serving->identity)
        return key_failed(path, -ENOMEM);
    int err = key_file_read(serving->identity, path);
    if (err == -ENOENT) {
        err = key_file_make(serving->identity, path, random);
        if (!err)
            log_line(LOG_INFO, "made a key for the box transport", "file=\"%.200s\"", path);
    }
    return err ? key_failed(path, err) : APP_EXIT_STOPPED;
}

static const char *list_reason(int err)
{
    switch (err) {
    case -EBADMSG:
        return "it is no key, which is 43 characters of base64url";
    case -EFBIG:
        return "there are more than 65536 keys";
    case -EINVAL:
        return "it is no regular file";
    case -EPERM:
        return "everybody on this machine may write it: chmod o-w ends that";
    default:
        return err_reason(err);
    }
}

_Static_assert(CLIENT_LIST_KEYS_MAX == 65536, "the text says otherwise");

/* Read the list and say how that went. Returns: 0, or a negative code. */
static int read_list(struct box_serving *serving, enum log_level level)
{
    unsigned long line = 0;
    int err = client_list_read(&serving->clients, serving->clients_file, &line);
    if (err)
        log_line(level, "the list of box clients cannot be used",
                 "file=\"%.200s\" line=%lu reason=\"%s\"", serving->clients_file, line,
                 list_reason(err));
    else
        log_line(LOG_INFO, "box clients", "file=\"%.200s\" keys=%zu", serving->clients_file,
                 client_list_count(&serving->clients));
    return err;
}

bool box_serving_rereads(const struct config *config)
{
    return config->box_clients.text[0] != '\0';
}

void box_serving_reread(struct box_serving *serving)
{
    if (serving->listener && read_list(serving, LOG_ERROR))
        log_line(LOG_WARNING, "the list of box clients stays as it was", NULL);
}

int box_serving_check(const struct config *config, FILE *complaints)
{
    int err = 0;
    struct box_identity *identity = secret_init() ? NULL : secret_alloc(sizeof *identity);
    struct client_list list;
    unsigned long line = 0;
    if (!identity) {
        fputs("no memory to look at the key of the box transport\n", complaints);
        return -EINVAL;
    }
    int code = key_file_read(identity, config->box_key.text);
    if (code && code != -ENOENT) {
        fprintf(complaints, "the key of the box transport, %s, cannot be used: %s; %s\n",
                config->box_key.text, key_file_reason(code), key_advice(code));
        err = -EINVAL;
    }
    secret_free(identity);
    client_list_init(&list);
    code =
        box_serving_rereads(config) ? client_list_read(&list, config->box_clients.text, &line) : 0;
    if (code) {
        fprintf(complaints, "the list of box clients, %s, cannot be used: line %lu: %s\n",
                config->box_clients.text, line, list_reason(code));
        err = -EINVAL;
    }
    client_list_free(&list);
    return err;
}

/* Serving */

static int reserve(void *context, const struct sockaddr *peer)
{
    return listener_reserve_tunnel(context, peer);
}

static void release(void *context, const struct sockaddr *peer)
{
    listener_release_tunnel(context, peer);
}

static int serve(void *context, int socket, const struct sockaddr *peer, socklen_t bytes)
{
    return listener_serve_tunnel(context, socket, peer, bytes);
}

static int open_listener(struct box_serving *serving, struct listener *inside,
                         const struct config *config, const struct clock_source *clock,
                         const struct random_source *random)
{
    const struct box_listener_settings settings = {
        .threads = (unsigned)config->threads,
        .handshakes_max = config->box_handshakes_max,
        .handshake_ms_max = (int64_t)config->box_handshake_s_max * 1000,
        .read_ms_max = (int64_t)config->answer_s_max * 1000,
        .identity = serving->identity,
        .clients = serving->clients_file ? &serving->clients : NULL,
        .inside = {reserve, release, serve, inside},
        .clock = clock,
        .random = random,
    };
    return box_listener_new(&serving->listener, &settings);
}

static int add(void *listener, const char *text, char address[static ADDRESS_BYTES])
{
    return box_listener_add(listener, text, address);
}

static int adopt(void *listener, int socket, char address[static ADDRESS_BYTES])
{
    return box_listener_adopt(listener, socket, address);
}

static enum app_exit start_streams(struct box_serving *serving, struct listener *inside,
                                   const struct config *config, const struct handed_sockets *handed,
                                   const struct clock_source *clock,
                                   const struct random_source *random)
{
    if (box_serving_rereads(config)) {
        serving->clients_file = config->box_clients.text;
        if (read_list(serving, LOG_ERROR))
            return APP_EXIT_SETTINGS;
    }
    int err = open_listener(serving, inside, config, clock, random);
    if (err)
        return listening_failed(err);
    const struct listening_part part = {.serving = "box",
                                        .use = HANDED_BOX,
                                        .key = serving->identity->public_key,
                                        .add = add,
                                        .adopt = adopt,
                                        .listener = serving->listener};
    enum app_exit result = listening_on_handed(&part, handed);
    if (result == APP_EXIT_STOPPED)
        result = listening_on_each(&part, &config->box_listen);
    if (result != APP_EXIT_STOPPED)
        return result;
    err = box_listener_start(serving->listener);
    return err ? listening_failed(err) : APP_EXIT_STOPPED;
}

/* Whoever names one believes that it keeps somebody out. */
static enum app_exit refuse_useless_list(const struct config *config)
{
    log_line(LOG_ERROR, "the list of box clients is for nobody",
             "file=\"%.200s\" reason=\"no stream of the box transport is served\" "
             "advice=\"give --box-listen, or no --box-clients\"",
             config->box_clients.text);
    return APP_EXIT_SETTINGS;
}

enum app_exit box_serving_start(struct box_serving *serving, struct listener *inside,
                                const struct api *api, const struct config *config,
                                const struct handed_sockets *handed,
                                const struct clock_source *clock,
                                const struct random_source *random)
{
    client_list_init(&serving->clients);
    bool streams = config->box_listen.count > 0 || listening_count(handed, HANDED_BOX) > 0;
    bool packets = packet_serving_is_wanted(config, handed);
    if (!streams && !packets && box_serving_rereads(config))
        return refuse_useless_list(config);
    if (!streams && !packets)
        return APP_EXIT_STOPPED;
    enum app_exit result = box_serving_take_key(serving, config, random);
    if (result == APP_EXIT_STOPPED && streams)
        result = start_streams(serving, inside, config, handed, clock, random);
    if (result == APP_EXIT_STOPPED && packets)
        result = packet_serving_start(&serving->packets, serving->identity, api, config, handed,
                                      clock, random);
    return result;
}

int box_serving_look(struct box_serving *serving, int64_t timeout_ms)
{
    int err = serving->listener ? box_listener_look(serving->listener, timeout_ms) : 0;
    return err ? err : packet_serving_look(&serving->packets, timeout_ms);
}

void box_serving_quiesce(struct box_serving *serving)
{
    if (serving->listener)
        box_listener_quiesce(serving->listener);
    packet_serving_quiesce(&serving->packets);
}

int box_serving_drain(struct box_serving *serving, int64_t timeout_ms)
{
    return packet_serving_drain(&serving->packets, timeout_ms);
}

void box_serving_close(struct box_serving *serving, int64_t timeout_ms)
{
    packet_serving_close(&serving->packets);
    box_listener_close(serving->listener, timeout_ms);
    client_list_free(&serving->clients);
}

void box_serving_free_key(struct box_serving *serving)
{
    secret_free(serving->identity);
}
