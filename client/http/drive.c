#include "http/drive.h"

#include <errno.h>
#include <poll.h>

#include "base/clock.h"

enum { POLL_MS = 1000 }; /* libcurl's own timers shorten it */

static short curl_events(short events)
{
    return (short)((events & POLLIN ? CURL_WAIT_POLLIN : 0) |
                   (events & POLLOUT ? CURL_WAIT_POLLOUT : 0));
}

/* Wait until libcurl, the tunnel or the stop has something to do. */
static int wait_for_any(CURLM *multi, const struct box_tunnel *tunnel,
                        const struct stop_source *stop)
{
    struct pollfd waits[BOX_TUNNEL_WAITS_MAX];
    struct curl_waitfd extra[BOX_TUNNEL_WAITS_MAX + 1];
    unsigned count = 0;
    size_t tunnel_count = tunnel ? box_tunnel_waits(tunnel, waits) : 0;
    if (stop->fd >= 0)
        extra[count++] = (struct curl_waitfd){.fd = stop->fd, .events = CURL_WAIT_POLLIN};
    for (size_t i = 0; i < tunnel_count; i++)
        extra[count++] =
            (struct curl_waitfd){.fd = waits[i].fd, .events = curl_events(waits[i].events)};
    return curl_multi_poll(multi, extra, count, POLL_MS, NULL) == CURLM_OK ? 0 : -ENOMEM;
}

static CURLcode result_of(CURLM *multi)
{
    int left;
    const CURLMsg *message = curl_multi_info_read(multi, &left);
    INVARIANT(message && message->msg == CURLMSG_DONE);
    return message->data.result;
}

int drive(CURLM *multi, CURL *easy, struct box_tunnel *tunnel, const struct stop_source *stop,
          CURLcode *result)
{
    if (curl_multi_add_handle(multi, easy) != CURLM_OK)
        return -ENOMEM;
    for (;;) {
        int running;
        /* Asked before libcurl runs once more, which then reads whatever came before the cut. */
        bool cut = tunnel && box_tunnel_is_cut(tunnel);
        if (curl_multi_perform(multi, &running) != CURLM_OK)
            return -ENOMEM;
        if (!running) {
            *result = result_of(multi);
            return 0;
        }
        if (cut) {
            *result = CURLE_PARTIAL_FILE;
            return 0;
        }
        if (tunnel)
            box_tunnel_step(tunnel);
        if (tunnel && box_tunnel_is_cut(tunnel))
            continue;
        int err = wait_for_any(multi, tunnel, stop);
        if (err)
            return err;
        if (stop_asked(stop))
            return -ECANCELED;
        if (tunnel)
            box_tunnel_step(tunnel);
    }
}

void drive_leave(CURLM *multi, CURL *easy)
{
    INVARIANT(curl_multi_remove_handle(multi, easy) == CURLM_OK);
}

int drive_handshake(struct box_tunnel *tunnel, const struct stop_source *stop, int64_t ms)
{
    int64_t deadline_ms = clock_monotonic_ms(&clock_system) + ms;
    for (;;) {
        struct pollfd waits[BOX_TUNNEL_WAITS_MAX + 1];
        box_tunnel_step(tunnel);
        if (box_tunnel_has_greeted(tunnel) || box_tunnel_fault(tunnel, NULL) != BOX_TUNNEL_SOUND)
            return 0;
        int64_t left_ms = deadline_ms - clock_monotonic_ms(&clock_system);
        if (left_ms <= 0)
            return -ETIMEDOUT;
        size_t count = box_tunnel_waits(tunnel, waits);
        if (stop->fd >= 0)
            waits[count++] = (struct pollfd){.fd = stop->fd, .events = POLLIN};
        if (poll(waits, count, (int)(left_ms < POLL_MS ? left_ms : POLL_MS)) < 0 && errno != EINTR)
            return -ENOMEM;
        if (stop_asked(stop))
            return -ECANCELED;
    }
}
