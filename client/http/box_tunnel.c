#include "http/box_tunnel.h"

#include <errno.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/secret.h"
#include "box/frame.h"
#include "http/local_connection.h"

/* A frame, or a message of the handshake, on its way in: `have` of `need` bytes. */
struct incoming {
    uint8_t bytes[BOX_FRAME_BYTES_MAX];
    size_t have, need;
    const uint8_t *content; /* opened, in `bytes`; what the local socket has not taken yet */
    size_t content_bytes;
};

/* The same on its way out: what is left of it. */
struct outgoing {
    uint8_t bytes[BOX_FRAME_BYTES_MAX];
    size_t at, left;
};

struct box_tunnel {
    int network, local; /* -1: closed, or not there yet */
    int listener;       /* for `local`; -1: before box_tunnel_offer, or when that has come */
    const struct random_source *random;
    struct box_client client;
    struct box_stream stream;
    struct incoming in;
    struct outgoing out;
    enum box_tunnel_fault fault;
    int reason;
    bool offered;     /* a local connection, to the HTTP library */
    bool greeted;     /* the Vouch is made, frames may follow */
    bool ended;       /* the server has ended its direction, and the local socket knows */
    bool unsendable;  /* the network takes no more */
    bool local_ended; /* the HTTP library has closed its end in this exchange */
    bool passed;      /* something was, in this exchange */
    bool left_over;   /* something came that the HTTP library did not read */
};

static void close_one(int *descriptor)
{
    if (*descriptor >= 0)
        close(*descriptor);
    *descriptor = -1;
}

static void close_local(struct box_tunnel *tunnel)
{
    close_one(&tunnel->local);
    close_one(&tunnel->listener);
}

static bool would_block(int number)
{
    return number == EAGAIN || number == EWOULDBLOCK || number == EINTR;
}

int box_tunnel_open(struct box_tunnel **tunnel, int network,
                    const uint8_t server_public[static BOX_KEY_BYTES],
                    const struct box_identity *own, const struct random_source *random)
{
    struct box_tunnel *opened = secret_alloc(sizeof *opened);
    if (!opened) {
        close(network);
        return -ENOMEM;
    }
    opened->network = network;
    opened->local = opened->listener = -1;
    opened->random = random;
    int err = box_client_start(&opened->client, opened->out.bytes, server_public, own, random);
    if (err) {
        box_tunnel_free(opened);
        return err;
    }
    opened->out.left = BOX_HELLO_BYTES;
    opened->in.need = BOX_COOKIE_BYTES;
    *tunnel = opened;
    return 0;
}

static void fail(struct box_tunnel *tunnel, enum box_tunnel_fault fault, int reason)
{
    tunnel->fault = fault;
    tunnel->reason = reason;
    tunnel->unsendable = true;
    tunnel->out.left = 0;
    close_one(&tunnel->network);
}

/* Out */

static bool send_network(struct box_tunnel *tunnel)
{
    struct outgoing *out = &tunnel->out;
    if (out->left == 0 || tunnel->network < 0)
        return false;
    ssize_t sent = send(tunnel->network, out->bytes + out->at, out->left, MSG_NOSIGNAL);
    if (sent >= 0) {
        out->at += (size_t)sent;
        out->left -= (size_t)sent;
        return sent > 0;
    }
    if (would_block(errno))
        return false;
    /* What came before is still to be read, and says how it ended. */
    tunnel->unsendable = true;
    out->left = 0;
    return true;
}

static void seal(struct box_tunnel *tunnel, size_t content_bytes)
{
    struct outgoing *out = &tunnel->out;
    int err = box_frame_seal(&tunnel->stream, out->bytes, out->bytes + BOX_FRAME_CONTENT_AT,
                             content_bytes);
    INVARIANT(err == 0);
    out->at = 0;
    out->left = box_frame_bytes(content_bytes);
}

/* It is read even where the network takes nothing more, so that its end is seen. */
static bool reads_local(const struct box_tunnel *tunnel)
{
    return tunnel->greeted && tunnel->out.left == 0 && tunnel->local >= 0 && !tunnel->local_ended;
}

