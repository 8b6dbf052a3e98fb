#include "box/datagrams.h"

#include <poll.h>
#include <stdbool.h>
#include <string.h>

enum { ROOM_MS_MAX = 50 };

/* Room for the one of the two, aligned as the system wants it. */
union control {
    size_t align;
    uint8_t v4[CMSG_SPACE(sizeof(struct in_pktinfo))];
    uint8_t v6[CMSG_SPACE(sizeof(struct in6_pktinfo))];
};

/* What the system's calls want of a batch. */
struct vectors {
    struct mmsghdr messages[DATAGRAMS_BATCH];
    struct iovec pieces[DATAGRAMS_BATCH];
    union control controls[DATAGRAMS_BATCH];
};

int datagrams_prepare(int socket)
{
    const int on = 1;
    int domain;
    socklen_t bytes = sizeof domain;
    if (getsockopt(socket, SOL_SOCKET, SO_DOMAIN, &domain, &bytes))
        return -errno;
    int code = domain == AF_INET6
                   ? setsockopt(socket, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on)
                   : setsockopt(socket, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
    return code ? -errno : 0;
}

static void point_at(struct vectors *vectors, struct datagram *datagram, size_t i)
{
    struct msghdr *header = &vectors->messages[i].msg_hdr;
    vectors->pieces[i] = (struct iovec){datagram->data, sizeof datagram->data};
    *header = (struct msghdr){
        .msg_name = &datagram->path.peer,
        .msg_namelen = sizeof datagram->path.peer,
        .msg_iov = &vectors->pieces[i],
        .msg_iovlen = 1,
        .msg_control = &vectors->controls[i],
        .msg_controllen = sizeof vectors->controls[i],
    };
}

/* Which address the datagram came to; an interface is named only where the address needs one. */
static void take_local(struct datagram_path *path, struct msghdr *header)
{
    memset(&path->local, 0, sizeof path->local);
    for (struct cmsghdr *each = CMSG_FIRSTHDR(header); each; each = CMSG_NXTHDR(header, each)) {
        if (each->cmsg_level == IPPROTO_IP && each->cmsg_type == IP_PKTINFO) {
            memcpy(&path->local.v4, CMSG_DATA(each), sizeof path->local.v4);
            path->local.v4.ipi_ifindex = 0;
        } else if (each->cmsg_level == IPPROTO_IPV6 && each->cmsg_type == IPV6_PKTINFO) {
            memcpy(&path->local.v6, CMSG_DATA(each), sizeof path->local.v6);
            if (!IN6_IS_ADDR_LINKLOCAL(&path->local.v6.ipi6_addr))
                path->local.v6.ipi6_ifindex = 0;
        }
    }
}

void datagrams_receive(struct datagrams *batch, int socket)
{
    struct vectors vectors;
    batch->count = 0;
    for (size_t i = 0; i < DATAGRAMS_BATCH; i++)
        point_at(&vectors, &batch->items[i], i);
    int count = recvmmsg(socket, vectors.messages, DATAGRAMS_BATCH, MSG_DONTWAIT, NULL);
    for (int i = 0; i < count; i++) {
        struct datagram *datagram = &batch->items[i];
        struct msghdr *header = &vectors.messages[i].msg_hdr;
        datagram->path.socket = socket;
        datagram->bytes = header->msg_flags & MSG_TRUNC ? 0 : vectors.messages[i].msg_len;
        take_local(&datagram->path, header);
    }
    batch->count = count > 0 ? (size_t)count : 0;
}

/* The address to send from. */
static void put_local(struct msghdr *header, const struct datagram_path *path)
{
    bool is_v6 = path->peer.any.sa_family == AF_INET6;
    size_t bytes = is_v6 ? sizeof path->local.v6 : sizeof path->local.v4;
    memset(header->msg_control, 0, sizeof(union control));
    struct cmsghdr *control = header->msg_control;
    control->cmsg_level = is_v6 ? IPPROTO_IPV6 : IPPROTO_IP;
    control->cmsg_type = is_v6 ? IPV6_PKTINFO : IP_PKTINFO;
    control->cmsg_len = CMSG_LEN(bytes);
    memcpy(CMSG_DATA(control), &path->local, bytes);
    header->msg_controllen = CMSG_SPACE(bytes);
    header->msg_namelen = is_v6 ? sizeof path->peer.v6 : sizeof path->peer.v4;
}

/* Returns: whether the system has room again, which takes as long as the network does. */
static bool wait_for_room(int socket)
{
    return poll(&(struct pollfd){socket, POLLOUT, 0}, 1, ROOM_MS_MAX) == 1;
}

/* One that the system refuses is passed over, as the ones behind it are for others. */
static size_t send_run(int socket, struct mmsghdr *messages, size_t count)
{
    size_t done = 0, lost = 0;
    bool waited = false;
    while (done < count) {
        int sent = sendmmsg(socket, messages + done, (unsigned)(count - done),
                            MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent > 0) {
            done += (size_t)sent;
            continue;
        }
        if (errno == EINTR)
            continue;
        bool is_full = errno == EAGAIN || errno == ENOBUFS;
        if (is_full && !waited) {
            waited = true;
            if (wait_for_room(socket))
                continue;
        }
        size_t skipped = is_full ? count - done : 1;
        lost += skipped;
        done += skipped;
    }
    return lost;
}

size_t datagrams_send(struct datagrams *batch)
{
    struct vectors vectors;
    size_t lost = 0;
    for (size_t i = 0; i < batch->count; i++) {
        point_at(&vectors, &batch->items[i], i);
        vectors.pieces[i].iov_len = batch->items[i].bytes;
        put_local(&vectors.messages[i].msg_hdr, &batch->items[i].path);
    }
    for (size_t i = 0, end; i < batch->count; i = end) {
        int socket = batch->items[i].path.socket;
        for (end = i + 1; end < batch->count && batch->items[end].path.socket == socket;)
            end++;
        lost += send_run(socket, &vectors.messages[i], end - i);
    }
    batch->count = 0;
    return lost;
}
