#include "lan/pending_peers.h"

#include <stdlib.h>
#include <string.h>

const struct allowance_rate newcomers_rate_of_host = {8, 4000}, newcomers_rate_of_all = {64, 100};

void newcomers_open(struct newcomers *newcomers)
{
    *newcomers = (struct newcomers){.heard = 0};
    for (size_t i = 0; i < NEWCOMERS_HOSTS; i++)
        TAILQ_INIT(&newcomers->hosts[i].waiting);
}

void newcomer_free(struct newcomer *newcomer)
{
    if (newcomer)
        free(newcomer->t1);
    free(newcomer);
}

static void remove_newcomer(struct newcomers *newcomers, struct newcomers_host *host,
                            struct newcomer *newcomer)
{
    TAILQ_REMOVE(&host->waiting, newcomer, older);
    host->count--;
    newcomers->count--;
}

static void drop_oldest(struct newcomers *newcomers, struct newcomers_host *host)
{
    struct newcomer *oldest = TAILQ_LAST(&host->waiting, newcomer_queue);
    remove_newcomer(newcomers, host, oldest);
    newcomer_free(oldest);
}

void newcomers_close(struct newcomers *newcomers)
{
    for (size_t i = 0; i < NEWCOMERS_HOSTS; i++)
        while (newcomers->hosts[i].count > 0)
            drop_oldest(newcomers, &newcomers->hosts[i]);
}

/* The host's entry, made at the cost of whoever was not heard of for longest. */
static struct newcomers_host *host_of(struct newcomers *newcomers, const struct lan_source *source)
{
    struct newcomers_host *quietest = newcomers->hosts;
    for (size_t i = 0; i < NEWCOMERS_HOSTS; i++) {
        struct newcomers_host *host = &newcomers->hosts[i];
        if (host->heard > 0 && memcmp(host->host, source->host, LAN_HOST_BYTES) == 0)
            return host;
        if (host->heard < quietest->heard)
            quietest = host;
    }
    while (quietest->count > 0)
        drop_oldest(newcomers, quietest);
    memcpy(quietest->host, source->host, LAN_HOST_BYTES);
    quietest->allowance = (struct allowance){0};
    return quietest;
}

static struct newcomer *copy(const struct newcomer *newcomer)
{
    struct newcomer *copied = malloc(sizeof *copied);
    uint8_t *t1 = malloc(newcomer->t1_bytes);
    if (!copied || !t1) {
        free(copied);
        free(t1);
        return NULL;
    }
    *copied = *newcomer;
    copied->t1 = t1;
    memcpy(t1, newcomer->t1, newcomer->t1_bytes);
    return copied;
}

int newcomers_add(struct newcomers *newcomers, const struct newcomer *newcomer)
{
    struct newcomers_host *host = host_of(newcomers, &newcomer->source);
    struct newcomer *each;
    host->heard = ++newcomers->heard;
    TAILQ_FOREACH(each, &host->waiting, older)
    if (lan_source_same(&each->source, &newcomer->source) &&
        memcmp(each->id, newcomer->id, sizeof each->id) == 0)
        return -EEXIST;
    struct newcomer *added = copy(newcomer);
    if (!added)
        return -ENOMEM;
    if (host->count == NEWCOMERS_OF_HOST)
        drop_oldest(newcomers, host);
    TAILQ_INSERT_HEAD(&host->waiting, added, older);
    host->count++;
    newcomers->count++;
    return 0;
}

/* Whose turn it is: who has used least; among such, who was heard last. Returns: the number of the
 * host, or NEWCOMERS_HOSTS where nobody waits. */
static size_t next_host(const struct newcomers *newcomers)
{
    size_t next = NEWCOMERS_HOSTS;
    for (size_t i = 0; i < NEWCOMERS_HOSTS; i++) {
        const struct newcomers_host *host = &newcomers->hosts[i];
        const struct newcomers_host *best = &newcomers->hosts[next % NEWCOMERS_HOSTS];
        int64_t spent = host->allowance.spent_until_ms, least = best->allowance.spent_until_ms;
        if (host->count > 0 && (next == NEWCOMERS_HOSTS || spent < least ||
                                (spent == least && host->heard > best->heard)))
            next = i;
    }
    return next;
}

struct newcomer *newcomers_take(struct newcomers *newcomers, int64_t now_ms)
{
    size_t next = next_host(newcomers);
    if (next == NEWCOMERS_HOSTS || newcomers_ready_ms(newcomers) > now_ms)
        return NULL;
    struct newcomers_host *host = &newcomers->hosts[next];
    INVARIANT(allowance_use(&host->allowance, &newcomers_rate_of_host, now_ms));
    INVARIANT(allowance_use(&newcomers->all, &newcomers_rate_of_all, now_ms));
    struct newcomer *newest = TAILQ_FIRST(&host->waiting);
    remove_newcomer(newcomers, host, newest);
    return newest;
}

int64_t newcomers_ready_ms(const struct newcomers *newcomers)
{
    size_t next = next_host(newcomers);
    if (next == NEWCOMERS_HOSTS)
        return INT64_MAX;
    int64_t of_host =
        allowance_ready_ms(&newcomers->hosts[next].allowance, &newcomers_rate_of_host);
    int64_t of_all = allowance_ready_ms(&newcomers->all, &newcomers_rate_of_all);
    return of_host > of_all ? of_host : of_all;
}

bool newcomers_has(const struct newcomers *newcomers, const struct lan_source *source)
{
    for (size_t i = 0; i < NEWCOMERS_HOSTS; i++) {
        const struct newcomer *each;
        TAILQ_FOREACH(each, &newcomers->hosts[i].waiting, older)
        if (lan_source_same(&each->source, source))
            return true;
    }
    return false;
}