static bool read_local(struct box_tunnel *tunnel)
{
    struct outgoing *out = &tunnel->out;
    if (!reads_local(tunnel))
        return false;
    ssize_t got =
        recv(tunnel->local, out->bytes + BOX_FRAME_CONTENT_AT, BOX_FRAME_CONTENT_BYTES_MAX, 0);
    if (got < 0 && would_block(errno))
        return false;
    tunnel->local_ended = got <= 0;
    tunnel->left_over |= got < 0; /* a reset: the library left without reading all */
    if (got > 0 && !tunnel->unsendable)
        seal(tunnel, (size_t)got);
    return true;
}

/* In */

static void take_cookie(struct box_tunnel *tunnel)
{
    struct outgoing *out = &tunnel->out;
    /* What comes before the whole Hello is sent does not answer it. */
    if (out->left > 0 || box_client_finish(&tunnel->client, &tunnel->stream, out->bytes,
                                           tunnel->in.bytes, BOX_COOKIE_BYTES, tunnel->random)) {
        fail(tunnel, BOX_TUNNEL_WRONG_KEY, 0);
        return;
    }
    out->at = 0;
    out->left = tunnel->unsendable ? 0 : BOX_VOUCH_BYTES;
    tunnel->greeted = true;
}

static void take_frame(struct box_tunnel *tunnel)
{
    struct incoming *in = &tunnel->in;
    if (box_frame_open(&tunnel->stream, &in->content, &in->content_bytes, in->bytes, in->have)) {
        fail(tunnel, BOX_TUNNEL_ALTERED, 0);
        return;
    }
    in->have = 0;
    in->need = BOX_FRAME_LENGTH_BYTES;
    if (box_stream_has_ended(&tunnel->stream)) {
        tunnel->ended = true;
        if (tunnel->local >= 0)
            shutdown(tunnel->local, SHUT_WR); /* closed from the other side already, perhaps */
    }
}

/* All that was needed has come. */
static void take(struct box_tunnel *tunnel)
{
    struct incoming *in = &tunnel->in;
    if (!tunnel->greeted) {
        take_cookie(tunnel);
        in->have = 0;
        in->need = BOX_FRAME_LENGTH_BYTES;
    } else if (in->have > BOX_FRAME_LENGTH_BYTES) {
        take_frame(tunnel);
    } else if (box_frame_measure(&tunnel->stream, &in->need, in->bytes)) {
        fail(tunnel, BOX_TUNNEL_ALTERED, 0);
    }
}

static bool reads_network(const struct box_tunnel *tunnel)
{
    return tunnel->network >= 0 && tunnel->in.content_bytes == 0 && !tunnel->ended;
}

static bool read_network(struct box_tunnel *tunnel)
{
    struct incoming *in = &tunnel->in;
    if (!reads_network(tunnel))
        return false;
    ssize_t got = recv(tunnel->network, in->bytes + in->have, in->need - in->have, 0);
    if (got < 0 && would_block(errno))
        return false;
    if (got <= 0) {
        fail(tunnel, tunnel->greeted ? BOX_TUNNEL_CUT : BOX_TUNNEL_LEFT, got < 0 ? errno : 0);
        return true;
    }
    in->have += (size_t)got;
    if (in->have == in->need)
        take(tunnel);
    return true;
}

static bool pass_on(struct box_tunnel *tunnel)
{
    struct incoming *in = &tunnel->in;
    if (in->content_bytes == 0 || tunnel->local < 0)
        return false;
    ssize_t sent = send(tunnel->local, in->content, in->content_bytes, MSG_NOSIGNAL);
    if (sent < 0 && would_block(errno))
        return false;
    if (sent < 0) { /* the HTTP library has left; read_local sees that as well */
        in->content_bytes = 0;
        tunnel->left_over = true;
        return true;
    }
    tunnel->passed = true;
    in->content += sent;
    in->content_bytes -= (size_t)sent;
    return true;
}

