#include "http/hangups.h"

#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { EVENTS_AT_ONCE = 64 };

/* Whether so much has come that the end of the connection could not come behind it. */
static bool is_ahead(int socket)
{
    int unread = 0;
    return ioctl(socket, FIONREAD, &unread) == 0 && unread > HANGUPS_AHEAD_BYTES_MAX;
}

static void look(struct hangups *hangups, int socket, uint32_t events)
{
    bool closed = events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR);
    pthread_mutex_lock(&hangups->mutex);
    if ((size_t)socket < hangups->room && hangups->subjects[socket] &&
        (closed || is_ahead(socket))) {
        /* Once is enough. */
        (void)epoll_ctl(hangups->epoll, EPOLL_CTL_DEL, socket, NULL);
        hangups->hung_up(hangups->subjects[socket]);
    }
    pthread_mutex_unlock(&hangups->mutex);
}

static void *run(void *argument)
{
    struct hangups *hangups = argument;
    for (;;) {
        struct epoll_event events[EVENTS_AT_ONCE];
        int count = epoll_wait(hangups->epoll, events, EVENTS_AT_ONCE, -1);
        for (int i = 0; i < count; i++) {
            if (events[i].data.fd == hangups->stop)
                return NULL;
            look(hangups, events[i].data.fd, events[i].events);
        }
    }
}

static void close_all(struct hangups *hangups)
{
    if (hangups->epoll >= 0)
        close(hangups->epoll);
    if (hangups->stop >= 0)
        close(hangups->stop);
}

static int add(const struct hangups *hangups, int fd, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.fd = fd};
    return epoll_ctl(hangups->epoll, EPOLL_CTL_ADD, fd, &event);
}

int hangups_start(struct hangups *hangups, void (*hung_up)(void *subject))
{
    *hangups = (struct hangups){
        .epoll = epoll_create1(EPOLL_CLOEXEC), .stop = eventfd(0, EFD_CLOEXEC), .hung_up = hung_up};
    pthread_mutex_init(&hangups->mutex, NULL);
    if (hangups->epoll < 0 || hangups->stop < 0 || add(hangups, hangups->stop, EPOLLIN) ||
        pthread_create(&hangups->thread, NULL, run, hangups)) {
        pthread_mutex_destroy(&hangups->mutex);
        close_all(hangups);
        return -EAGAIN;
    }
    pthread_setname_np(hangups->thread, "hangups");
    return 0;
}

/* Have room for a socket's number. The mutex is held. */
static int make_room(struct hangups *hangups, size_t number)
{
    if (number < hangups->room)
        return 0;
    size_t room = hangups->room ? hangups->room : 64;
    while (room <= number)
        room *= 2;
    void **grown = reallocarray(hangups->subjects, room, sizeof *grown);
    if (!grown)
        return -ENOMEM;
    for (size_t i = hangups->room; i < room; i++)
        grown[i] = NULL;
    hangups->subjects = grown;
    hangups->room = room;
    return 0;
}

int hangups_watch(struct hangups *hangups, int socket, void *subject)
{
    pthread_mutex_lock(&hangups->mutex);
    int err = make_room(hangups, (size_t)socket);
    if (!err) {
        hangups->subjects[socket] = subject;
        /* What the client sends meanwhile is the library's. */
        if (add(hangups, socket, EPOLLIN | EPOLLRDHUP | EPOLLET)) {
            hangups->subjects[socket] = NULL;
            err = -ENOMEM;
        }
    }
    pthread_mutex_unlock(&hangups->mutex);
    return err;
}

void hangups_forget(struct hangups *hangups, int socket)
{
    pthread_mutex_lock(&hangups->mutex);
    if ((size_t)socket < hangups->room && hangups->subjects[socket]) {
        hangups->subjects[socket] = NULL;
        (void)epoll_ctl(hangups->epoll, EPOLL_CTL_DEL, socket, NULL);
    }
    pthread_mutex_unlock(&hangups->mutex);
}

void hangups_stop(struct hangups *hangups)
{
    INVARIANT(eventfd_write(hangups->stop, 1) == 0);
    pthread_join(hangups->thread, NULL);
    for (size_t i = 0; i < hangups->room; i++)
        INVARIANT(!hangups->subjects[i]);
    free(hangups->subjects);
    pthread_mutex_destroy(&hangups->mutex);
    close_all(hangups);
}
