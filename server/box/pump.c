#include "box/pump.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Frames of one tunnel before others have their turn: an answer with a full bucket has two. */
enum { SPARE_MAX = 16, FRAMES_AT_ONCE = 4 };

/* Buffers */

static struct tunnel_buffer *take_buffer(struct tunnels *tunnels)
{
    struct tunnel_buffer *buffer = tunnels->spare;
    if (buffer) {
        tunnels->spare = buffer->next;
        tunnels->spare_count--;
    } else {
        buffer = malloc(sizeof *buffer);
        if (!buffer)
            return NULL;
    }
    buffer->at = buffer->end = buffer->content_bytes = 0;
    return buffer;
}

static void give_buffer(struct tunnels *tunnels, struct tunnel_buffer **buffer)
{
    if (*buffer && tunnels->spare_count < SPARE_MAX) {
        (*buffer)->next = tunnels->spare;
        tunnels->spare = *buffer;
        tunnels->spare_count++;
    } else {
        free(*buffer);
    }
    *buffer = NULL;
}

void pump_release(struct tunnel *tunnel)
{
    give_buffer(tunnel->tunnels, &tunnel->inward);
    give_buffer(tunnel->tunnels, &tunnel->outward);
}

void pump_free_spare(struct tunnels *tunnels)
{
    while (tunnels->spare) {
        struct tunnel_buffer *buffer = tunnels->spare;
        tunnels->spare = buffer->next;
        free(buffer);
    }
    tunnels->spare_count = 0;
}

/* Whether a call may succeed later. */
static bool is_passing(int err)
{
    return err == EAGAIN || err == EINTR;
}

/* From the network to the local end */

bool pump_is_blocked(const struct tunnel *tunnel)
{
    return tunnel->inward && tunnel->inward->content_bytes > 0;
}

/* Returns: whether all content is delivered. What the library has no ear for is dropped; its answer
 * may still be on the way. */
static bool deliver(struct tunnel *tunnel)
{
    struct tunnel_buffer *buffer = tunnel->inward;
    while (buffer->content_bytes > 0) {
        ssize_t sent = tunnel->local_deaf
                           ? (ssize_t)buffer->content_bytes
                           : send(tunnel->local.fd, buffer->content, buffer->content_bytes,
                                  MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && is_passing(errno))
            return false;
        if (sent < 0) {
            tunnel->local_deaf = true;
            continue;
        }
        buffer->content += sent;
        buffer->content_bytes -= (size_t)sent;
    }
    return true;
}

/* Open the next frame if it is there. Returns: 0, -EAGAIN (it is not), -EBADMSG. */
static int open_next(struct tunnel *tunnel)
{
    struct tunnel_buffer *buffer = tunnel->inward;
    struct box_stream *stream = &tunnel->secrets->stream;
    size_t left = buffer->end - buffer->at, frame_bytes;
    if (box_stream_has_ended(stream))
        return left > 0 ? -EBADMSG : -EAGAIN;
    if (left < BOX_FRAME_LENGTH_BYTES)
        return -EAGAIN;
    if (box_frame_measure(stream, &frame_bytes, buffer->bytes + buffer->at))
        return -EBADMSG;
    if (left < frame_bytes)
        return -EAGAIN;
    if (box_frame_open(stream, &buffer->content, &buffer->content_bytes, buffer->bytes + buffer->at,
                       frame_bytes))
        return -EBADMSG;
    buffer->at += frame_bytes;
    if (box_stream_has_ended(stream) && !tunnel->local_ended)
        (void)shutdown(tunnel->local.fd, SHUT_WR);
    return 0;
}

int pump_deliver(struct tunnel *tunnel)
{
    struct tunnel_buffer *buffer = tunnel->inward;
    int err = 0;
    while (!err && deliver(tunnel))
        err = open_next(tunnel);
    if (err && err != -EAGAIN)
        return err;
    if (buffer->content_bytes == 0 && buffer->at == buffer->end)
        give_buffer(tunnel->tunnels, &tunnel->inward);
    return 0;
}

int pump_inward(struct tunnel *tunnel)
{
    if (!tunnel->inward)
        tunnel->inward = take_buffer(tunnel->tunnels);
    struct tunnel_buffer *buffer = tunnel->inward;
    if (!buffer)
        return -ENOMEM;
    /* What is left is less than a frame, for which there is room from the beginning on. */
    buffer->end -= buffer->at;
    memmove(buffer->bytes, buffer->bytes + buffer->at, buffer->end);
    buffer->at = 0;
    ssize_t got = recv(tunnel->network.fd, buffer->bytes + buffer->end,
                       sizeof buffer->bytes - buffer->end, MSG_DONTWAIT);
    if (got < 0 && !is_passing(errno))
        return -errno;
    if (got == 0 && !box_stream_has_ended(&tunnel->secrets->stream))
        return -ECONNRESET;
    tunnel->network_ended = got == 0;
    if (got > 0)
        buffer->end += (size_t)got;
    return pump_deliver(tunnel);
}

/* From the local end to the network */

int pump_flush(struct tunnel *tunnel)
{
    struct tunnel_buffer *buffer = tunnel->outward;
    while (buffer->at < buffer->end) {
        ssize_t sent = send(tunnel->network.fd, buffer->bytes + buffer->at,
                            buffer->end - buffer->at, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0)
            return is_passing(errno) ? 0 : -errno;
        buffer->at += (size_t)sent;
    }
    give_buffer(tunnel->tunnels, &tunnel->outward);
    return 0;
}

/* Make a frame of what is there now, and send it.
 * Returns: 0, -EAGAIN (nothing is there), or what pump_outward gives. */
static int send_next(struct tunnel *tunnel)
{
    struct tunnel_buffer *buffer = tunnel->outward = take_buffer(tunnel->tunnels);
    if (!buffer)
        return -ENOMEM;
    uint8_t *content = buffer->bytes + BOX_FRAME_CONTENT_AT;
    ssize_t got = recv(tunnel->local.fd, content, BOX_FRAME_CONTENT_BYTES_MAX, MSG_DONTWAIT);
    if (got < 0 && is_passing(errno)) {
        give_buffer(tunnel->tunnels, &tunnel->outward);
        return -EAGAIN;
    }
    /* The library closed; that it had not read everything is no matter of the client's. */
    size_t bytes = got > 0 ? (size_t)got : 0;
    tunnel->local_ended = bytes == 0;
    int err = box_frame_seal(&tunnel->secrets->stream, buffer->bytes, content, bytes);
    if (err)
        return err;
    buffer->end = box_frame_bytes(bytes);
    return pump_flush(tunnel);
}

int pump_outward(struct tunnel *tunnel)
{
    int err = 0;
    for (int i = 0; i < FRAMES_AT_ONCE && !err && !tunnel->outward && !tunnel->local_ended; i++)
        err = send_next(tunnel);
    return err == -EAGAIN ? 0 : err;
}
