#include "box/greeting.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include "base/secret.h"

enum { DISCARDED_AT_ONCE = 4096 };

static void refuse(struct tunnel *tunnel)
{
    secret_pool_give(&tunnel->tunnels->secrets, tunnel->secrets);
    tunnel->secrets = NULL;
    tunnel->phase = TUNNEL_REFUSED;
}

/* A fresh connection takes so few bytes at once, or it is broken. */
static int send_cookie(int fd, const uint8_t cookie[static BOX_COOKIE_BYTES])
{
    ssize_t sent = send(fd, cookie, BOX_COOKIE_BYTES, MSG_NOSIGNAL | MSG_DONTWAIT);
    return sent == BOX_COOKIE_BYTES ? 0 : -EIO;
}

static void take_hello(struct tunnel *tunnel)
{
    const struct tunnels_settings *settings = tunnel->tunnels->settings;
    uint8_t cookie[BOX_COOKIE_BYTES];
    tunnel->secrets = secret_pool_take(&tunnel->tunnels->secrets);
    if (!tunnel->secrets ||
        box_server_start(&tunnel->secrets->handshake, cookie, settings->identity, tunnel->greeting,
                         BOX_HELLO_BYTES, settings->random) ||
        send_cookie(tunnel->network.fd, cookie))
        refuse(tunnel);
    else
        tunnel->phase = TUNNEL_VOUCH;
}

static void take_vouch(struct tunnel *tunnel)
{
    const struct tunnels_settings *settings = tunnel->tunnels->settings;
    struct tunnel_secrets *secrets = tunnel->secrets;
    uint8_t client_public[BOX_KEY_BYTES];
    const struct box_clients *admitted =
        settings->clients ? client_list_hold(settings->clients) : NULL;
    int err = box_server_finish(&secrets->handshake, &secrets->stream, client_public,
                                tunnel->greeting, BOX_VOUCH_BYTES, admitted);
    if (settings->clients)
        client_list_let_go(settings->clients);
    /* It names the client, and nobody asks who it is. */
    secret_wipe(client_public, sizeof client_public);
    if (err)
        refuse(tunnel);
    else
        tunnel->phase = TUNNEL_OPEN;
}

void greeting_read(struct tunnel *tunnel)
{
    bool vouches = tunnel->phase == TUNNEL_VOUCH;
    size_t bytes = vouches ? BOX_VOUCH_BYTES : BOX_HELLO_BYTES;
    ssize_t got = recv(tunnel->network.fd, tunnel->greeting + tunnel->greeting_bytes,
                       bytes - tunnel->greeting_bytes, MSG_DONTWAIT);
    if (got <= 0) {
        tunnel->network_ended = got == 0 || (errno != EAGAIN && errno != EINTR);
        return;
    }
    tunnel->greeting_bytes = (uint8_t)(tunnel->greeting_bytes + got);
    if (tunnel->greeting_bytes < bytes)
        return;
    tunnel->greeting_bytes = 0;
    if (vouches)
        take_vouch(tunnel);
    else
        take_hello(tunnel);
}

bool greeting_discard(struct tunnel *tunnel)
{
    uint8_t dropped[DISCARDED_AT_ONCE];
    ssize_t got = recv(tunnel->network.fd, dropped, sizeof dropped, MSG_DONTWAIT);
    return got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
}