/* Both */

static bool take_local(struct box_tunnel *tunnel)
{
    if (tunnel->listener < 0)
        return false;
    tunnel->local = local_accept(tunnel->listener);
    if (tunnel->local < 0)
        return false;
    close_one(&tunnel->listener);
    if (tunnel->ended)
        shutdown(tunnel->local, SHUT_WR);
    return true;
}

void box_tunnel_step(struct box_tunnel *tunnel)
{
    bool moved = true;
    while (moved) {
        moved = send_network(tunnel);
        moved |= read_network(tunnel);
        moved |= take_local(tunnel);
        moved |= pass_on(tunnel);
        moved |= read_local(tunnel);
    }
    if (tunnel->fault != BOX_TUNNEL_SOUND && !tunnel->passed && tunnel->in.content_bytes == 0)
        close_local(tunnel);
}

void box_tunnel_free(struct box_tunnel *tunnel)
{
    if (!tunnel)
        return;
    close_local(tunnel);
    send_network(tunnel);
    if (tunnel->greeted && !tunnel->unsendable && tunnel->out.left == 0) {
        seal(tunnel, 0);
        send_network(tunnel);
    }
    close_one(&tunnel->network);
    secret_free(tunnel);
}

static size_t add_wait(struct pollfd *waits, size_t count, int descriptor, bool reads, bool writes)
{
    if (descriptor < 0 || (!reads && !writes))
        return count;
    waits[count] = (struct pollfd){
        .fd = descriptor, .events = (short)((reads ? POLLIN : 0) | (writes ? POLLOUT : 0))};
    return count + 1;
}

size_t box_tunnel_waits(const struct box_tunnel *tunnel, struct pollfd waits[BOX_TUNNEL_WAITS_MAX])
{
    bool sends = tunnel->out.left > 0 && tunnel->network >= 0;
    size_t count = add_wait(waits, 0, tunnel->network, reads_network(tunnel), sends);
    count = add_wait(waits, count, tunnel->listener, true, false);
    return add_wait(waits, count, tunnel->local, reads_local(tunnel), tunnel->in.content_bytes > 0);
}

bool box_tunnel_has_greeted(const struct box_tunnel *tunnel)
{
    return tunnel->greeted;
}

/* What the HTTP library has not read yet. */
static bool has_unread(const struct box_tunnel *tunnel)
{
    int unread = 0;
    return tunnel->local >= 0 && !tunnel->local_ended &&
           ioctl(tunnel->local, SIOCOUTQ, &unread) == 0 && unread > 0;
}

bool box_tunnel_is_ready(const struct box_tunnel *tunnel)
{
    bool open = tunnel->greeted && tunnel->network >= 0 && !tunnel->ended && !tunnel->unsendable;
    return open && tunnel->out.left == 0 && tunnel->in.have == 0 && tunnel->in.content_bytes == 0 &&
           !tunnel->left_over && !has_unread(tunnel);
}

enum box_tunnel_fault box_tunnel_fault(const struct box_tunnel *tunnel, int *reason)
{
    if (reason)
        *reason = tunnel->reason;
    return tunnel->fault;
}

int box_tunnel_offer(struct box_tunnel *tunnel, struct sockaddr_un *address,
                     socklen_t *address_bytes)
{
    if (tunnel->offered || local_listen(&tunnel->listener, address, address_bytes))
        return -1;
    tunnel->offered = true;
    return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

void box_tunnel_begin(struct box_tunnel *tunnel)
{
    close_local(tunnel);
    tunnel->offered = tunnel->local_ended = tunnel->passed = false;
    box_tunnel_step(tunnel);
}

bool box_tunnel_has_passed(const struct box_tunnel *tunnel)
{
    return tunnel->passed;
}

bool box_tunnel_is_cut(const struct box_tunnel *tunnel)
{
    return tunnel->fault != BOX_TUNNEL_SOUND && tunnel->local >= 0 &&
           tunnel->in.content_bytes == 0 && !has_unread(tunnel);
}
