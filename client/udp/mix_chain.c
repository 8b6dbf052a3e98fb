#include "udp/mix_inside.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

void mix_chain_failed(struct mix_chain *chain, char *names, size_t bytes)
{
    size_t length = 0;
    names[0] = '\0';
    pthread_mutex_lock(&chain->lock);
    for (size_t i = 0; i < chain->routes.count && length < bytes; i++)
        if (chain->routes.mixes[i].health == MIX_HEALTH_FAILED)
            length += (size_t)snprintf(names + length, bytes - length, "%s%s",
                                       length > 0 ? ", " : "", chain->settings.net->mixes[i].name);
    pthread_mutex_unlock(&chain->lock);
}

/* The thread */

/* What to wait for; which[i] is the mix of waits[i + 1]. */
static nfds_t collect(const struct mix_chain *chain, struct pollfd *waits, size_t *which)
{
    nfds_t count = 1;
    waits[0] = (struct pollfd){.fd = chain->wake, .events = POLLIN};
    for (size_t i = 0; i < chain->routes.count; i++) {
        if (chain->entries[i].socket < 0)
            continue;
        which[count - 1] = i;
        waits[count++] = (struct pollfd){.fd = chain->entries[i].socket, .events = POLLIN};
    }
    return count;
}

static void report(struct mix_chain *chain, const struct mix_notice *notices, size_t count)
{
    for (size_t i = 0; i < count && chain->settings.notice; i++)
        chain->settings.notice(chain->settings.state, &notices[i]);
}

/* One turn: what is due, then wait, then what has come. Returns: false at the end. */
static bool turn(struct mix_chain *chain)
{
    struct pollfd waits[1 + NET_MIXES_MAX];
    size_t which[NET_MIXES_MAX];
    struct mix_notice notices[MIX_NOTICES_MAX];
    eventfd_t woken;
    pthread_mutex_lock(&chain->lock);
    int64_t wait_ms = mix_do_due(chain);
    nfds_t count = collect(chain, waits, which);
    size_t noted = chain->notice_count;
    memcpy(notices, chain->notices, noted * sizeof *notices);
    chain->notice_count = 0;
    bool stopping = chain->stopping;
    pthread_mutex_unlock(&chain->lock);
    report(chain, notices, noted);
    if (stopping)
        return false;
    INVARIANT(poll(waits, count, wait_ms > INT32_MAX ? INT32_MAX : (int)wait_ms) >= 0 ||
              errno == EINTR || errno == ENOMEM);
    (void)eventfd_read(chain->wake, &woken);
    pthread_mutex_lock(&chain->lock);
    for (nfds_t i = 1; i < count; i++)
        if (waits[i].revents)
            mix_take_deliveries(chain, which[i - 1]);
    pthread_mutex_unlock(&chain->lock);
    return true;
}

static void *run(void *state)
{
    while (turn(state))
        continue;
    return NULL;
}

/* Beginning and end */

static void release(struct mix_chain *chain)
{
    for (size_t i = 0; i < chain->routes.count; i++)
        mix_entry_close(&chain->entries[i]);
    mix_surbs_close(&chain->surbs);
    if (chain->wake >= 0)
        close(chain->wake);
    pthread_mutex_destroy(&chain->lock);
    free(chain);
}

/* Returns: 0, -ENOMEM, -EIO. */
static int begin(struct mix_chain *chain)
{
    chain->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (chain->wake < 0)
        return -EIO;
    int err = mix_surbs_open(&chain->surbs);
    if (err)
        return err;
    return pthread_create(&chain->thread, NULL, run, chain) == 0 ? 0 : -EIO;
}

int mix_chain_open(struct mix_chain **chain, const struct mix_chain_settings *settings)
{
    struct mix_chain *made = calloc(1, sizeof *made);
    if (!made)
        return -ENOMEM;
    made->settings = *settings;
    INVARIANT(pthread_mutex_init(&made->lock, NULL) == 0);
    mix_routes_init(&made->routes, settings->net->mix_count, &settings->fixed);
    for (size_t i = 0; i < settings->net->mix_count; i++)
        mix_entry_init(&made->entries[i], &settings->net->mixes[i]);
    made->slot_ms = mix_now_ms(made);
    int err = begin(made);
    if (err)
        release(made);
    else
        *chain = made;
    return err;
}

void mix_chain_free(struct mix_chain *chain)
{
    if (!chain)
        return;
    INVARIANT(!chain->lines);
    pthread_mutex_lock(&chain->lock);
    chain->stopping = true;
    pthread_mutex_unlock(&chain->lock);
    mix_wake(chain->wake);
    INVARIANT(pthread_join(chain->thread, NULL) == 0);
    release(chain);
}

bool mix_chain_covers(const struct mix_chain *chain)
{
    return chain->settings.cover_ms > 0;
}
