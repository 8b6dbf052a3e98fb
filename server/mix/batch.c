#include "mix/batch.h"

#include <stdlib.h>

int batch_init(struct batch *batch, size_t max)
{
    INVARIANT(max > 0);
    *batch = (struct batch){calloc(max, sizeof *batch->items), 0, max};
    return batch->items ? 0 : -ENOMEM;
}

void batch_free(struct batch *batch)
{
    free(batch->items);
    *batch = (struct batch){.count = 0};
}

struct datagram *batch_add(struct batch *batch)
{
    INVARIANT(batch->count < batch->max);
    return &batch->items[batch->count++];
}

void batch_drop_newest(struct batch *batch)
{
    INVARIANT(batch->count > 0);
    batch->count--;
}

/* Fisher and Yates: the one that leaves next is drawn from those that are left. */
void batch_leave(struct batch *batch, const struct random_source *random,
                 void (*send)(void *context, struct datagrams *datagrams), void *context)
{
    struct datagrams leaving = {.count = 0};
    for (size_t left = batch->count; left > 0; left--) {
        size_t drawn = left > 1 ? random_below(random, (uint32_t)left) : 0;
        leaving.items[leaving.count++] = batch->items[drawn];
        batch->items[drawn] = batch->items[left - 1];
        if (leaving.count == DATAGRAMS_BATCH || left == 1) {
            send(context, &leaving);
            leaving.count = 0;
        }
    }
    batch_clear(batch);
}

void batch_clear(struct batch *batch)
{
    batch->count = 0;
}
