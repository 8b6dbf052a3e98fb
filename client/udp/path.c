#include "udp/path.h"

#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

void udp_path_open(struct udp_path *path, const struct host_addresses *addresses)
{
    *path = (struct udp_path){.addresses = *addresses};
    for (size_t i = 0; i < LOOKUP_ADDRESSES_MAX; i++)
        path->sockets[i] = -1;
}

static void close_one(struct udp_path *path, size_t which)
{
    if (path->sockets[which] >= 0)
        close(path->sockets[which]);
    path->sockets[which] = -1;
}

void udp_path_close(struct udp_path *path)
{
    for (size_t i = 0; i < path->addresses.count; i++)
        close_one(path, i);
}

static void fail(struct udp_path *path, size_t which, int reason)
{
    close_one(path, which);
    path->failed[which] = true;
    path->chosen = false;
    path->reason = reason;
}

/* Returns: whether the address has a connected socket. */
static bool connect_one(struct udp_path *path, size_t which)
{
    const struct sockaddr *address = (const struct sockaddr *)&path->addresses.at[which];
    if (path->sockets[which] >= 0)
        return true;
    int made = socket(address->sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    path->sockets[which] = made;
    if (made >= 0 && connect(made, address, path->addresses.bytes[which]) == 0)
        return true;
    fail(path, which, errno);
    return false;
}

/* What a full queue of this machine drops is lost as on the way. */
static bool is_passing(int reason)
{
    return reason == EAGAIN || reason == ENOBUFS || reason == EINTR;
}

static bool send_to(struct udp_path *path, size_t which, const uint8_t *datagram, size_t bytes)
{
    if (path->failed[which] || !connect_one(path, which))
        return false;
    /* The first call may report what became of an earlier datagram. */
    for (int tries = 0; tries < 2; tries++)
        if (send(path->sockets[which], datagram, bytes, MSG_NOSIGNAL) >= 0 || is_passing(errno))
            return true;
    fail(path, which, errno);
    return false;
}

int udp_path_send(struct udp_path *path, const uint8_t *datagram, size_t bytes)
{
    for (size_t i = 0; i < path->addresses.count; i++) {
        size_t which = path->next;
        bool sent = send_to(path, which, datagram, bytes);
        if (!path->chosen)
            path->next = (which + 1) % path->addresses.count;
        if (sent)
            return 0;
    }
    return -EHOSTUNREACH;
}

int udp_path_receive(struct udp_path *path, uint8_t *datagram, size_t room, size_t *bytes,
                     size_t *from)
{
    uint8_t over;
    bool open = false;
    for (size_t i = 0; i < path->addresses.count; i++) {
        struct iovec parts[] = {{datagram, room}, {&over, 1}};
        struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
        if (path->sockets[i] < 0)
            continue;
        ssize_t read = recvmsg(path->sockets[i], &message, 0);
        if (read >= 0) {
            *bytes = (size_t)read;
            *from = i;
            return 0;
        }
        if (!is_passing(errno))
            fail(path, i, errno);
        open |= path->sockets[i] >= 0;
    }
    return open ? -EAGAIN : -ENOTCONN;
}

void udp_path_choose(struct udp_path *path, size_t from)
{
    for (size_t i = 0; i < path->addresses.count; i++)
        if (i != from)
            close_one(path, i);
    path->next = from;
    path->chosen = true;
}

size_t udp_path_waits(const struct udp_path *path, struct pollfd *waits)
{
    size_t count = 0;
    for (size_t i = 0; i < path->addresses.count; i++)
        if (path->sockets[i] >= 0)
            waits[count++] = (struct pollfd){.fd = path->sockets[i], .events = POLLIN};
    return count;
}
