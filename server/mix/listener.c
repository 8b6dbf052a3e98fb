#include "mix/listener.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/log.h"
#include "mix/endpoint.h"

/* Before the thread looks at the other sockets it takes at most so many batches of one. */
enum { BATCHES_AT_ONCE = 4, PUBLISH_MS = 1000 };

struct mix_listener {
    struct node *node;
    struct listening sockets[MIX_SOCKETS_MAX];
    size_t socket_count;
    int by_version[2]; /* the first socket of IP version 4, and 6 */
    struct datagrams received;
    const struct clock_source *clock;
    int wake; /* an eventfd */
    pthread_t thread;
    bool started;
    int64_t published_ms;
    bool wrote;            /* tags, when it was last looked */
    pthread_mutex_t mutex; /* of what follows */
    pthread_cond_t changed;
    uint64_t asked, looked; /* whether it lives */
    bool stopping;
    const struct net_file *net; /* that the node is to have, or NULL */
    int net_err;
    struct mix_counts counts;
};

static void send_all(void *context, struct datagrams *datagrams)
{
    struct mix_listener *listener = context;
    node_note_unsent(listener->node, datagrams_send(datagrams));
}

/* The thread */

static struct mix_counts counts_of(const struct node *node)
{
    struct mix_counts counts = {
        .tags = node_tags(node), .writes = node_writes(node), .is_listed = node_is_listed(node)};
    for (size_t i = 0; i < NODE_COUNTS; i++)
        counts.counts[i] = node_count(node, (enum node_count)i);
    return counts;
}

/* Do what others want. Returns: whether the thread is to go on. */
static bool follow_orders(struct mix_listener *listener)
{
    eventfd_t unused;
    (void)eventfd_read(listener->wake, &unused);
    pthread_mutex_lock(&listener->mutex);
    if (listener->net) {
        listener->net_err = node_set_net(listener->node, listener->net);
        listener->net = NULL;
    }
    listener->counts = counts_of(listener->node);
    listener->looked = listener->asked;
    bool goes_on = !listener->stopping;
    pthread_cond_broadcast(&listener->changed);
    pthread_mutex_unlock(&listener->mutex);
    return goes_on;
}

static void publish(struct mix_listener *listener)
{
    int64_t now_ms = clock_monotonic_ms(listener->clock);
    if (now_ms - listener->published_ms < PUBLISH_MS)
        return;
    listener->published_ms = now_ms;
    pthread_mutex_lock(&listener->mutex);
    listener->counts = counts_of(listener->node);
    pthread_mutex_unlock(&listener->mutex);
}

/* Whether tags can be written changes what becomes of packets. */
static void note_writing(struct mix_listener *listener)
{
    bool writes = node_writes(listener->node);
    if (writes == listener->wrote)
        return;
    listener->wrote = writes;
    if (writes)
        log_line(LOG_INFO, "tags are written again", NULL);
    else
        log_line(LOG_ERROR, "tags cannot be written, so packets are dropped",
                 "advice=\"see the disk of --state\"");
}

static void receive(struct mix_listener *listener, int socket)
{
    for (int i = 0; i < BATCHES_AT_ONCE; i++) {
        datagrams_receive(&listener->received, socket);
        for (size_t j = 0; j < listener->received.count; j++)
            node_take(listener->node, &listener->received.items[j]);
        node_tick(listener->node);
        if (listener->received.count < DATAGRAMS_BATCH)
            break;
    }
}

static int until_due_ms(const struct mix_listener *listener)
{
    int64_t left_ms = node_due_ms(listener->node) - clock_monotonic_ms(listener->clock);
    return left_ms < 0 ? 0 : left_ms > PUBLISH_MS ? PUBLISH_MS : (int)left_ms;
}

static void *run(void *argument)
{
    struct mix_listener *listener = argument;
    struct pollfd watched[1 + MIX_SOCKETS_MAX] = {{listener->wake, POLLIN, 0}};
    size_t count = 1 + listener->socket_count;
    bool goes_on = true;
    for (size_t i = 1; i < count; i++)
        watched[i] = (struct pollfd){listener->sockets[i - 1].fd, POLLIN, 0};
    while (goes_on) {
        bool ready = poll(watched, count, until_due_ms(listener)) > 0;
        node_tick(listener->node);
        for (size_t i = 1; i < count && ready; i++)
            if (watched[i].revents)
                receive(listener, watched[i].fd);
        note_writing(listener);
        publish(listener);
        if (ready && watched[0].revents)
            goes_on = follow_orders(listener);
    }
    node_finish(listener->node);
    return NULL;
}

static void wake(struct mix_listener *listener)
{
    INVARIANT(eventfd_write(listener->wake, 1) == 0);
}

/* Opening */

