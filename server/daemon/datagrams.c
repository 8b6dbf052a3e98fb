#include "daemon/datagrams.h"

#include <netinet/udp.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>

enum { ROOM_MS_MAX = 50 };

/* Room for an address and, in what is sent, for the size of segments; aligned as the system wants
 * it.
 */
union control {
    size_t align;
    uint8_t bytes[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(uint16_t))];
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

/* Sending */

static bool is_v6(const struct datagram_path *path)
{
    return path->peer.any.sa_family == AF_INET6;
}

static socklen_t peer_bytes(const struct datagram_path *path)
{
    return is_v6(path) ? sizeof path->peer.v6 : sizeof path->peer.v4;
}

/* Whether two go the same way. */
static bool is_same(const struct datagram *a, const struct datagram *b)
{
    return a->bytes == b->bytes && a->path.socket == b->path.socket &&
           a->path.peer.any.sa_family == b->path.peer.any.sa_family &&
           memcmp(&a->path.peer, &b->path.peer, peer_bytes(&a->path)) == 0 &&
           memcmp(&a->path.local, &b->path.local, sizeof a->path.local) == 0;
}

static void add_control(struct msghdr *header, struct cmsghdr **at, int level, int type,
                        const void *data, size_t bytes)
{
    struct cmsghdr *control = *at ? CMSG_NXTHDR(header, *at) : CMSG_FIRSTHDR(header);
    control->cmsg_level = level;
    control->cmsg_type = type;
    control->cmsg_len = CMSG_LEN(bytes);
    memcpy(CMSG_DATA(control), data, bytes);
    *at = control;
}

/* How many bytes the address to send from takes; 0: none is named. Naming the address of zeros
 * would have the system choose one even for a socket that is bound to another. */
static size_t local_bytes(const struct datagram_path *path)
{
    static const struct datagram_path none;
    if (memcmp(&path->local, &none.local, sizeof path->local) == 0)
        return 0;
    return is_v6(path) ? sizeof path->local.v6 : sizeof path->local.v4;
}

/* The address to send from, where one is named, and, of several pieces, their size. */
static void put_controls(struct msghdr *header, const struct datagram *datagram, size_t count)
{
    const struct datagram_path *path = &datagram->path;
    const uint16_t segment = (uint16_t)datagram->bytes;
    size_t bytes = local_bytes(path), used = 0;
    struct cmsghdr *at = NULL;
    memset(header->msg_control, 0, sizeof(union control));
    if (bytes > 0) {
        add_control(header, &at, is_v6(path) ? IPPROTO_IPV6 : IPPROTO_IP,
                    is_v6(path) ? IPV6_PKTINFO : IP_PKTINFO, &path->local, bytes);
        used += CMSG_SPACE(bytes);
    }
    if (count > 1) {
        add_control(header, &at, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof segment);
        used += CMSG_SPACE(sizeof segment);
    }
    header->msg_controllen = used;
}

/* Make one message of those that go the same way, up to a maximum. Returns: how many. */
static size_t point_at_run(struct vectors *vectors, size_t message, struct datagrams *batch,
                           size_t first)
{
    struct datagram *items = batch->items;
    struct msghdr *header = &vectors->messages[message].msg_hdr;
    size_t end = first;
    do {
        vectors->pieces[end] = (struct iovec){items[end].data, items[end].bytes};
        end++;
    } while (end < batch->count && is_same(&items[first], &items[end]));
    *header = (struct msghdr){
        .msg_name = &items[first].path.peer,
        .msg_namelen = peer_bytes(&items[first].path),
        .msg_iov = &vectors->pieces[first],
        .msg_iovlen = end - first,
        .msg_control = &vectors->controls[message],
        .msg_controllen = sizeof vectors->controls[message],
    };
    put_controls(header, &items[first], end - first);
    return end - first;
}

static bool is_full(int err)
{
    return err == EAGAIN || err == ENOBUFS;
}

/* Returns: whether the system has room again, which takes as long as the network does. */
static bool wait_for_room(int socket)
{
    return poll(&(struct pollfd){socket, POLLOUT, 0}, 1, ROOM_MS_MAX) == 1;
}

/* Returns: whether the system has taken a message. */
static bool send_one(int socket, const struct msghdr *header)
{
    if (sendmsg(socket, header, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
        return true;
    return is_full(errno) && wait_for_room(socket) &&
           sendmsg(socket, header, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

/* A message of several that was not taken: some ways have no segments, or none of this size.
 * Returns: how many of its pieces were not taken. */
static size_t send_pieces(int socket, const struct msghdr *header)
{
    struct msghdr one = *header;
    const struct cmsghdr *first = CMSG_FIRSTHDR(&one);
    bool names_local = first && first->cmsg_level != IPPROTO_UDP;
    size_t lost = 0;
    one.msg_iovlen = 1;
    one.msg_controllen = names_local ? CMSG_ALIGN(first->cmsg_len) : 0;
    for (size_t i = 0; i < header->msg_iovlen; i++) {
        one.msg_iov = header->msg_iov + i;
        lost += send_one(socket, &one) ? 0 : 1;
    }
    return lost;
}

/* What the system does not take at once is tried again by itself, as those behind it are for
 * others.
 */
static size_t send_messages(int socket, struct mmsghdr *messages, size_t count)
{
    size_t done = 0, lost = 0;
    while (done < count) {
        int sent = sendmmsg(socket, messages + done, (unsigned)(count - done),
                            MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent > 0) {
            done += (size_t)sent;
        } else if (sent < 0 && errno != EINTR) {
            lost += send_pieces(socket, &messages[done].msg_hdr);
            done++;
        }
    }
    return lost;
}

size_t datagrams_send(struct datagrams *batch)
{
    struct vectors vectors;
    size_t lost = 0, at = 0;
    while (at < batch->count) {
        int socket = batch->items[at].path.socket;
        size_t count = 0;
        while (at < batch->count && batch->items[at].path.socket == socket)
            at += point_at_run(&vectors, count++, batch, at);
        lost += send_messages(socket, vectors.messages, count);
    }
    batch->count = 0;
    return lost;
}
