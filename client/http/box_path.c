#include "http/box_path.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "http/drive.h"

struct box_path {
    const struct http_settings *settings;
    CURL *dial;
    uint8_t server_public[BOX_KEY_BYTES];
    struct box_tunnel *tunnel; /* of the exchange, and then kept; or NULL */
    bool was_kept, was_stale;
    char error[CURL_ERROR_SIZE];
};

enum {
    HANDSHAKE_MS_MAX = 10 * 1000,
    PROXIED_HANDSHAKE_MS_MAX = 30 * 1000,
};

/* libcurl wants to connect, and connects to the address that it finds here afterwards; that has the
 * room of a sockaddr_storage. */
static curl_socket_t give_local(void *state, curlsocktype purpose, struct curl_sockaddr *address)
{
    (void)purpose;
    struct box_path *path = state;
    struct sockaddr_un at;
    socklen_t bytes;
    int local = path->tunnel ? box_tunnel_offer(path->tunnel, &at, &bytes) : -1;
    if (local < 0)
        return CURL_SOCKET_BAD;
    memcpy(&address->addr, &at, bytes);
    address->addrlen = bytes;
    return local;
}

/* With a path for a socket libcurl looks up no name; that path itself is never opened. */
static CURLcode set_http(CURL *easy, struct box_path *path)
{
    return curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, "box") |
           curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, give_local) |
           curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, path);
}

static CURLcode set_dial(CURL *dial, struct box_path *path, const struct box_address *address)
{
    char url[BOX_ADDRESS_HOST_BYTES + sizeof "http://[]:65535"];
    bool bracketed = strchr(address->host, ':') != NULL;
    snprintf(url, sizeof url, "http://%s%s%s:%u", bracketed ? "[" : "", address->host,
             bracketed ? "]" : "", (unsigned)address->port);
    return curl_easy_setopt(dial, CURLOPT_URL, url) |
           curl_easy_setopt(dial, CURLOPT_CONNECT_ONLY, 1L) |
           curl_easy_setopt(dial, CURLOPT_FRESH_CONNECT, 1L) |
           curl_easy_setopt(dial, CURLOPT_ERRORBUFFER, path->error);
}

int box_path_open(struct box_path **path, CURL *easy, CURL *dial,
                  const struct server_address *address, const struct http_settings *settings)
{
    struct box_path *opened = calloc(1, sizeof *opened);
    if (!opened)
        return -ENOMEM;
    opened->settings = settings;
    memcpy(opened->server_public, address->box.key, sizeof opened->server_public);
    if (set_http(easy, opened) | set_dial(dial, opened, &address->box)) {
        free(opened);
        return -EIO;
    }
    opened->dial = dial;
    *path = opened;
    return 0;
}

void box_path_free(struct box_path *path)
{
    if (!path)
        return;
    box_tunnel_free(path->tunnel);
    curl_easy_cleanup(path->dial);
    free(path);
}

/* Give a failure of the handshake its words. */
static void explain(struct failure *failure, enum box_tunnel_fault fault, int reason)
{
    static const char which[] =
        "Are host, port and key of the address those that the server's operator hands out?";
    *failure = (struct failure){.err = -EHOSTUNREACH, .advice = which};
    if (fault == BOX_TUNNEL_WRONG_KEY) {
        failure->certain = true;
        failure->advice = "Somebody may be in between, or the server has another key now; ask the "
                          "operator for the right address.";
        snprintf(failure->text, sizeof failure->text,
                 "what answers does not have the key of the address");
    } else if (fault == BOX_TUNNEL_LEFT) {
        snprintf(failure->text, sizeof failure->text,
                 "the connection was closed without an answer to the key of the address%s%s",
                 reason ? ": " : "", reason ? strerror(reason) : "");
    } else {
        snprintf(failure->text, sizeof failure->text,
                 "something takes the connection, but does not answer to the key of the address");
    }
}

static int explain_no_socket(struct failure *failure)
{
    *failure = (struct failure){.err = -EHOSTUNREACH, .advice = "Are too many files open?"};
    snprintf(failure->text, sizeof failure->text, "this machine gives no more sockets");
    return failure->err;
}

/* Connect. Returns: 0 and a socket, which is the caller's; otherwise as box_path_ready. */
static int dial(struct box_path *path, CURLM *multi, int *network, struct failure *failure)
{
    CURLcode result;
    curl_socket_t connected = CURL_SOCKET_BAD;
    path->error[0] = '\0';
    int err = drive(multi, path->dial, NULL, path->settings->stop, &result);
    if (!err && result == CURLE_OK) {
        /* libcurl closes its own descriptor when the handle leaves. */
        curl_easy_getinfo(path->dial, CURLINFO_ACTIVESOCKET, &connected);
        *network = connected == CURL_SOCKET_BAD ? -1 : fcntl(connected, F_DUPFD_CLOEXEC, 0);
        err = *network < 0 ? explain_no_socket(failure) : 0;
    } else if (!err) {
        const struct failure_path way = {
            .proxy = path->settings->proxy, .socket = "", .sent = false};
        failure_of(failure, path->dial, result, path->error, &way);
        err = failure->err;
    }
    drive_leave(multi, path->dial);
    return err;
}

static int greet(struct box_path *path, int network, struct failure *failure)
{
    const struct http_settings *settings = path->settings;
    struct box_tunnel *opened;
    int reason, err = box_tunnel_open(&opened, network, path->server_public, settings->box_client,
                                      settings->random);
    if (err == -EBADMSG) {
        explain(failure, BOX_TUNNEL_WRONG_KEY, 0);
        return failure->err;
    }
    if (err)
        return err;
    err = drive_handshake(opened, settings->stop,
                          settings->proxy ? PROXIED_HANDSHAKE_MS_MAX : HANDSHAKE_MS_MAX);
    enum box_tunnel_fault fault = box_tunnel_fault(opened, &reason);
    if (err == -ETIMEDOUT || (!err && !box_tunnel_has_greeted(opened))) {
        explain(failure, fault, reason);
        err = failure->err;
    }
    if (err)
        box_tunnel_free(opened);
    else
        path->tunnel = opened;
    return err;
}

static void give_up(struct box_path *path)
{
    box_tunnel_free(path->tunnel);
    path->tunnel = NULL;
}

int box_path_ready(struct box_path *path, CURLM *multi, bool fresh, struct box_tunnel **tunnel,
                   struct failure *failure)
{
    int network = -1, err = 0;
    if (path->tunnel)
        box_tunnel_begin(path->tunnel);
    if (fresh || (path->tunnel && !box_tunnel_is_ready(path->tunnel)))
        give_up(path);
    path->was_kept = path->tunnel;
    path->was_stale = false;
    if (!path->tunnel)
        err = dial(path, multi, &network, failure);
    if (!err && !path->tunnel)
        err = greet(path, network, failure);
    if (!err)
        *tunnel = path->tunnel;
    return err;
}

void box_path_rest(struct box_path *path, bool wanted)
{
    path->was_stale = path->was_kept && !box_tunnel_has_passed(path->tunnel);
    box_tunnel_step(path->tunnel);
    if (!wanted || !box_tunnel_is_ready(path->tunnel))
        give_up(path);
}

bool box_path_was_stale(const struct box_path *path)
{
    return path->was_stale;
}