int mix_listener_new(struct mix_listener **made, const struct node_settings *settings,
                     const struct net_file *net)
{
    struct mix_listener *listener = calloc(1, sizeof *listener);
    if (!listener)
        return -ENOMEM;
    struct node_settings own = *settings;
    own.send = send_all;
    own.context = listener;
    clock_condition_init(&listener->changed);
    pthread_mutex_init(&listener->mutex, NULL);
    listener->clock = settings->clock;
    listener->wrote = true;
    listener->by_version[0] = listener->by_version[1] = -1;
    listener->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int err = listener->wake < 0 ? -EAGAIN : node_new(&listener->node, &own, net);
    if (err)
        mix_listener_close(listener);
    else
        *made = listener;
    return err;
}

struct node *mix_listener_node(struct mix_listener *listener)
{
    return listener->node;
}

/* Returns: 0, or the system's errno. */
static int begin_socket(struct mix_listener *listener)
{
    int fd = listener->sockets[listener->socket_count++].fd;
    int domain = 0;
    socklen_t bytes = sizeof domain;
    if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &bytes))
        return -errno;
    int *first = &listener->by_version[domain == AF_INET6];
    *first = *first < 0 ? fd : *first;
    return datagrams_prepare(fd);
}

int mix_listener_add(struct mix_listener *listener, const char *text,
                     char address[static ADDRESS_BYTES])
{
    if (listener->socket_count == MIX_SOCKETS_MAX)
        return -ENOSPC;
    int err = socket_open_datagrams(text, &listener->sockets[listener->socket_count], address);
    return err ? err : begin_socket(listener);
}

int mix_listener_adopt(struct mix_listener *listener, int fd, char address[static ADDRESS_BYTES])
{
    if (listener->socket_count == MIX_SOCKETS_MAX)
        return -ENOSPC;
    int err = socket_adopt_datagrams(fd, &listener->sockets[listener->socket_count], address);
    return err ? err : begin_socket(listener);
}

bool mix_listener_reaches(const struct mix_listener *listener, const struct mix_endpoint *to)
{
    struct datagram_path unused;
    return endpoint_path(&unused, to, listener->by_version);
}

int mix_listener_start(struct mix_listener *listener)
{
    node_set_sockets(listener->node, listener->by_version[0], listener->by_version[1]);
    if (pthread_create(&listener->thread, NULL, run, listener))
        return -EAGAIN;
    pthread_setname_np(listener->thread, "mix");
    listener->started = true;
    return 0;
}

/* While it runs */

/* Returns: 0 when the thread has done what was asked until now, -EAGAIN. */
static int wait_for_thread(struct mix_listener *listener, const struct timespec *until)
{
    int code = 0;
    uint64_t wanted = ++listener->asked;
    wake(listener);
    while (listener->looked < wanted && code == 0)
        code = until ? pthread_cond_timedwait(&listener->changed, &listener->mutex, until)
                     : pthread_cond_wait(&listener->changed, &listener->mutex);
    return listener->looked < wanted ? -EAGAIN : 0;
}

int mix_listener_look(struct mix_listener *listener, int64_t timeout_ms)
{
    struct timespec until = clock_deadline(timeout_ms);
    pthread_mutex_lock(&listener->mutex);
    int err = wait_for_thread(listener, &until);
    pthread_mutex_unlock(&listener->mutex);
    return err;
}

int mix_listener_set_net(struct mix_listener *listener, const struct net_file *net)
{
    pthread_mutex_lock(&listener->mutex);
    listener->net = net;
    int err = wait_for_thread(listener, NULL);
    INVARIANT(!err);
    err = listener->net_err;
    pthread_mutex_unlock(&listener->mutex);
    return err;
}

struct mix_counts mix_listener_counts(struct mix_listener *listener)
{
    pthread_mutex_lock(&listener->mutex);
    struct mix_counts counts = listener->counts;
    pthread_mutex_unlock(&listener->mutex);
    return counts;
}

/* Stopping */

static void stop_thread(struct mix_listener *listener)
{
    pthread_mutex_lock(&listener->mutex);
    listener->stopping = true;
    pthread_mutex_unlock(&listener->mutex);
    wake(listener);
    pthread_join(listener->thread, NULL);
}

void mix_listener_stop(struct mix_listener *listener)
{
    if (listener->started)
        stop_thread(listener);
    listener->started = false;
}

void mix_listener_close(struct mix_listener *listener)
{
    if (!listener)
        return;
    mix_listener_stop(listener);
    for (size_t i = 0; i < listener->socket_count; i++)
        socket_close(&listener->sockets[i]);
    node_free(listener->node);
    if (listener->wake >= 0)
        close(listener->wake);
    pthread_cond_destroy(&listener->changed);
    pthread_mutex_destroy(&listener->mutex);
    free(listener);
}
