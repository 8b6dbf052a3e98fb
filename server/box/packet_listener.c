#include "box/packet_listener.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Before the thread looks at sockets and resumed calls again it takes at most so many batches of a
 * socket. */
enum { BATCHES_AT_ONCE = 4, SWEEP_MS = 10000 };

struct packet_listener {
    struct packet_calls calls;
    struct listening sockets[PACKET_SOCKETS_MAX];
    size_t socket_count;
    struct datagrams received;
    int wake; /* an eventfd */
    pthread_t thread;
    bool started;
    int64_t swept_ms;
    pthread_mutex_t mutex; /* of what follows */
    pthread_cond_t changed;
    uint64_t asked, looked; /* whether it lives */
    bool quiet, stopping;
    bool idle; /* it is quiet, and nothing is under way */
};

/* The thread */

struct orders {
    bool quiet, stopping;
    uint64_t asked;
};

static struct orders take_orders(struct packet_listener *listener)
{
    eventfd_t unused;
    (void)eventfd_read(listener->wake, &unused);
    pthread_mutex_lock(&listener->mutex);
    struct orders orders = {listener->quiet, listener->stopping, listener->asked};
    pthread_mutex_unlock(&listener->mutex);
    return orders;
}

static void report(struct packet_listener *listener, const struct orders *orders)
{
    pthread_mutex_lock(&listener->mutex);
    listener->looked = orders->asked;
    listener->idle = orders->quiet && packet_calls_under_way(&listener->calls) == 0;
    pthread_cond_broadcast(&listener->changed);
    pthread_mutex_unlock(&listener->mutex);
}

static void receive(struct packet_listener *listener, int socket)
{
    for (int i = 0; i < BATCHES_AT_ONCE; i++) {
        datagrams_receive(&listener->received, socket);
        for (size_t j = 0; j < listener->received.count; j++)
            packet_calls_take(&listener->calls, &listener->received.items[j]);
        if (listener->received.count < DATAGRAMS_BATCH)
            break;
    }
}

static void sweep(struct packet_listener *listener)
{
    int64_t now_ms = clock_monotonic_ms(listener->calls.settings.clock);
    if (now_ms - listener->swept_ms < SWEEP_MS)
        return;
    packet_calls_sweep(&listener->calls);
    listener->swept_ms = now_ms;
}

static void *run(void *argument)
{
    struct packet_listener *listener = argument;
    struct pollfd watched[1 + PACKET_SOCKETS_MAX] = {{listener->wake, POLLIN, 0}};
    struct orders orders = {.quiet = false};
    for (size_t i = 0; i < listener->socket_count; i++)
        watched[1 + i] = (struct pollfd){listener->sockets[i].fd, POLLIN, 0};
    while (!orders.stopping || packet_calls_under_way(&listener->calls) > 0) {
        size_t count = orders.quiet ? 1 : 1 + listener->socket_count;
        bool ordered = poll(watched, count, SWEEP_MS) > 0 && watched[0].revents;
        if (ordered)
            orders = take_orders(listener);
        packet_calls_finish(&listener->calls);
        for (size_t i = 1; i < count && !orders.quiet; i++)
            if (watched[i].revents)
                receive(listener, watched[i].fd);
        packet_calls_send(&listener->calls);
        sweep(listener);
        if (ordered)
            report(listener, &orders);
    }
    return NULL;
}

static void wake(struct packet_listener *listener)
{
    INVARIANT(eventfd_write(listener->wake, 1) == 0);
}

/* Opening */

static void init_waiting(struct packet_listener *listener)
{
    clock_condition_init(&listener->changed);
    pthread_mutex_init(&listener->mutex, NULL);
}

int packet_listener_new(struct packet_listener **made, const struct packet_calls_settings *settings)
{
    struct packet_listener *listener = calloc(1, sizeof *listener);
    if (!listener)
        return -ENOMEM;
    init_waiting(listener);
    listener->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int err = packet_calls_init(&listener->calls, settings, listener->wake);
    if (!err && listener->wake < 0)
        err = -EAGAIN;
    if (err)
        packet_listener_close(listener);
    else
        *made = listener;
    return err;
}

int packet_listener_add(struct packet_listener *listener, const char *text,
                        char address[static ADDRESS_BYTES])
{
    struct listening *socket = &listener->sockets[listener->socket_count];
    if (listener->socket_count == PACKET_SOCKETS_MAX)
        return -ENOSPC;
    int err = socket_open_datagrams(text, socket, address);
    if (err)
        return err;
    listener->socket_count++;
    return datagrams_prepare(socket->fd);
}

int packet_listener_adopt(struct packet_listener *listener, int fd,
                          char address[static ADDRESS_BYTES])
{
    struct listening *socket = &listener->sockets[listener->socket_count];
    if (listener->socket_count == PACKET_SOCKETS_MAX)
        return -ENOSPC;
    int err = socket_adopt_datagrams(fd, socket, address);
    if (err)
        return err;
    listener->socket_count++;
    return datagrams_prepare(socket->fd);
}

int packet_listener_start(struct packet_listener *listener)
{
    if (pthread_create(&listener->thread, NULL, run, listener))
        return -EAGAIN;
    pthread_setname_np(listener->thread, "packets");
    listener->started = true;
    return 0;
}

int packet_listener_look(struct packet_listener *listener, int64_t timeout_ms)
{
    struct timespec until = clock_deadline(timeout_ms);
    int code = 0;
    pthread_mutex_lock(&listener->mutex);
    uint64_t wanted = ++listener->asked;
    wake(listener);
    while (listener->looked < wanted && code == 0)
        code = pthread_cond_timedwait(&listener->changed, &listener->mutex, &until);
    int err = listener->looked < wanted ? -EAGAIN : 0;
    pthread_mutex_unlock(&listener->mutex);
    return err;
}

/* Stopping */

void packet_listener_quiesce(struct packet_listener *listener)
{
    pthread_mutex_lock(&listener->mutex);
    listener->quiet = true;
    pthread_mutex_unlock(&listener->mutex);
    wake(listener);
}

int packet_listener_drain(struct packet_listener *listener, int64_t timeout_ms)
{
    struct timespec until = clock_deadline(timeout_ms);
    int code = 0;
    pthread_mutex_lock(&listener->mutex);
    while (listener->started && !listener->idle && code == 0)
        code = pthread_cond_timedwait(&listener->changed, &listener->mutex, &until);
    int err = listener->started && !listener->idle ? -EAGAIN : 0;
    pthread_mutex_unlock(&listener->mutex);
    return err;
}

static void stop_thread(struct packet_listener *listener)
{
    pthread_mutex_lock(&listener->mutex);
    listener->quiet = listener->stopping = true;
    pthread_mutex_unlock(&listener->mutex);
    wake(listener);
    pthread_join(listener->thread, NULL);
    /* A thread that resumed the last call may still hold its mutex. */
    pthread_mutex_lock(&listener->calls.mutex);
    pthread_mutex_unlock(&listener->calls.mutex);
}

void packet_listener_close(struct packet_listener *listener)
{
    if (!listener)
        return;
    if (listener->started)
        stop_thread(listener);
    for (size_t i = 0; i < listener->socket_count; i++)
        socket_close(&listener->sockets[i]);
    packet_calls_free(&listener->calls);
    if (listener->wake >= 0)
        close(listener->wake);
    pthread_cond_destroy(&listener->changed);
    pthread_mutex_destroy(&listener->mutex);
    free(listener);
}
