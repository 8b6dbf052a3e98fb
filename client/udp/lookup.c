#include "udp/lookup.h"

#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"

/* DESIGN: getaddrinfo(3) cannot be interrupted, so a thread calls it. Both sides hold the lookup,
 * and the one that leaves last releases it: after a stop that is the thread, whenever the name
 * service answers. */

enum {
    ANSWER_MS_MAX = 20 * 1000,
    POLL_MS = 1000, /* for a stop without a descriptor */
    PORT_TEXT_BYTES = 8,
    HOST_BYTES = 256,
};

struct lookup {
    atomic_int holders;
    pthread_t thread;
    int done; /* eventfd: the thread has written what is below */
    char host[HOST_BYTES], port[PORT_TEXT_BYTES];
    int failed; /* EAI_… */
    struct addrinfo *found;
};

static int resolve(struct addrinfo **found, const char *host, const char *port, int flags)
{
    const struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM, .ai_flags = flags | AI_NUMERICSERV};
    return getaddrinfo(host, port, &hints, found);
}

static void leave(struct lookup *lookup)
{
    if (atomic_fetch_sub(&lookup->holders, 1) > 1)
        return;
    if (lookup->found)
        freeaddrinfo(lookup->found);
    close(lookup->done);
    free(lookup);
}

static void *ask(void *state)
{
    struct lookup *lookup = state;
    lookup->failed = resolve(&lookup->found, lookup->host, lookup->port, 0);
    if (lookup->failed)
        lookup->found = NULL;
    (void)eventfd_write(lookup->done, 1);
    leave(lookup);
    return NULL;
}

/* Returns: 0 and the lookup, whose thread is to be joined or detached, and which is the caller's to
 * leave; -ENOMEM, -EIO. */
static int begin(struct lookup **lookup, const char *host, const char *port)
{
    struct lookup *begun = calloc(1, sizeof *begun);
    if (!begun)
        return -ENOMEM;
    snprintf(begun->host, sizeof begun->host, "%s", host);
    snprintf(begun->port, sizeof begun->port, "%s", port);
    atomic_init(&begun->holders, 2);
    begun->done = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (begun->done < 0 || pthread_create(&begun->thread, NULL, ask, begun) != 0) {
        if (begun->done >= 0)
            close(begun->done);
        free(begun);
        return -EIO;
    }
    *lookup = begun;
    return 0;
}

/* Returns: 0 (it is done), -ETIMEDOUT, -ECANCELED, -EIO. */
static int wait_for(const struct lookup *lookup, const struct stop_source *stop)
{
    int64_t deadline_ms = clock_monotonic_ms(&clock_system) + ANSWER_MS_MAX;
    for (;;) {
        eventfd_t written;
        int64_t left_ms = deadline_ms - clock_monotonic_ms(&clock_system);
        struct pollfd waits[] = {{.fd = lookup->done, .events = POLLIN},
                                 {.fd = stop->fd, .events = POLLIN}};
        if (eventfd_read(lookup->done, &written) == 0)
            return 0;
        if (stop_asked(stop))
            return -ECANCELED;
        if (left_ms <= 0)
            return -ETIMEDOUT;
        if (poll(waits, 2, (int)(left_ms < POLL_MS ? left_ms : POLL_MS)) < 0 && errno != EINTR)
            return -EIO;
    }
}

static void keep(struct host_addresses *addresses, const struct addrinfo *found)
{
    addresses->count = 0;
    for (; found && addresses->count < LOOKUP_ADDRESSES_MAX; found = found->ai_next) {
        if (found->ai_addrlen > sizeof addresses->at[0])
            continue;
        memcpy(&addresses->at[addresses->count], found->ai_addr, found->ai_addrlen);
        addresses->bytes[addresses->count++] = found->ai_addrlen;
    }
}

static void keep_this_machine(struct host_addresses *addresses, uint16_t port)
{
    const struct sockaddr_in6 v6 = {
        .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = in6addr_loopback};
    const struct sockaddr_in v4 = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    memcpy(&addresses->at[0], &v6, sizeof v6);
    memcpy(&addresses->at[1], &v4, sizeof v4);
    addresses->bytes[0] = sizeof v6;
    addresses->bytes[1] = sizeof v4;
    addresses->count = 2;
}

/* Returns: 0, -ENOENT, -ETIMEDOUT, -ECANCELED, -ENOMEM, -EIO. */
static int look_up_name(struct host_addresses *addresses, const char *host, const char *port,
                        const struct stop_source *stop)
{
    struct lookup *lookup;
    int err = begin(&lookup, host, port);
    if (err)
        return err;
    err = wait_for(lookup, stop);
    if (err)
        pthread_detach(lookup->thread);
    else
        pthread_join(lookup->thread, NULL);
    if (!err && lookup->failed)
        err = lookup->failed == EAI_MEMORY ? -ENOMEM : -ENOENT;
    if (!err)
        keep(addresses, lookup->found);
    leave(lookup);
    return err;
}

int lookup_host(struct host_addresses *addresses, const char *host, uint16_t port,
                const struct stop_source *stop)
{
    struct host_addresses read = {.count = 0};
    char text[PORT_TEXT_BYTES];
    struct addrinfo *literal;
    int err = 0;
    snprintf(text, sizeof text, "%u", (unsigned)port);
    if (strcasecmp(host, "localhost") == 0) {
        keep_this_machine(&read, port);
    } else if (resolve(&literal, host, text, AI_NUMERICHOST) == 0) {
        keep(&read, literal);
        freeaddrinfo(literal);
    } else {
        err = look_up_name(&read, host, text, stop);
    }
    if (!err && read.count == 0)
        err = -ENOENT;
    if (!err)
        *addresses = read;
    return err;
}
