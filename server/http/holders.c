#include "http/holders.h"

#include <stdlib.h>

struct holder {
    LIST_ENTRY(holder) chain;
    TAILQ_ENTRY(holder) equals; /* while it has an idle connection */
    uint64_t client;
    size_t count;
    struct held_list idle;
};

enum { CHAINS_MIN = 8 };

int holders_init(struct holders *holders, size_t count_max)
{
    *holders = (struct holders){.chain_count = CHAINS_MIN, .count_max = count_max};
    while (holders->chain_count < count_max)
        holders->chain_count *= 2;
    holders->chains = calloc(holders->chain_count, sizeof *holders->chains);
    holders->equal = calloc(count_max + 1, sizeof *holders->equal);
    if (!holders->chains || !holders->equal) {
        free(holders->chains);
        free(holders->equal);
        return -ENOMEM;
    }
    for (size_t i = 0; i <= count_max; i++)
        TAILQ_INIT(&holders->equal[i]);
    return 0;
}

void holders_free(struct holders *holders)
{
    for (size_t i = 0; i < holders->chain_count; i++)
        INVARIANT(LIST_EMPTY(&holders->chains[i]));
    free(holders->chains);
    free(holders->equal);
}

static size_t rank_of(const struct holders *holders, const struct holder *holder)
{
    return holder->count < holders->count_max ? holder->count : holders->count_max;
}

/* Before and after each change of a holder. */
static void take_out(struct holders *holders, struct holder *holder)
{
    if (!TAILQ_EMPTY(&holder->idle))
        TAILQ_REMOVE(&holders->equal[rank_of(holders, holder)], holder, equals);
}

static void put_in(struct holders *holders, struct holder *holder)
{
    size_t rank = rank_of(holders, holder);
    if (TAILQ_EMPTY(&holder->idle))
        return;
    TAILQ_INSERT_TAIL(&holders->equal[rank], holder, equals);
    if (rank > holders->top)
        holders->top = rank;
}

/* Returns: the holder, which may be a new one that holds nothing, or NULL (no memory). */
static struct holder *find(struct holders *holders, uint64_t client)
{
    struct holder_chain *chain = &holders->chains[client & (holders->chain_count - 1)];
    struct holder *holder;
    LIST_FOREACH(holder, chain, chain)
    {
        if (holder->client == client)
            return holder;
    }
    holder = calloc(1, sizeof *holder);
    if (!holder)
        return NULL;
    holder->client = client;
    TAILQ_INIT(&holder->idle);
    LIST_INSERT_HEAD(chain, holder, chain);
    return holder;
}

int holders_add(struct holders *holders, struct held *held, uint64_t client)
{
    struct holder *holder = find(holders, client);
    *held = (struct held){.holder = holder};
    if (!holder)
        return -ENOMEM;
    take_out(holders, holder);
    holder->count++;
    TAILQ_INSERT_TAIL(&holder->idle, held, siblings);
    held->idle = true;
    put_in(holders, holder);
    return 0;
}

void holders_remove(struct holders *holders, struct held *held)
{
    struct holder *holder = held->holder;
    if (!holder)
        return;
    take_out(holders, holder);
    if (held->idle)
        TAILQ_REMOVE(&holder->idle, held, siblings);
    *held = (struct held){.holder = NULL};
    holder->count--;
    put_in(holders, holder);
    if (holder->count > 0)
        return;
    LIST_REMOVE(holder, chain);
    free(holder);
}

void holders_set_idle(struct holders *holders, struct held *held, bool idle)
{
    struct holder *holder = held->holder;
    if (!holder)
        return;
    take_out(holders, holder);
    if (held->idle)
        TAILQ_REMOVE(&holder->idle, held, siblings);
    if (idle)
        TAILQ_INSERT_TAIL(&holder->idle, held, siblings);
    held->idle = idle;
    put_in(holders, holder);
}

size_t holders_count(const struct held *held)
{
    return held->holder ? held->holder->count : 0;
}

struct held *holders_first_idle(struct holders *holders)
{
    while (holders->top > 0 && TAILQ_EMPTY(&holders->equal[holders->top]))
        holders->top--;
    struct holder *holder = TAILQ_FIRST(&holders->equal[holders->top]);
    return holder ? TAILQ_FIRST(&holder->idle) : NULL;
}
