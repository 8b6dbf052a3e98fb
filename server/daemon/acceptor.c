#include "daemon/acceptor.h"

#include <sys/eventfd.h>
#include <unistd.h>

enum { PAUSE_MS = 100, ACCEPTED_AT_ONCE_MAX = 256 };

/* Accept what has come, but not for ever: there are other sockets, and the order to stop. Returns:
 * whether to go on at once, and not for want of descriptors or memory, which others must give back
 * first. */
static bool accept_all(struct acceptor *acceptor, int listening)
{
    for (int i = 0; i < ACCEPTED_AT_ONCE_MAX; i++) {
        struct sockaddr_storage peer;
        socklen_t bytes = sizeof peer;
        int connection =
            accept4(listening, (struct sockaddr *)&peer, &bytes, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (connection >= 0)
            acceptor->take(acceptor->context, connection, (struct sockaddr *)&peer, bytes);
        else if (errno != EINTR && errno != ECONNABORTED)
            return errno == EAGAIN;
    }
    return true;
}

static void *run(void *argument)
{
    struct acceptor *acceptor = argument;
    struct pollfd *stop = &acceptor->watched[0];
    nfds_t count = (nfds_t)acceptor->socket_count + 1;
    bool pause = false;
    while (!(stop->revents & POLLIN)) {
        /* In a pause only the order to stop is listened to. */
        if (poll(acceptor->watched, pause ? 1 : count, pause ? PAUSE_MS : -1) <= 0) {
            pause = false;
            continue;
        }
        for (nfds_t i = 1; i < count && !pause; i++)
            if (acceptor->watched[i].revents)
                pause = !accept_all(acceptor, acceptor->watched[i].fd);
    }
    return NULL;
}

static void close_stop(struct acceptor *acceptor)
{
    if (acceptor->watched[0].fd >= 0)
        close(acceptor->watched[0].fd);
}

/* Returns: a free place for a socket, or NULL. */
static struct listening *next_socket(struct acceptor *acceptor)
{
    size_t count = acceptor->socket_count;
    return count < ACCEPTOR_SOCKETS_MAX ? &acceptor->sockets[count] : NULL;
}

int acceptor_listen(struct acceptor *acceptor, const char *text, mode_t mode,
                    char address[static ADDRESS_BYTES])
{
    struct listening *place = next_socket(acceptor);
    int err = place ? socket_listen(text, mode, place, address) : -ENOSPC;
    acceptor->socket_count += !err;
    return err;
}

int acceptor_adopt(struct acceptor *acceptor, int socket, char address[static ADDRESS_BYTES])
{
    struct listening *place = next_socket(acceptor);
    int err = place ? socket_adopt(socket, place, address) : -ENOSPC;
    acceptor->socket_count += !err;
    return err;
}

int acceptor_start(struct acceptor *acceptor,
                   void (*take)(void *context, int connection, const struct sockaddr *peer,
                                socklen_t bytes),
                   void *context)
{
    acceptor->take = take;
    acceptor->context = context;
    acceptor->watched[0] = (struct pollfd){eventfd(0, EFD_CLOEXEC), POLLIN, 0};
    for (size_t i = 0; i < acceptor->socket_count; i++)
        acceptor->watched[i + 1] = (struct pollfd){acceptor->sockets[i].fd, POLLIN, 0};
    if (acceptor->watched[0].fd < 0 || pthread_create(&acceptor->thread, NULL, run, acceptor)) {
        close_stop(acceptor);
        return -EAGAIN;
    }
    pthread_setname_np(acceptor->thread, "acceptor");
    acceptor->accepting = true;
    return 0;
}

void acceptor_stop(struct acceptor *acceptor)
{
    if (acceptor->accepting) {
        INVARIANT(eventfd_write(acceptor->watched[0].fd, 1) == 0);
        pthread_join(acceptor->thread, NULL);
        close_stop(acceptor);
    }
    acceptor->accepting = false;
    for (size_t i = 0; i < acceptor->socket_count; i++)
        socket_close(&acceptor->sockets[i]);
    acceptor->socket_count = 0;
}
